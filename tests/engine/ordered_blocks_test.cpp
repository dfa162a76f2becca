#include "chokepoint/engine/ordered_blocks.hpp"

#include <atomic>
#include <chrono>
#include <numeric>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using Blocks = OrderedBlocks<std::uint64_t>;

/// Takes longer for some blocks than for others, so that they finish out of order.
void dawdle(std::uint64_t block)
{
    std::this_thread::sleep_for(std::chrono::microseconds(block * 7919 % 13 * 50));
}

std::vector<std::uint64_t> first_numbers(std::size_t count)
{
    std::vector<std::uint64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

TEST(OrderedBlocks, HandsEveryBlockOnInItsTurn)
{
    for (const unsigned threads : {1U, 2U, 7U}) {
        std::vector<std::uint64_t> handed_on;
        const auto work = [](unsigned, std::uint64_t block) {
            dawdle(block);
            return block * block;
        };
        const auto hand_on = [&](std::uint64_t block, std::uint64_t&& square) {
            EXPECT_EQ(square, block * block);
            handed_on.push_back(block);
        };
        EXPECT_EQ(Blocks::run(100, threads, work, hand_on, {}), 100);
        EXPECT_EQ(handed_on, first_numbers(100));
    }
}

TEST(OrderedBlocks, LetsFewBlocksRunAheadOfASlowOne)
{
    std::atomic<std::uint64_t> furthest = 0;
    std::atomic<bool> first_done = false;
    const auto work = [&](unsigned, std::uint64_t block) {
        if (block == 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            first_done = true;
        } else if (!first_done) {
            furthest = std::max<std::uint64_t>(furthest, block);
        }
        return block;
    };
    Blocks::run(1000, 3, work, [](std::uint64_t, std::uint64_t&&) {}, {});
    EXPECT_GT(furthest, 0);
    EXPECT_LT(furthest, 12);
}

TEST(OrderedBlocks, KeepsAPrefixWhenStopped)
{
    for (const unsigned threads : {1U, 4U}) {
        std::stop_source source;
        std::vector<std::uint64_t> handed_on;
        const auto work = [&](unsigned, std::uint64_t block) {
            if (block == 20) {
                source.request_stop();
            }
            dawdle(block);
            return block;
        };
        const auto hand_on = [&](std::uint64_t block, std::uint64_t&&) {
            handed_on.push_back(block);
        };
        const std::uint64_t done =
            Blocks::run(1000, threads, work, hand_on, source.get_token());
        EXPECT_GE(done, 21);  // block 20 was under way
        EXPECT_LE(done, 20 + 4 * threads + 1);
        EXPECT_EQ(handed_on, first_numbers(done));
    }
}

TEST(OrderedBlocks, FinishesAndHandsOnEveryBlockThatBeganBeforeAStop)
{
    for (const unsigned threads : {1U, 4U}) {
        std::stop_source source;
        std::atomic<std::uint64_t> begun = 0;
        std::vector<std::uint64_t> handed_on;
        const auto work = [&](unsigned, std::uint64_t block) {
            ++begun;
            if (block == 20) {
                // Long enough for the others to finish blocks behind it and to wait for room.
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                source.request_stop();
            }
            dawdle(block);
            return block;
        };
        const auto hand_on = [&](std::uint64_t block, std::uint64_t&&) {
            handed_on.push_back(block);
        };
        const std::uint64_t done =
            Blocks::run(1000, threads, work, hand_on, source.get_token());
        EXPECT_EQ(done, begun);
        EXPECT_EQ(handed_on, first_numbers(done));
    }
}

TEST(OrderedBlocks, ThrowsWhatTheLowestFailingBlockThrew)
{
    const auto work = [](unsigned, std::uint64_t block) {
        if (block == 5) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        if (block >= 5) {
            throw std::runtime_error("block " + std::to_string(block));
        }
        return block;
    };
    for (const unsigned threads : {1U, 2U, 7U}) {
        try {
            Blocks::run(100, threads, work, [](std::uint64_t, std::uint64_t&&) {}, {});
            ADD_FAILURE() << "nothing thrown";
        } catch (const std::runtime_error& error) {
            EXPECT_STREQ(error.what(), "block 5");
        }
    }
}

TEST(OrderedBlocks, ThrowsWhatHandingOnThrewAndHandsNothingMoreOn)
{
    std::vector<std::uint64_t> handed_on;
    const auto hand_on = [&](std::uint64_t block, std::uint64_t&&) {
        if (block == 3) {
            throw std::runtime_error("full");
        }
        handed_on.push_back(block);
    };
    const auto work = [](unsigned, std::uint64_t block) { return block; };
    EXPECT_THROW(Blocks::run(50, 4, work, hand_on, {}), std::runtime_error);
    EXPECT_EQ(handed_on, first_numbers(3));
}

TEST(OrderedBlocks, NumbersThreadsBelowTheirCount)
{
    const auto work = [](unsigned thread, std::uint64_t block) {
        EXPECT_LT(thread, 3);
        return block;
    };
    EXPECT_EQ(Blocks::run(40, 3, work, [](std::uint64_t, std::uint64_t&&) {}, {}), 40);
}

TEST(OrderedBlocks, DoesNothingWithoutBlocksAndRefusesToRunWithoutThreads)
{
    const auto work = [](unsigned, std::uint64_t block) { return block; };
    const auto hand_on = [](std::uint64_t, std::uint64_t&&) {};
    EXPECT_EQ(Blocks::run(0, 2, work, hand_on, {}), 0);
    EXPECT_THROW(Blocks::run(1, 0, work, hand_on, {}), std::invalid_argument);
}

}  // namespace
}  // namespace chokepoint
