#pragma once

#include "chokepoint/results/diff.hpp"

#include <string>

namespace chokepoint {

/// Two runs on one screen, at most 100 columns wide: which inputs differ, in a sentence which
/// figures moved, the largest moves, what was compared.
///
/// \param all  Show every key that differs and every figure that moved, within error too; else
///             20 of each, only figures beyond error, those with the same numbers in one line.
std::string diff_text(const RunDiff& diff, bool all);

}  // namespace chokepoint
