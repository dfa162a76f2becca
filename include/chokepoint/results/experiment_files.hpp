#pragma once

#include "chokepoint/engine/column_summary.hpp"
#include "chokepoint/engine/stop_rule.hpp"
#include "chokepoint/scenario/experiment.hpp"
#include "chokepoint/study/design.hpp"
#include "chokepoint/study/sensitivity.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// Points that have been computed, in a file that grows by a line each. A line that was cut off
/// or damaged counts as not there.
class PointJournal {
public:
    /// A figure at a point.
    struct Value {
        Estimate estimate;
        std::uint64_t n = 0;
    };

    /// Reads what is there; no file is an empty one.
    void read(const std::filesystem::path& file);

    /// Where `add` writes from now on, all that is known included.
    /// \throws WriteError
    void grow(const std::filesystem::path& file);

    /// The figures of a point. \param key  What they depend on, as SHA-256.
    const std::vector<Value>* find(const std::string& key) const;

    /// \throws WriteError
    void add(const std::string& key, std::vector<Value> values);

    std::size_t size() const { return points_.size(); }

    /// All of it, sorted by key.
    std::string text() const;

private:
    std::filesystem::path file_;
    std::map<std::string, std::vector<Value>> points_;
};

/// Name of the journal's file, in the folder of a finished experiment and in its parts/.
inline constexpr const char* points_file_name = "points.txt";

/// All that an experiment found.
struct ExperimentTable {
    const Experiment* experiment = nullptr;
    Design design;
    std::vector<FigureName> figures;
    std::vector<std::string> units;                        ///< By figure.
    std::vector<std::uint64_t> seeds;                      ///< [point * replicates + replicate]
    std::vector<std::vector<PointJournal::Value>> values;  ///< same, then [figure]
    std::vector<Sensitivity> sensitivities;
};

/// Of each figure its value at each point, the mean of its replicates: [figure][point].
std::vector<std::vector<double>> outputs_of(const ExperimentTable& table);

/// `point,<input>,…`: what each point sets; empty where it is as in the scenario.
std::string design_csv(const ExperimentTable& table);

/// `point,replicate,seed,metric,commodity,region,unit,statistic,value,lower,upper,n`
std::string experiment_csv(const ExperimentTable& table);

/// `input,index,metric,commodity,region,unit,statistic,value,lower,upper`
/// \param units  By figure.
std::string sensitivity_csv(std::span<const Sensitivity> rows,
                            std::span<const FigureName> figures,
                            std::span<const std::string> units);

/// Name of its file.
inline constexpr const char* sensitivity_file_name = "sensitivity.csv";

/// experiment.nc at its hidden path: value, lower and upper over (point, replicate, statistic),
/// each input over (point).
/// \returns What keeps the file there: with it goes the file, unless somebody has taken it.
/// \throws WriteError
std::shared_ptr<const void> write_experiment_nc(const std::filesystem::path& file,
                                                const ExperimentTable& table);

}  // namespace chokepoint
