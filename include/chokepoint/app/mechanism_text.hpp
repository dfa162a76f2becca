#pragma once

#include "chokepoint/model/model.hpp"

#include <string>

namespace chokepoint {

/// What a model does besides events, for `explain`: its projects, recycling, restrictions that
/// provoke others, and price processes, each with its numbers at their nominal values; nothing
/// of what there is none of.
std::string mechanism_text(const Model& model);

}  // namespace chokepoint
