#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace chokepoint::testing {

/// Choices that are read off the bytes of a fuzzer's input, byte by byte; once they are used up
/// the first of each choice.
class FuzzBytes {
public:
    explicit FuzzBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    /// From 0 to `bound` - 1, bound in [1, 256].
    std::size_t below(std::size_t bound)
    {
        if (bytes_.empty()) {
            return 0;
        }
        const std::uint8_t byte = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return byte % bound;
    }
    bool once_in(std::size_t count) { return below(count) == count - 1; }
    /// In [low, high], in 255 steps.
    double number(double low, double high)
    {
        return low + (high - low) * static_cast<double>(below(256)) / 255;
    }
    /// 0 and 1 as often as all between.
    double share() { return once_in(3) ? static_cast<double>(below(2)) : number(0, 1); }

private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace chokepoint::testing
