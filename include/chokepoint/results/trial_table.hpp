#pragma once

#include "chokepoint/engine/trial_sink.hpp"
#include "chokepoint/metrics/area.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/results/write_file.hpp"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// The name of the year loss table in a folder of results, and of the table of episodes.
inline constexpr const char* years_file_name = "years.csv";
inline constexpr const char* episodes_file_name = "episodes.csv";

/// years.csv, the year loss table, written while the run goes on: a line for each trial, year,
/// commodity and area in which users go short or pay more or less than undisturbed, with the
/// sum over the year and its worst month of each loss, and the trial's weight. All other years
/// are without loss; a mean or quantile has to count them too.
///
/// Lies at its hidden path until it is adopted by the folder, as TrialsFile does.
class YearTable final : public TrialSink {
public:
    /// \param columns  Of the run, in its order.
    /// \throws WriteError
    YearTable(const std::filesystem::path& file, const std::vector<Column>& columns,
              const std::string& policy = "none");

    /// \throws WriteError
    void take(const FinishedTrials& trials) override;
    /// The file is whole from now on. \throws WriteError
    void finish() { file_.finish(); }

private:
    /// The columns of users in a year: of each loss.
    struct Row {
        std::string commodity, area, unit;
        int year = 0;
        std::vector<std::size_t> columns;  ///< In the order of the header.
    };

    GrowingFile file_;
    std::string policy_;
    std::vector<Row> rows_;
};

/// episodes.csv, written while the run goes on: a line for each run of months in which users
/// of an area go short (Episode), with the trial's weight.
class EpisodeTable final : public TrialSink {
public:
    /// \throws WriteError
    EpisodeTable(const std::filesystem::path& file, const Model& model);

    /// \throws WriteError
    void take(const FinishedTrials& trials) override;
    /// The file is whole from now on. \throws WriteError
    void finish() { file_.finish(); }

private:
    GrowingFile file_;
    const Model& model_;
    std::vector<Users> users_;
};

}  // namespace chokepoint
