#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/study/policy_study.hpp"

#include <cstdint>
#include <string>

namespace chokepoint {

/// What a comparison has to say, in two tables and some sentences.
/// \param folder  Where the results lie.
std::string compare_text(const Model& model, const PolicyStudy& study, std::uint64_t seed,
                         const std::string& folder);

}  // namespace chokepoint
