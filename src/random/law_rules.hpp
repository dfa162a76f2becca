#pragma once

#include <string>

#include "chokepoint/random/distribution.hpp"

namespace chokepoint {

/// \throws std::invalid_argument with a message for users if a parameter is out of its range.
void check(const Distribution::Law& law);

/// The law as written in a scenario, e.g. `lognormal(median 85, sigma 1.2)`.
std::string to_string(const Distribution::Law& law);

}  // namespace chokepoint
