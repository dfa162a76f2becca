#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/trial_table.hpp"
#include "chokepoint/results/trials_file.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// The files that take the trials of a run one by one, as far as the options ask for them:
/// trials.nc, years.csv, episodes.csv.
class TrialFiles {
public:
    /// \param model, columns  Of the run; must outlive the files, as the folder must.
    /// \throws WriteError
    TrialFiles(const RunOptions& options, const Model& model,
               const std::vector<Column>& columns, const TrialsOrigin& origin,
               const ResultFolder& folder);

    /// Makes a run hand its trials to them. \param settings  Must not outlive the files.
    void listen(RunSettings& settings);

    /// They are whole from now on. Gives their names, for the folder to adopt.
    /// \throws WriteError
    std::vector<std::string> finish();

private:
    std::optional<TrialsFile> trials_;
    std::optional<YearTable> years_;
    std::optional<EpisodeTable> episodes_;
};

}  // namespace chokepoint
