#pragma once

#include "chokepoint/results/result_folder.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/study/policy_study.hpp"

#include <map>
#include <string>
#include <vector>

namespace chokepoint {

/// The tables of the runs of several policies, one below the other.
class PolicyTables {
public:
    /// \param resolved_yaml  The scenario as run under the policy.
    /// \param more           Other tables with a header, by name; the same of each policy.
    void add(const Model& model, const RunReport& report, const std::string& resolved_yaml,
             const std::map<std::string, std::string>& more = {});

    /// Writes metrics.csv, paths.csv, exceedance.csv, chokepoints.csv, events.csv and the
    /// others.
    /// \throws WriteError
    void write(ResultFolder& folder) const;

private:
    struct Table {
        std::string name, text;
    };
    std::vector<Table> tables_;
    std::string resolved_;
};

/// The content of policies.csv: each policy against none, metric by metric, and what the study
/// says of it.
std::string policies_csv(const PolicyStudy& study);

/// The content of chokepoint_values.csv: chokepoints with more room.
std::string chokepoint_values_csv(const Model& model, const std::vector<RoomValue>& rooms);

/// The content of summary.json of a comparison.
std::string comparison_json(const Model& model, const PolicyStudy& study,
                            const Provenance& provenance);

/// Writes all files of a comparison and finishes the folder.
/// \param more  Content of the files that the command adds, by name.
/// \throws WriteError
void write_comparison(const Model& model, const PolicyStudy& study,
                      const std::vector<RoomValue>& rooms, const PolicyTables& tables,
                      const Provenance& provenance, ResultFolder& folder,
                      const std::map<std::string, std::string>& more = {});

}  // namespace chokepoint
