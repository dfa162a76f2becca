#include "overrides.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "key_table.hpp"
#include "messages.hpp"

namespace chokepoint {
namespace {

struct Step {
    std::string word;
    Place place;
};

std::vector<Step> steps_of(const std::string& path, const std::string& file)
{
    std::vector<Step> steps{{"", {file, 1, 1}}};
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '.') {
            steps.push_back({"", {file, 1, static_cast<int>(i) + 2}});
        } else {
            steps.back().word += path[i];
        }
    }
    return steps;
}

/// The value behind the `=`; nothing after a complaint. It is padded from the left so that its
/// places count from the start of the whole override.
std::optional<YamlNode> value_of(const std::string& text, std::size_t equals,
                                 const std::string& file, const std::string& path,
                                 Diagnostics& problems)
{
    const std::string value = text.substr(equals + 1);
    auto node = parse_yaml(std::string(equals + 1, ' ') + value, file, problems);
    if (node && node->kind == YamlNode::Kind::empty) {
        problems.error({file, 1, static_cast<int>(equals) + 2}, path,
                       "has no value behind the =");
        return std::nullopt;
    }
    return node;
}

/// Walks down a tree, step by step, and says where it cannot go on.
class Walk {
public:
    Walk(YamlNode& root, Diagnostics& problems) : node_(&root), problems_(problems) {}

    /// Goes to a key or named entry; false after a complaint.
    bool go(const Step& step)
    {
        const bool moved = node_->is_list() ? go_to_entry(step) : go_to_key(step);
        shape_ = shape_below(shape_, step.word);
        path_ = joined_path(path_, step.word);
        return moved;
    }

    /// Sets a key of the present map; false after a complaint.
    void set(const Step& step, YamlNode value)
    {
        if (node_->is_list()) {
            problems_.error(step.place, path_,
                            "a whole entry cannot be set (name a key behind it)");
            return;
        }
        if (!check_is_map(step)) {
            return;
        }
        for (YamlEntry& entry : node_->entries) {
            if (entry.key == step.word) {
                entry.place = step.place;
                entry.value = std::move(value);
                return;
            }
        }
        node_->entries.push_back({step.word, step.place, std::move(value)});
    }

private:
    bool check_is_map(const Step& step)
    {
        if (!node_->is_map()) {
            problems_.error(step.place, path_,
                            fmt::format("{} cannot be set in it (it is {}; set it as a whole)",
                                        in_quotes(step.word), found(*node_)));
        }
        return node_->is_map();
    }

    bool go_to_key(const Step& step)
    {
        if (!check_is_map(step)) {
            return false;
        }
        YamlNode* below = node_->find(step.word);
        if (below == nullptr) {
            const Shape::Form form = shape_below(shape_, step.word).form;
            YamlNode made;
            made.kind = form == Shape::Form::entries || form == Shape::Form::events
                            ? YamlNode::Kind::list
                            : YamlNode::Kind::map;
            made.place = step.place;
            node_->entries.push_back({step.word, step.place, std::move(made)});
            below = &node_->entries.back().value;
        }
        node_ = below;
        return true;
    }

    bool go_to_entry(const Step& step)
    {
        std::vector<std::string> names;
        for (YamlNode& item : node_->items) {
            const YamlNode* name = item.find("name");
            if (name == nullptr || !name->is_scalar()) {
                continue;
            }
            if (name->text == step.word) {
                node_ = &item;
                return true;
            }
            names.push_back(name->text);
        }
        problems_.error(step.place, path_,
                        fmt::format("no entry is called {}{}", in_quotes(step.word),
                                    did_you_mean(step.word, names,
                                                 "only entries that have a name "
                                                 "can be set")));
        return false;
    }

    YamlNode* node_;
    Shape shape_ = scenario_shape();
    std::string path_;
    Diagnostics& problems_;
};

}  // namespace

void apply_override(YamlNode& root, const std::string& text, const std::string& file,
                    Diagnostics& problems)
{
    const std::size_t equals = text.find('=');
    if (equals == text.npos || equals == 0) {
        problems.error({file, 1, 1}, "",
                       fmt::format("must be path.to.key=value (got {})", in_quotes(text)));
        return;
    }
    const std::string path = text.substr(0, equals);
    std::vector<Step> steps = steps_of(path, file);
    for (const Step& step : steps) {
        if (step.word.empty()) {
            problems.error(
                step.place, "",
                fmt::format("a word is missing in the path (got {})", in_quotes(path)));
            return;
        }
    }
    if (steps.front().word == "extends") {
        problems.error({file, 1, 1}, path, "cannot be set (write it in the file)");
        return;
    }
    auto value = value_of(text, equals, file, path, problems);
    if (!value) {
        return;
    }
    const Step last = std::move(steps.back());
    steps.pop_back();
    Walk walk(root, problems);
    for (const Step& step : steps) {
        if (!walk.go(step)) {
            return;
        }
    }
    walk.set(last, std::move(*value));
}

}  // namespace chokepoint
