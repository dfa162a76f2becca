#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace chokepoint {

/// The counter-based generator Philox4x64 with 10 rounds: block i is a pure function of (key,
/// counter + i), so any place of any stream is reached in constant time.
///
/// Equals Random123's philox4x64-10 and NumPy's `Philox` bit for bit (NumPy increments its
/// counter before the first block). Reference: [salmon2011].
class Philox {
public:
    using result_type = std::uint64_t;
    using Key = std::array<std::uint64_t, 2>;
    using Block = std::array<std::uint64_t, 4>;

    /// Starts at the first number of block `counter`; later blocks count up in `counter[0]`,
    /// with carry into the higher words.
    Philox(Key key, Block counter) : key_(key), counter_(counter) {}

    static constexpr result_type min() { return 0; }
    static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

    result_type operator()()
    {
        if (used_ == numbers_.size()) {
            numbers_ = block(key_, counter_);
            advance_counter();
            used_ = 0;
        }
        return numbers_[used_++];
    }

    /// The four numbers of one block.
    static constexpr Block block(Key key, Block counter)
    {
        constexpr std::uint64_t weyl[] = {0x9e3779b97f4a7c15,
                                          0xbb67ae8584caa73b};  // [salmon2011]
        constexpr std::uint64_t factor[] = {0xd2e7470ee14c6c93, 0xca5a826395121157};
        constexpr int rounds = 10;
        for (int round = 0; round < rounds; ++round) {
            const Product even = multiply(factor[0], counter[0]);
            const Product odd = multiply(factor[1], counter[2]);
            counter = {odd.high ^ counter[1] ^ key[0], odd.low, even.high ^ counter[3] ^ key[1],
                       even.low};
            key = {key[0] + weyl[0], key[1] + weyl[1]};
        }
        return counter;
    }

private:
    struct Product {
        std::uint64_t high, low;
    };

    static constexpr Product multiply(std::uint64_t a, std::uint64_t b)
    {
        __extension__ using Wide = unsigned __int128;
        const Wide product = static_cast<Wide>(a) * b;
        return {static_cast<std::uint64_t>(product >> 64), static_cast<std::uint64_t>(product)};
    }

    void advance_counter()
    {
        for (std::uint64_t& word : counter_) {
            if (++word != 0) {
                return;
            }
        }
    }

    Key key_;
    Block counter_;
    Block numbers_{};
    unsigned used_ = 4;  ///< Numbers of the current block already handed out.
};

}  // namespace chokepoint
