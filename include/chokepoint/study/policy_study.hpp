#pragma once

#include "chokepoint/engine/run.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/study/comparison.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace chokepoint {

/// One policy against none, on the same random numbers. Money in USD, undiscounted; costs are
/// the treasury's.
struct PolicyOutcome {
    std::string policy;
    std::vector<ColumnComparison> columns;
    // Of the users that the study looks at, all commodities:
    Figure shortfall_share, es_shortfall_share;  ///< Levels.
    Figure cost;                                 ///< Mean; 0 without costs.
    Figure calm_cost;                            ///< What it costs if nothing goes wrong.
    Figure calm_price;      ///< Without events: mean price over the first 24 months, over that
                            ///< without the policy. Above 1: buying makes it dearer first.
    Figure tonnes_avoided;  ///< Shortfall of all commodities together, t.
    Figure usd_per_tonne;   ///< Cost over these; none where they are not told from 0.
    Figure usd_per_usd;     ///< Cost over the value of the shortfall avoided.
    Figure usd_per_es_point;    ///< Cost of each percentage point off the ES of the share.
    Figure users_bill;          ///< Change of what these users pay more (extra_bill), USD.
    Figure other_bill;          ///< The same of the users elsewhere.
    Figure world_bill;          ///< Of all users: what suppliers get more or less.
    Figure regret;              ///< Of the shortfall share, over the policies and none.
    bool is_efficient = false;  ///< By `cost` and the ES of the shortfall share.
};

/// All policies of a study; the first outcome is that of no policy.
struct PolicyStudy {
    std::string region;  ///< Whose users it looks at: a region or a group.
    std::uint64_t trials = 0;
    std::vector<PolicyOutcome> outcomes;
    std::vector<std::vector<Figure>> beats;  ///< [a][b]: trials with a smaller share under a.
};

/// More room at a chokepoint, by rerun on the same trials.
struct RoomValue {
    std::size_t arc = 0;          ///< Position in Model::cappable_arcs.
    double room_t_per_month = 0;  ///< What was added whenever the arc was capped.
    Figure marginal_value;        ///< Without it: what one more tonne is worth, USD/t.
    Figure left_value;            ///< The same once the room is there.
    /// World shortfall of the commodity avoided, t per tonne of room in a month.
    Figure shortfall_avoided;
    /// What all users of the commodity pay less for what they get, USD per tonne of room.
    Figure bill_saved;
    /// Users' surplus that comes back (users_loss avoided), USD per tonne of room; none if the
    /// runs did not measure it.
    Figure surplus;
};

/// \param with, without  Runs of the same trials, with the room and without.
RoomValue room_value(const Model& model, std::size_t arc, double room_t_per_month,
                     const RunResult& with, const RunResult& without);

/// Takes one run after another and keeps of each what a study needs.
class PolicyStudyMaker {
public:
    /// \param region  Whose users are looked at. \throws std::invalid_argument if it has none.
    PolicyStudyMaker(const RunResult& none, std::string region);

    /// Adds a policy's run, of the same trials.
    /// \param calm        Some trials of it without events.
    /// \param calm_early  The same with a horizon of at most `early_months`.
    void add(const std::string& policy, const RunResult& run, const RunResult& calm,
             const RunResult& calm_early);

    PolicyStudy finish();

private:
    const RunResult& none_;
    PolicyStudy study_;
    std::vector<std::vector<double>> shares_;  ///< Shortfall share by policy and trial.
};

inline constexpr int early_months = 24;
inline constexpr std::uint64_t calm_trials = 256;

/// Runs a policy's model without events, for what it costs and does to prices in calm times.
/// \param without  The model without the policy.
RunResult run_calm(const Model& policy, const Model& without, const RunSettings& settings,
                   int months);

}  // namespace chokepoint
