#pragma once

namespace chokepoint {

inline constexpr double kg_per_tonne = 1000;
inline constexpr double million = 1e6;  ///< As money is printed.

}  // namespace chokepoint
