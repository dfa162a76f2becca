#pragma once

#include "chokepoint/results/hindcast.hpp"

#include <string>

namespace chokepoint {

/// The content of hindcast.csv: every point of the record, recorded peaks and gaps beside what
/// the trials say, and the points that were left out with the reason.
std::string hindcast_csv(const Hindcast& hindcast);

/// The content of scores.csv: one line for prices and one for volumes of each hindcast.
std::string scores_csv(const std::vector<Hindcast>& hindcasts);

}  // namespace chokepoint
