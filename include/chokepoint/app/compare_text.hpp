#pragma once

#include "chokepoint/model/model.hpp"
#include "chokepoint/study/policy_study.hpp"
#include "chokepoint/study/portfolio_risk.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

/// What a comparison has to say, in two tables and some sentences.
/// \param held    Of a portfolio without a policy; null if there is none.
/// \param rooms   Of chokepoints that were given more room.
/// \param folder  Where the results lie.
std::string compare_text(const Model& model, const PolicyStudy& study,
                         const std::vector<RoomValue>& rooms, const PortfolioRisk* held,
                         std::uint64_t seed,
                         const std::string& folder);

}  // namespace chokepoint
