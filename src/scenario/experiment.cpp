#include "chokepoint/scenario/experiment.hpp"

#include "file_kind.hpp"
#include "messages.hpp"
#include "reading.hpp"
#include "resolved_yaml.hpp"
#include "scalars.hpp"
#include "section.hpp"
#include "yaml_tree.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

constexpr const char* design_names[] = {"grid",  "one_at_a_time", "latin_hypercube",
                                        "sobol", "morris",        "saltelli"};

/// Of n equal shares of [0, 1] the one in which u lies.
std::size_t share_of(double u, std::size_t n)
{
    return std::min(static_cast<std::size_t>(u * static_cast<double>(n)), n - 1);
}

/// Reads what an experiment file says, and complains of all that is wrong with it.
class ExperimentReader {
public:
    ExperimentReader(Reading& reading, const YamlNode& root, const fs::path& file)
        : top_(reading, "experiment", root, ""), folder_(file.parent_path())
    {}

    Experiment read(const fs::path& file)
    {
        Experiment experiment;
        top_.whole("schema");
        experiment.name =
            top_.has("experiment") ? top_.text("experiment") : file.stem().string();
        experiment.base = folder_ / top_.text("base");
        experiment.policies = files(top_, "policies");
        if (top_.has("portfolio")) {
            experiment.portfolio = folder_ / top_.text("portfolio");
        }
        const auto design =
            std::find(std::begin(design_names), std::end(design_names), top_.choice("design"));
        if (design != std::end(design_names)) {
            experiment.design = static_cast<DesignKind>(design - std::begin(design_names));
        }
        experiment.points = top_.whole("points");
        experiment.trajectories = top_.whole("trajectories");
        experiment.levels = top_.whole("levels");
        if (experiment.levels % 2 != 0) {
            top_.error("levels", fmt::format("must be even (got {})", experiment.levels));
        }
        experiment.replicates = top_.whole("replicates");
        experiment.trials = top_.whole_if_written("trials");
        experiment.seed = top_.whole("seed");
        experiment.has_common_numbers = top_.flag("common_random_numbers").value_or(true);
        read_inputs(experiment);
        read_metrics(experiment);
        return experiment;
    }

private:
    void read_inputs(Experiment& experiment)
    {
        if (const YamlNode* vary = top_.node("vary");
            vary != nullptr && vary->is_list() && vary->items.empty()) {
            top_.error("vary", "names no input (got an empty list)");
        }
        top_.each_entry("vary", [&](const Section& keys, const std::string& name) {
            read_input(keys, name, experiment);
        });
        if (experiment.design != DesignKind::morris
            && experiment.design != DesignKind::saltelli) {
            return;
        }
        for (const VariedInput& input : experiment.inputs) {
            if (const auto* policies = std::get_if<ListedPolicies>(&input.values);
                policies != nullptr && experiment.design == DesignKind::morris) {
                top_.reading().error(input.place, "vary." + input.name,
                                     "policies are in no order, which morris needs (other "
                                     "designs take them)");
            }
        }
    }

    void read_input(const Section& keys, const std::string& name, Experiment& experiment)
    {
        constexpr const char* ways[] = {"values", "range", "distribution", "policies"};
        const auto written = std::count_if(std::begin(ways), std::end(ways),
                                           [&](const char* way) { return keys.has(way); });
        if (written != 1) {
            keys.error_here(
                fmt::format("must have one of values, range, distribution and "
                            "policies (got {})",
                            written == 0 ? "none" : "several"));
            return;
        }
        VariedInput input{
            .name = name, .paths = {}, .values = ListedValues{}, .place = keys.place()};
        const bool has_policies = keys.has("policies");
        if (has_policies == keys.has("path")) {
            keys.error(has_policies ? "path" : "name",
                       has_policies ? "does not go with policies" : "needs a path beside it");
            return;
        }
        for (const YamlNode* path : items(keys, "path")) {
            input.paths.push_back(path->text);
        }
        const std::uint64_t steps = keys.whole("steps");
        if (keys.has("values")) {
            input.values = ListedValues{listed(keys)};
        } else if (keys.has("range")) {
            input.values = range(keys, steps);
        } else if (keys.has("distribution")) {
            input.values = ValueLaw{keys.number("distribution").distribution, steps};
        } else {
            input.values = policies(keys);
        }
        experiment.inputs.push_back(std::move(input));
    }

    static std::vector<std::string> listed(const Section& keys)
    {
        std::vector<std::string> values;
        const YamlNode* node = keys.node("values");
        if (node == nullptr || !node->is_list() || node->items.empty()) {
            keys.error("values", fmt::format("must be a list of values (got {})",
                                             node == nullptr ? "nothing" : found(*node)));
            return {"0"};
        }
        for (const YamlNode& item : node->items) {
            values.push_back(one_line_yaml(item));
        }
        return values;
    }

    static ValueRange range(const Section& keys, std::uint64_t steps)
    {
        ValueRange range{.is_log = keys.choice("scale") == "log", .steps = steps};
        const YamlNode* node = keys.node("range");
        std::optional<double> low, high;
        if (node != nullptr && node->is_list() && node->items.size() == 2) {
            low = parse_number(node->items[0]).value;
            high = parse_number(node->items[1]).value;
        }
        if (!low || !high || !(*low < *high) || (range.is_log && !(*low > 0))) {
            keys.error("range",
                       fmt::format("must be [low, high], two numbers of which the first "
                                   "is smaller{} (got {})",
                                   range.is_log ? " and positive" : "",
                                   node == nullptr ? "nothing" : one_line_yaml(*node)));
            return range;
        }
        range.low = *low;
        range.high = *high;
        return range;
    }

    ListedPolicies policies(const Section& keys) const
    {
        ListedPolicies policies;
        const YamlNode* node = keys.node("policies");
        const bool is_sound = node != nullptr && node->is_list() && !node->items.empty();
        if (!is_sound) {
            keys.error("policies", "must be a list of policy files, lists of them, or none");
            return {{{}}};
        }
        for (const YamlNode& item : node->items) {
            std::vector<fs::path> files;
            const bool is_none = item.is_scalar() && item.text == "none";
            for (const YamlNode& file : item.is_list() ? item.items : std::vector{item}) {
                if (!file.is_scalar() || file.text.empty()) {
                    keys.error("policies",
                               fmt::format("must name policy files (got {})", found(file)));
                } else if (!is_none) {
                    files.push_back(folder_ / file.text);
                }
            }
            policies.files.push_back(std::move(files));
        }
        return policies;
    }

    void read_metrics(Experiment& experiment)
    {
        experiment.place_of_metrics = top_.place_of("metrics");
        for (const YamlNode* item : items(top_, "metrics")) {
            experiment.metrics.push_back(item->text);
        }
        if (top_.has("metrics") && experiment.metrics.empty()) {
            top_.error("metrics", "names no figure");
        }
    }

    std::vector<fs::path> files(const Section& keys, std::string_view key) const
    {
        std::vector<fs::path> files;
        for (const YamlNode* item : items(keys, key)) {
            files.push_back(folder_ / item->text);
        }
        return files;
    }

    /// A text, or the texts of a list.
    static std::vector<const YamlNode*> items(const Section& keys, std::string_view key)
    {
        std::vector<const YamlNode*> items;
        const YamlNode* node = keys.node(key);
        if (node == nullptr) {
            return items;
        }
        if (node->is_list()) {
            for (const YamlNode& item : node->items) {
                items.push_back(&item);
            }
        } else {
            items.push_back(node);
        }
        if (!std::all_of(items.begin(), items.end(), [](const YamlNode* item) {
                return item->is_scalar() && !item->text.empty();
            })) {
            keys.complain(key);
            items.clear();
        }
        return items;
    }

    Section top_;
    fs::path folder_;
};

/// The tree of a file; nothing after a complaint.
std::optional<YamlNode> load(const fs::path& file, const std::string& text,
                             Diagnostics& problems)
{
    problems.add_source(file.string(), text);
    std::optional<YamlNode> tree = parse_yaml(text, file.string(), problems);
    return tree && check_kind(*tree, FileKind::experiment, problems) ? tree : std::nullopt;
}

}  // namespace

const char* design_name(DesignKind kind)
{
    return design_names[static_cast<std::size_t>(kind)];
}

std::size_t VariedInput::steps() const
{
    if (const auto* listed = std::get_if<ListedValues>(&values)) {
        return listed->values.size();
    }
    if (const auto* policies = std::get_if<ListedPolicies>(&values)) {
        return policies->files.size();
    }
    const auto* range = std::get_if<ValueRange>(&values);
    return range != nullptr ? range->steps : std::get<ValueLaw>(values).steps;
}

bool VariedInput::is_continuous() const
{
    return std::holds_alternative<ValueRange>(values)
           || std::holds_alternative<ValueLaw>(values);
}

double VariedInput::number_at(double u) const
{
    if (const auto* range = std::get_if<ValueRange>(&values)) {
        return range->is_log ? range->low * std::pow(range->high / range->low, u)
                             : range->low + u * (range->high - range->low);
    }
    if (const auto* law = std::get_if<ValueLaw>(&values)) {
        constexpr double edge = 0.025;  // laws may have no ends; only morris gets to them
        return law->distribution.quantile(u <= 0 ? edge : u >= 1 ? 1 - edge : u);
    }
    return static_cast<double>(share_of(u, steps()));
}

std::string VariedInput::label_at(double u) const
{
    if (const auto* listed = std::get_if<ListedValues>(&values)) {
        return listed->values[share_of(u, listed->values.size())];
    }
    if (std::holds_alternative<ListedPolicies>(values)) {
        std::vector<std::string> names;
        for (const fs::path& file : policies_at(u)) {
            names.push_back(file.stem().string());
        }
        return names.empty() ? "none" : fmt::format("{}", fmt::join(names, " + "));
    }
    return shown(number_at(u));
}

std::vector<std::string> VariedInput::overrides_at(double u) const
{
    std::vector<std::string> overrides;
    for (const std::string& path : paths) {
        overrides.push_back(path + "=" + label_at(u));
    }
    return overrides;
}

std::vector<fs::path> VariedInput::policies_at(double u) const
{
    const auto* policies = std::get_if<ListedPolicies>(&values);
    return policies == nullptr ? std::vector<fs::path>()
                               : policies->files[share_of(u, policies->files.size())];
}

Experiment read_experiment(const fs::path& file)
{
    Diagnostics problems;
    const std::string text = read_text(file);
    Experiment experiment;
    if (const std::optional<YamlNode> root = load(file, text, problems)) {
        try {
            Reading reading(problems);
            experiment = ExperimentReader(reading, *root, file).read(file);
        } catch (const TooManyProblems&) {
            // They are thrown below.
        }
    }
    if (problems.has_errors()) {
        throw InputError(problems.sorted());
    }
    experiment.text = text;
    return experiment;
}

}  // namespace chokepoint
