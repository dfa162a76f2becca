#pragma once

#include "chokepoint/random/distribution.hpp"
#include "chokepoint/support/diagnostic.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace chokepoint {

/// An input that takes one of some values.
struct ListedValues {
    std::vector<std::string> values;  ///< As YAML on one line.
};

/// An input between two numbers.
struct ValueRange {
    double low = 0, high = 1;
    bool is_log = false;  ///< Evenly in the logarithm.
    std::uint64_t steps = 5;
};

/// An input with a law.
struct ValueLaw {
    Distribution distribution;
    std::uint64_t steps = 5;
};

/// An input whose values are policies laid over the scenario.
struct ListedPolicies {
    std::vector<std::vector<std::filesystem::path>> files;  ///< By value; none: no policy.
};

/// What differs from point to point of an experiment.
struct VariedInput {
    std::string name;
    std::vector<std::string> paths;  ///< Of the scenario's keys; none for policies.
    std::variant<ListedValues, ValueRange, ValueLaw, ListedPolicies> values;
    Place place;

    /// How many values it takes in a grid.
    std::size_t steps() const;
    /// Whether its values are numbers in order.
    bool is_continuous() const;
    /// Its value at u in [0, 1]: of a list the one in whose equal share u lies; of a law its
    /// quantile. \return As it is to be set, `path.to.key=value` for each path.
    std::vector<std::string> overrides_at(double u) const;
    /// The policy files at u; none of other inputs.
    std::vector<std::filesystem::path> policies_at(double u) const;
    /// A number for the value at u: itself, or its place in the list.
    double number_at(double u) const;
    /// What stands in tables for the value at u.
    std::string label_at(double u) const;
};

enum class DesignKind { grid, one_at_a_time, latin_hypercube, sobol, morris, saltelli };

/// The name of a design as experiment files have it.
const char* design_name(DesignKind kind);

/// What an experiment file says.
struct Experiment {
    std::string name;
    std::filesystem::path base;
    std::vector<std::filesystem::path> policies;
    std::filesystem::path portfolio;  ///< Empty: none.
    DesignKind design = DesignKind::grid;
    std::uint64_t points = 64, trajectories = 10, levels = 4;
    std::uint64_t replicates = 1;
    std::optional<std::uint64_t> trials;
    std::uint64_t seed = 1;
    bool has_common_numbers = true;
    std::vector<VariedInput> inputs;
    std::vector<std::string> metrics;  ///< Names of figures.
    Place place_of_metrics;
    std::string text;  ///< The file.
};

/// Reads an experiment file; the base scenario and its policies are not opened.
/// \throws InputError  with every problem of the file at once.
/// \throws FileError   if it cannot be opened.
Experiment read_experiment(const std::filesystem::path& file);

/// The format page docs/experiment-format.md, from the key table.
std::string experiment_format_page();

}  // namespace chokepoint
