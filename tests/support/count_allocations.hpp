#pragma once

// Counts what a test program takes from the heap. Defines the global operators, so it belongs
// in one source file of a program only.

#include <cstddef>
#include <cstdlib>
#include <new>

namespace chokepoint {

/// How often memory was taken from the heap so far. Not for programs with several threads.
inline std::size_t allocation_count = 0;

}  // namespace chokepoint

// Not inlined: g++ 12 takes an inlined `free` for a mismatch with `new`.
[[gnu::noinline]] void* operator new(std::size_t size)
{
    ++chokepoint::allocation_count;
    if (void* memory = std::malloc(size > 0 ? size : 1)) {
        return memory;
    }
    throw std::bad_alloc();
}
// Without it std::stable_sort's would come from elsewhere, and go back here.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    ++chokepoint::allocation_count;
    return std::malloc(size > 0 ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept
{
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
