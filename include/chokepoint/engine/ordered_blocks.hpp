#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace chokepoint {

/// Numbered blocks of work, done by several threads at once and handed on in their order.
///
/// Threads take blocks in order. A thread waits before it takes a block that lies too far ahead
/// of the first block not handed on, so only a few finished blocks ever wait for their turn.
template <class Block>
class OrderedBlocks {
public:
    /// Does a block; called with the number of the thread (0 … threads - 1) and of the block.
    using Work = std::function<Block(unsigned thread, std::uint64_t block)>;
    /// Takes a finished block; called for blocks 0, 1, 2 …, in one thread at a time.
    using HandOn = std::function<void(std::uint64_t block, Block&& finished)>;

    /// Does blocks 0 … count - 1.
    ///
    /// When `stop` is requested, no new block begins; those under way are finished and handed
    /// on.
    ///
    /// \returns How many blocks were handed on.
    /// \throws std::invalid_argument  without a thread
    /// \throws what the lowest-numbered failing block threw, after all threads have ended
    static std::uint64_t run(std::uint64_t count, unsigned threads, Work work, HandOn hand_on,
                             std::stop_token stop)
    {
        if (threads == 0) {
            throw std::invalid_argument("OrderedBlocks: no threads (needs at least one)");
        }
        OrderedBlocks blocks(count, threads, std::move(work), std::move(hand_on),
                             std::move(stop));
        {
            std::vector<std::jthread> pool;
            for (unsigned thread = 0; thread < threads && thread < count; ++thread) {
                pool.emplace_back([&blocks, thread] { blocks.work_through(thread); });
            }
        }
        if (blocks.failure_) {
            std::rethrow_exception(blocks.failure_);
        }
        return blocks.handed_on_;
    }

private:
    OrderedBlocks(std::uint64_t count, unsigned threads, Work work, HandOn hand_on,
                  std::stop_token stop)
        : count_(count),
          lead_(blocks_ahead_per_thread * threads),
          work_(std::move(work)),
          hand_on_(std::move(hand_on)),
          stop_(std::move(stop))
    {}

    void work_through(unsigned thread)
    {
        while (const std::optional<std::uint64_t> block = take()) {
            try {
                finish(*block, work_(thread, *block));
            } catch (...) {
                fail(*block, std::current_exception());
            }
        }
    }

    /// The next block to do, if there is one.
    std::optional<std::uint64_t> take()
    {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return failure_ || next_ < handed_on_ + lead_; });
        if (failure_ || next_ == count_ || stop_.stop_requested()) {
            return std::nullopt;
        }
        return next_++;
    }

    /// Keeps a finished block; hands on all whose turn has come unless another thread does so.
    void finish(std::uint64_t block, Block&& finished)
    {
        std::unique_lock lock(mutex_);
        waiting_.emplace(block, std::move(finished));
        if (handing_on_) {
            return;
        }
        handing_on_ = true;
        while (!waiting_.empty() && waiting_.begin()->first == handed_on_) {
            auto turn = waiting_.extract(waiting_.begin());
            lock.unlock();
            try {
                hand_on_(turn.key(), std::move(turn.mapped()));
            } catch (...) {
                fail(turn.key(), std::current_exception());
                return;  // still marked as handing on: nothing may follow this block
            }
            lock.lock();
            ++handed_on_;
            room_.notify_all();
        }
        handing_on_ = false;
    }

    /// Keeps the failure of the lowest block; no thread takes another one.
    void fail(std::uint64_t block, std::exception_ptr failure)
    {
        const std::scoped_lock lock(mutex_);
        if (!failure_ || block < failed_block_) {
            failure_ = std::move(failure);
            failed_block_ = block;
        }
        room_.notify_all();
    }

    static constexpr std::uint64_t blocks_ahead_per_thread = 4;

    const std::uint64_t count_;
    const std::uint64_t lead_;
    const Work work_;
    const HandOn hand_on_;
    const std::stop_token stop_;

    std::mutex mutex_;
    std::condition_variable room_;
    std::map<std::uint64_t, Block> waiting_;
    std::uint64_t next_ = 0;
    std::uint64_t handed_on_ = 0;
    bool handing_on_ = false;
    std::exception_ptr failure_;
    std::uint64_t failed_block_ = 0;
};

}  // namespace chokepoint
