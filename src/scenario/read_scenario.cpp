#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "bind.hpp"
#include "file_kind.hpp"
#include "key_table.hpp"
#include "levers.hpp"
#include "merge.hpp"
#include "messages.hpp"
#include "overrides.hpp"
#include "reading.hpp"
#include "resolved_yaml.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_chain = 8;
constexpr std::size_t most_files = 64;

/// Reads a file and everything that it extends into one tree.
class Loader {
public:
    explicit Loader(Diagnostics& problems) : problems_(problems) {}

    /// The tree of a text, laid over what it extends; nothing after a complaint.
    std::optional<YamlNode> load(const std::string& text, const std::string& file,
                                 const fs::path& folder)
    {
        problems_.add_source(file, text);
        std::optional<YamlNode> tree = parse_yaml(text, file, problems_);
        if (!tree) {
            return std::nullopt;
        }
        if (!check_kind(*tree, FileKind::scenario, problems_)) {
            return std::nullopt;
        }
        const YamlNode* extends = tree->find("extends");
        if (extends == nullptr) {
            return tree;
        }
        std::optional<YamlNode> base = load_bases(*extends, folder);
        if (base) {
            lay_over(*base, std::move(*tree), scenario_shape());
        }
        return base;
    }

    void enter(const fs::path& file)
    {
        std::error_code unknown;  // of a pipe, which has no path of its own
        chain_.push_back(fs::weakly_canonical(file, unknown));
    }

private:
    /// The file that `extends` names, or several, each laid over those before it.
    std::optional<YamlNode> load_bases(const YamlNode& extends, const fs::path& folder)
    {
        const std::span<const YamlNode> files =
            extends.is_list() ? std::span(extends.items) : std::span(&extends, 1);
        if (files.empty()) {
            complain(extends, "names no file (got an empty list)");
        }
        std::optional<YamlNode> base;
        for (const YamlNode& file : files) {
            std::optional<YamlNode> next = load_base(file, folder);
            if (!next) {
                return std::nullopt;
            }
            if (base) {
                lay_over(*base, std::move(*next), scenario_shape());
            } else {
                base = std::move(next);
            }
        }
        return base;
    }

    std::optional<YamlNode> load_base(const YamlNode& extends, const fs::path& folder)
    {
        if (!extends.is_scalar() || extends.text.empty()) {
            complain(extends,
                     fmt::format("must be the path of a file (got {})", found(extends)));
            return std::nullopt;
        }
        const fs::path file = (folder / extends.text).lexically_normal();
        std::error_code unknown;
        const fs::path canonical = fs::weakly_canonical(file, unknown);
        if (std::find(chain_.begin(), chain_.end(), canonical) != chain_.end()) {
            complain(extends,
                     fmt::format("{} extends itself, in the end", in_quotes(file.string())));
            return std::nullopt;
        }
        if (chain_.size() > longest_chain) {
            complain(extends, fmt::format("too many files extend one another (more than {})",
                                          longest_chain));
            return std::nullopt;
        }
        if (std::find(laid_.begin(), laid_.end(), canonical) != laid_.end()) {
            YamlNode nothing;
            nothing.kind = YamlNode::Kind::map;
            nothing.place = extends.place;
            return nothing;  // it lies below already: again, it would undo what lies over it
        }
        if (laid_.size() == most_files) {
            complain(extends, fmt::format("too many files in all (more than {})", most_files));
            return std::nullopt;
        }
        std::string text;
        try {
            text = read_text(file);
        } catch (const FileError& fault) {
            complain(extends, fault.what());
            return std::nullopt;
        }
        laid_.push_back(canonical);
        chain_.push_back(canonical);
        std::optional<YamlNode> tree = load(text, file.string(), file.parent_path());
        chain_.pop_back();
        return tree;
    }

    void complain(const YamlNode& extends, std::string problem)
    {
        problems_.error(extends.place, "extends", std::move(problem),
                        "the path is relative to the file that it is written in");
    }

    Diagnostics& problems_;
    std::vector<fs::path> chain_;  ///< From the file asked for to the one being read.
    std::vector<fs::path> laid_;   ///< All that were read.
};

void apply_overrides(YamlNode& root, const std::vector<std::string>& overrides,
                     Diagnostics& problems)
{
    for (std::size_t i = 0; i < overrides.size(); ++i) {
        const std::string name = fmt::format("<--set {}>", i + 1);
        problems.add_source(name, overrides[i]);
        apply_override(root, overrides[i], name, problems);
    }
}

Scenario bind_checked(const YamlNode& root, Diagnostics& problems)
{
    Scenario scenario;
    try {
        Reading reading(problems);
        scenario = bind_scenario(root, reading);
    } catch (const TooManyProblems&) {
        // They are thrown below.
    }
    std::vector<Diagnostic> sorted = problems.sorted();
    if (problems.has_errors()) {
        throw InputError(std::move(sorted));
    }
    scenario.warnings = std::move(sorted);
    return scenario;
}

/// The tree of a policy file; nothing after a complaint.
std::optional<YamlNode> load_policy(const fs::path& file, Diagnostics& problems)
{
    const std::string text = read_text(file);
    problems.add_source(file.string(), text);
    std::optional<YamlNode> tree = parse_yaml(text, file.string(), problems);
    return tree && check_kind(*tree, FileKind::policy, problems) ? tree : std::nullopt;
}

/// Lays policies over a tree, one after the other.
/// \throws InputError  for what is wrong with the scenario itself, else with a policy.
void apply_policies(YamlNode& root, const std::vector<fs::path>& policies,
                    Diagnostics& problems)
{
    for (const fs::path& file : policies) {
        Diagnostics of_step = problems;  // the base's warnings are given with the last reading
        Reading reading(of_step);
        try {
            const Scenario base = bind_scenario(root, reading);
            if (!of_step.has_errors()) {
                if (const std::optional<YamlNode> policy = load_policy(file, of_step)) {
                    problems.add_source(file.string(), read_text(file));
                    apply_levers(*policy, base, reading, root);
                }
            }
        } catch (const TooManyProblems&) {
            // They are thrown below.
        }
        if (of_step.has_errors()) {
            throw InputError(of_step.sorted());
        }
    }
}

}  // namespace

/// What a file and those that it extends say, and what is wrong with it.
struct ScenarioTree {
    std::string file;
    YamlNode root;
    Diagnostics problems;
};

namespace {

/// \throws InputError  if there is none.
ScenarioTree load_tree(const fs::path& file, const std::string& text, const fs::path& folder,
                       bool is_file)
{
    ScenarioTree tree{.file = file.string(), .root = {}, .problems = {}};
    Loader loader(tree.problems);
    if (is_file) {
        loader.enter(file);
    }
    std::optional<YamlNode> root = loader.load(text, tree.file, folder);
    if (!root) {
        throw InputError(tree.problems.sorted());
    }
    tree.root = std::move(*root);
    return tree;
}

ScenarioTree tree_of_file(const fs::path& file)
{
    return load_tree(file, read_text(file), file.parent_path(), true);
}

Scenario read(ScenarioTree tree, const std::vector<std::string>& overrides,
              const std::vector<fs::path>& policies)
{
    apply_overrides(tree.root, overrides, tree.problems);
    if (!tree.problems.has_errors()) {
        apply_policies(tree.root, policies, tree.problems);
    }
    Scenario scenario = bind_checked(tree.root, tree.problems);
    for (const fs::path& policy : policies) {
        scenario.policies.push_back(policy_name(policy));
    }
    scenario.resolved_yaml = resolved_yaml(std::move(tree.root));
    scenario.place = {tree.file, 0, 0};
    return scenario;
}

}  // namespace

Scenario read_scenario(const std::filesystem::path& file,
                       const std::vector<std::string>& overrides,
                       const std::vector<fs::path>& policies)
{
    return read(tree_of_file(file), overrides, policies);
}

Scenario read_scenario_text(const std::string& text, const std::string& file_name,
                            const std::vector<std::string>& overrides,
                            const std::vector<fs::path>& policies)
{
    return read(load_tree(file_name, text, {}, false), overrides, policies);
}

ParsedScenario::ParsedScenario(const std::filesystem::path& file)
    : tree_(std::make_shared<const ScenarioTree>(tree_of_file(file)))
{}

Scenario ParsedScenario::read(const std::vector<std::string>& overrides,
                              const std::vector<fs::path>& policies) const
{
    return chokepoint::read(*tree_, overrides, policies);
}

FileKind kind_of_file(const fs::path& file)
{
    Diagnostics problems;  // they are told by the reader of its kind
    const std::optional<YamlNode> tree = parse_yaml(read_text(file), file.string(), problems);
    return tree ? kind_of(*tree) : FileKind::scenario;
}

std::string policy_name(const fs::path& file)
{
    Diagnostics problems;
    const std::optional<YamlNode> tree = load_policy(file, problems);
    if (problems.has_errors() || !tree) {
        throw InputError(problems.sorted());
    }
    const YamlNode* name = tree->find("policy");
    return name != nullptr && name->is_scalar() && !name->text.empty() ? name->text
                                                                       : file.stem().string();
}

std::vector<KindInfo> hazard_catalogue()
{
    std::vector<KindInfo> hazards;
    const KeyRow* const standing = find_row("scenario", "standing_measures");
    hazards.push_back({std::string(standing->key), std::string(standing->sentence)});
    for (const KeyRow* row : rows_of("hazards")) {
        hazards.push_back({fmt::format("hazards.{}", row->key), std::string(row->sentence)});
    }
    return hazards;
}

std::vector<KindInfo> lever_catalogue()
{
    std::vector<KindInfo> levers;
    for (const EventKind& kind : all_event_kinds()) {
        if (kind.list == "levers") {
            levers.push_back(
                {std::string(kind.type), std::string(section_info(kind.section).intro)});
        }
    }
    return levers;
}

}  // namespace chokepoint
