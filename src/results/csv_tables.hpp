#pragma once

#include "chokepoint/engine/summarise.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/results/chokepoint_table.hpp"

#include <string>
#include <vector>

namespace chokepoint {

// The content of the CSV files of a run. Numbers are the shortest text that reads back as the
// same number; figures that do not exist are empty; `inf` stands for "not within the horizon".

std::string metrics_csv(const RunSummary& summary);
/// The content of exceedance.csv: losses by return period.
std::string histograms_csv(const RunSummary& summary);
std::string exceedance_csv(const RunSummary& summary);

std::string paths_csv(const Model& model, const RunSummary& summary);
std::string chokepoints_csv(const Model& model, const std::vector<Chokepoint>& chokepoints);
std::string events_csv(const RunSummary& summary);

}  // namespace chokepoint
