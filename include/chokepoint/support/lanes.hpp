#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

// Trials side by side: an array [entity * lanes + lane] holds a number of an entity for each of
// several trials, so that one loop over lanes does the same work for all of them at once.

/// Marks a function whose inner loops go over lanes: it is compiled for several instruction
/// sets, and the processor's own is taken at start. All give the same bits, since nothing is
/// fused or summed in another order. What it calls must be inlined into it (always_inline), and
/// it must not be defined in a header. Sanitizers cannot look before they are started, and
/// clang has no such clones here: they build one, as does CHOKEPOINT_ONE_INSTRUCTION_SET.
#if !defined(CHOKEPOINT_ONE_INSTRUCTION_SET) && defined(__x86_64__) && defined(__GNUC__) \
    && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CHOKEPOINT_LANE_LOOPS __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define CHOKEPOINT_LANE_LOOPS
#endif

namespace chokepoint {

/// As many trials as go side by side at most: a block of 64 and its twins. More would not stay
/// in a core's own cache.
inline constexpr std::size_t most_lanes = 72;

/// Our own fault in one of several trials side by side.
class LaneError : public std::logic_error {
public:
    LaneError(std::size_t in_lane, const std::string& problem)
        : std::logic_error(problem), lane(in_lane)
    {}
    std::size_t lane;
};

}  // namespace chokepoint
