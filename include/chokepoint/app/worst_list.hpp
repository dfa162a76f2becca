#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/engine/summarise.hpp"
#include "chokepoint/model/model.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chokepoint {

inline constexpr const char* worst_file_name = "worst.csv";

/// The trials to look at: those with the largest values of a metric.
struct WorstList {
    struct Row {
        std::uint64_t trial = 0;
        double value = 0;
        std::string events;  ///< What happened: entries of the scenario, and how often.
        std::string story;   ///< Why the price moved that cost users most (account_text).
    };
    std::string policy = "none";
    Column column;
    std::uint64_t seed = 0;
    bool is_tilted = false;  ///< Drawn from laws that stand in tilt.json.
    std::vector<Row> rows;   ///< The worst first.
};

/// The column by which trials are listed where none is asked for: what the portfolio loses, else
/// the shortfall of all commodities in the world.
std::size_t usual_worst_column(const std::vector<Column>& columns, bool has_portfolio);

/// The ten worst trials of a run by a column, each drawn again to tell what happened in it.
WorstList worst_list(const Model& model, const RunResult& result, std::size_t column,
                     const RunSettings& settings);

/// The content of worst.csv.
std::string worst_csv(const WorstList& list);

/// A table for a terminal, and how to replay a trial. \param options  Of the run.
std::string worst_text(const WorstList& list, const RunOptions& options);

}  // namespace chokepoint
