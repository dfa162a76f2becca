#pragma once

#include "chokepoint/engine/trial_sink.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

class NetcdfFile;

/// Which run the trials of a file belong to.
struct TrialsOrigin {
    std::uint64_t trials = 0;  ///< How many there are to be, at most.
    std::uint64_t seed = 0;
    Sampling sampling = Sampling::plain;
    std::string scenario_sha256;  ///< Of the scenario as run.
};

/// The name of the file in a folder of results.
inline constexpr const char* trials_file_name = "trials.nc";

/// trials.nc: every figure of every trial, written while the run goes on.
///
/// NetCDF-4. For each metric one variable of its name over (trial, commodity, region), with
/// coordinates of these names: numbers of trials; commodities and `all`; regions and groups.
/// NaN where there is no such figure. `log_weight` over (trial) where trials have weights.
/// Figures of single arcs are left out. Each commodity and region is stored apart from the
/// others, so that reading one reads nothing else, and what nobody asks for takes no space.
///
/// The bytes depend on columns, trials and origin alone. The file lies at its hidden path
/// (`hidden_path`), where `ResultFolder::adopt` finds it once it is finished; it is removed on
/// destruction if nobody has taken it from there.
class TrialsFile : public TrialSink {
public:
    /// \param columns  Of the run, in its order.
    /// \throws WriteError
    TrialsFile(const std::filesystem::path& file, const Model& model,
               const std::vector<Column>& columns, const TrialsOrigin& origin);
    ~TrialsFile() override;

    /// Keeps them until a chunk is full, then writes it.
    /// \throws WriteError
    void take(const FinishedTrials& trials) override;

    /// Writes what is left. The file is whole from now on.
    /// \throws WriteError
    void finish();

private:
    /// Where a column of the run goes.
    struct Place {
        std::size_t column, commodity, region;
        int variable;
    };
    struct Axes;

    Axes add_axes(const Model& model);
    void add_metrics(const Axes& axes, const std::vector<Column>& columns);
    void keep(const FinishedTrials& trials, std::uint64_t from, std::size_t count);
    void keep_weights(std::span<const double> log_weights);
    void write_chunk();

    std::unique_ptr<NetcdfFile> file_;
    int trial_dimension_ = 0, number_variable_ = 0;
    std::optional<int> weight_variable_;
    std::vector<Place> places_;
    std::size_t chunk_;  ///< Trials that are written together.

    std::size_t written_ = 0;            ///< Trials in the file.
    std::vector<std::int64_t> numbers_;  ///< Of the trials that wait for the next chunk.
    std::vector<double> values_;         ///< Theirs, [place * chunk + trial].
    std::vector<double> log_weights_;    ///< Theirs; empty if trials have no weights.
};

}  // namespace chokepoint
