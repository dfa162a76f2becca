#include "chokepoint/app/trial_files.hpp"

#include <algorithm>

namespace chokepoint {
namespace {

bool asks_for(const RunOptions& options, Table table)
{
    return std::find(options.tables.begin(), options.tables.end(), table)
           != options.tables.end();
}

}  // namespace

TrialFiles::TrialFiles(const RunOptions& options, const Model& model,
                       const std::vector<Column>& columns, const TrialsOrigin& origin,
                       const ResultFolder& folder)
{
    if (options.keep_trials != KeepTrials::none) {
        trials_.emplace(folder.path() / trials_file_name, model, columns, origin);
    }
    if (asks_for(options, Table::years)) {
        years_.emplace(folder.path() / years_file_name, columns, model.policy);
    }
    if (asks_for(options, Table::episodes)) {
        episodes_.emplace(folder.path() / episodes_file_name, model);
    }
}

void TrialFiles::listen(RunSettings& settings)
{
    settings.records_episodes = episodes_.has_value();
    if (trials_) {
        settings.sinks.push_back(&*trials_);
    }
    if (years_) {
        settings.sinks.push_back(&*years_);
    }
    if (episodes_) {
        settings.sinks.push_back(&*episodes_);
    }
}

std::vector<std::string> TrialFiles::finish()
{
    std::vector<std::string> names;
    if (trials_) {
        trials_->finish();
        names.emplace_back(trials_file_name);
    }
    if (years_) {
        years_->finish();
        names.emplace_back(years_file_name);
    }
    if (episodes_) {
        episodes_->finish();
        names.emplace_back(episodes_file_name);
    }
    return names;
}

}  // namespace chokepoint
