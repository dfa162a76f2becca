#pragma once

#include "chokepoint/support/lane_array.hpp"
#include "chokepoint/trial/path.hpp"
#include "chokepoint/trial/trial.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace chokepoint {

/// Trials that were run one after another, with their months gathered into lanes.
class GatheredTrials {
public:
    /// Trials first … first + lanes - 1.
    GatheredTrials(const Model& model, std::uint64_t seed, std::uint64_t first,
                   std::size_t lanes)
    {
        TrialRunner runner(model, seed);
        for (std::uint64_t trial = first; trial < first + lanes; ++trial) {
            const TrialRecord record = runner.run(trial);
            kept_.push_back({*record.parameters, *record.reference, *record.disrupted});
            trials_.push_back({trial, &kept_.back().parameters});
        }
    }

    std::size_t months() const { return kept_.front().reference.months; }
    std::span<const LaneTrial> trials() const { return trials_; }

    /// What a meter is shown of one trial alone.
    TrialRecord record(std::size_t lane) const
    {
        return {.trial = trials_[lane].trial,
                .parameters = &kept_[lane].parameters,
                .timeline = nullptr,
                .reference = &kept_[lane].reference,
                .disrupted = &kept_[lane].disrupted};
    }

    /// Valid until the next one.
    LaneMonth month(std::size_t month)
    {
        return {.month = month,
                .lanes = trials_.size(),
                .reference = gather(&Kept::reference, month, reference_),
                .disrupted = gather(&Kept::disrupted, month, disrupted_)};
    }

private:
    struct Kept {
        Parameters parameters;
        Path reference, disrupted;
    };
    using Rows = std::array<LaneArray<double>, month_tables.size()>;

    RunMonth gather(Path Kept::*run, std::size_t month, Rows& rows) const
    {
        RunMonth gathered;
        for (std::size_t table = 0; table < rows.size(); ++table) {
            for (std::size_t lane = 0; lane < kept_.size(); ++lane) {
                const RunMonth alone = run_month(kept_[lane].*run, month);
                const std::span<const double> entities = alone.*month_tables[table].month;
                rows[table].resize(entities.size() * kept_.size());
                for (std::size_t entity = 0; entity < entities.size(); ++entity) {
                    rows[table][entity * kept_.size() + lane] = entities[entity];
                }
            }
            gathered.*month_tables[table].month = rows[table];
        }
        return gathered;
    }

    std::deque<Kept> kept_;
    std::vector<LaneTrial> trials_;
    Rows reference_, disrupted_;
};

}  // namespace chokepoint
