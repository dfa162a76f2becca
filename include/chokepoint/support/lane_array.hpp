#pragma once

#include <cstddef>
#include <new>
#include <vector>

namespace chokepoint {

/// Gives memory that begins with a cache line. Rows of 8, 16 … 64 lanes then share no line, and
/// no vector of a lane loop reaches over two.
template <class Number>
struct LineAllocator {
    using value_type = Number;
    static constexpr std::align_val_t line{64};

    LineAllocator() = default;
    template <class Other>
    explicit LineAllocator(const LineAllocator<Other>&)
    {}

    Number* allocate(std::size_t size)
    {
        return static_cast<Number*>(::operator new(size * sizeof(Number), line));
    }
    void deallocate(Number* memory, std::size_t) { ::operator delete(memory, line); }

    bool operator==(const LineAllocator&) const = default;
};

/// Numbers at [entity * lanes + lane].
template <class Number>
using LaneArray = std::vector<Number, LineAllocator<Number>>;

}  // namespace chokepoint
