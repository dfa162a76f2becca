#include "yaml_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <unordered_map>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "messages.hpp"
#include "text_check.hpp"

namespace chokepoint {
namespace {

constexpr std::size_t greatest_depth = 64;
constexpr std::size_t most_nodes = 200'000;

/// Ends the parsing of a text; its reason is among the problems already.
struct GiveUp {};

/// Makes the tree from yaml-cpp's events.
class TreeBuilder : public YAML::EventHandler {
public:
    TreeBuilder(const std::string& text, const std::string& file, Diagnostics& problems)
        : text_(text), file_(file), problems_(problems)
    {}

    /// The tree; an empty node if there is no document.
    YamlNode take()
    {
        if (root_) {
            return std::move(*root_);
        }
        YamlNode nothing;
        nothing.place = {file_, 0, 0};
        return nothing;
    }

    bool has_tree() const { return root_.has_value(); }

    /// Where a fault stands. yaml-cpp has no place for what is never closed: where it is
    /// opened.
    Place place_of_fault(const YAML::Mark& mark) const
    {
        const bool unknown = mark.is_null() || (mark.line == 0 && mark.column == 0);
        return unknown && !open_.empty() ? open_.back().node.place : place(mark);
    }

    void OnDocumentStart(const YAML::Mark& mark) override
    {
        if (++documents_ > 1) {
            problems_.error(place(mark), "",
                            "a second YAML document starts here (one per file)",
                            "the text before this place is a whole document: look there for a "
                            "slip in quotes or indentation");
            throw GiveUp{};
        }
    }

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        YamlNode node = make(YamlNode::Kind::empty, place_of_empty(mark));
        remember(anchor, node);
        finish(std::move(node));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override
    {
        YamlNode node = make(YamlNode::Kind::faulty, place(mark));
        const auto found = scalars_.find(anchor);
        if (found != scalars_.end()) {
            node.kind = found->second.kind;
            node.quoted = found->second.quoted;
            node.text = found->second.text;
        } else if (is_kept()) {
            problems_.error(
                node.place, "",
                "an alias must stand for a single value (this one stands for a list "
                "or map)",
                "write the list or map out, or use extends");
        }
        finish(std::move(node));
    }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override
    {
        YamlNode node = make(YamlNode::Kind::scalar, place(mark));
        check_tag(tag, node.place);
        node.quoted = tag == "!";
        node.text = value;
        remember(anchor, node);
        finish(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                         YAML::EmitterStyle::value) override
    {
        open(YamlNode::Kind::list, mark, tag);
    }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                    YAML::EmitterStyle::value) override
    {
        open(YamlNode::Kind::map, mark, tag);
    }

    void OnSequenceEnd() override { close(); }
    void OnMapEnd() override { close(); }

private:
    /// A list or map that is still being read.
    struct Open {
        YamlNode node;
        std::unordered_map<std::string, Place> keys;
        std::string key;
        Place key_place;
        bool awaits_value = false;
        bool keeps_value = true;
    };

    Place place(const YAML::Mark& mark) const
    {
        return mark.is_null() ? Place{file_, 0, 0}
                              : Place{file_, mark.line + 1, mark.column + 1};
    }

    /// False for the value of a key that was complained about.
    bool is_kept() const
    {
        return open_.empty() || !open_.back().awaits_value || open_.back().keeps_value;
    }

    /// yaml-cpp marks an absent value where the next thing starts; the key, or the dash of a
    /// list, is the better place.
    Place place_of_empty(const YAML::Mark& mark) const
    {
        if (open_.empty()) {
            return place(mark);
        }
        if (open_.back().awaits_value) {
            return open_.back().key_place;
        }
        const auto position = static_cast<std::size_t>(std::max(mark.pos, 0));
        const std::size_t dash = text_.rfind('-', position == 0 ? 0 : position - 1);
        const bool written =
            position < text_.size()
            && std::string_view("~nN,]}").find(text_[position]) != std::string_view::npos;
        if (written || dash == std::string::npos) {
            return place(mark);
        }
        const std::size_t line_start = text_.rfind('\n', dash) + 1;  // npos + 1 is 0
        const std::string_view skipped = std::string_view(text_).substr(dash, position - dash);
        const auto lines = static_cast<int>(std::count(skipped.begin(), skipped.end(), '\n'));
        return {file_, mark.line + 1 - lines, static_cast<int>(dash - line_start) + 1};
    }

    YamlNode make(YamlNode::Kind kind, Place where)
    {
        if (++nodes_ > most_nodes) {
            problems_.error(
                std::move(where), "",
                fmt::format("the file is too large (more than {} values)", most_nodes));
            throw GiveUp{};
        }
        YamlNode node;
        node.kind = kind;
        node.place = std::move(where);
        return node;
    }

    void check_tag(const std::string& tag, const Place& where)
    {
        if (tag.empty() || tag == "?" || tag == "!") {
            return;
        }
        constexpr std::string_view standard = "tag:yaml.org,2002:";
        const std::string written =
            tag.starts_with(standard) ? "!!" + tag.substr(standard.size()) : tag;
        problems_.error(where, "",
                        fmt::format("tags are not supported (got {})", in_quotes(written)),
                        "write the plain value");
    }

    void remember(YAML::anchor_t anchor, const YamlNode& node)
    {
        if (anchor != YAML::NullAnchor) {
            scalars_[anchor] = node;
        }
    }

    void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag)
    {
        YamlNode node = make(kind, place(mark));
        check_tag(tag, node.place);
        if (open_.size() == greatest_depth) {
            problems_.error(
                node.place, "",
                fmt::format("nested too deeply (more than {} levels)", greatest_depth));
            throw GiveUp{};
        }
        open_.push_back({});
        open_.back().node = std::move(node);
    }

    void close()
    {
        YamlNode node = std::move(open_.back().node);
        open_.pop_back();
        finish(std::move(node));
    }

    /// Hands a complete node to the list or map that it stands in.
    void finish(YamlNode&& node)
    {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.is_list()) {
            parent.node.items.push_back(std::move(node));
        } else if (!parent.awaits_value) {
            start_entry(parent, std::move(node));
        } else {
            parent.awaits_value = false;
            if (parent.keeps_value) {
                parent.node.entries.emplace_back(std::move(parent.key),
                                                 std::move(parent.key_place), std::move(node));
            }
        }
    }

    void start_entry(Open& map, YamlNode&& key)
    {
        map.awaits_value = true;
        map.keeps_value = false;
        map.key_place = key.place;
        if (key.kind == YamlNode::Kind::faulty) {
            return;
        }
        if (!key.is_scalar() || key.text.empty()) {
            problems_.error(key.place, "",
                            fmt::format("a key must be a word (got {})", found(key)));
            return;
        }
        if (key.text == "<<" && !key.quoted) {
            problems_.error(key.place, "", "merge keys (<<) are not supported",
                            "write the keys out, or use extends");
            return;
        }
        const auto [first, is_new] = map.keys.emplace(key.text, key.place);
        if (!is_new) {
            problems_.error(key.place, "",
                            fmt::format("key {} is used twice (first used at {})",
                                        in_quotes(key.text), shown(first->second)));
            return;
        }
        map.keeps_value = true;
        map.key = std::move(key.text);
    }

    const std::string& text_;
    FileName file_;
    Diagnostics& problems_;
    std::vector<Open> open_;
    std::unordered_map<YAML::anchor_t, YamlNode> scalars_;
    std::optional<YamlNode> root_;
    std::size_t nodes_ = 0;
    int documents_ = 0;
};

/// An open file, device or pipe. A pipe that has a writer is waited for as long as it takes;
/// one that nobody writes to, for some seconds only: opening it would otherwise block for ever.
class InputFile {
public:
    explicit InputFile(const std::filesystem::path& file) : name_(file.string())
    {
        descriptor_ = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (descriptor_ < 0) {
            fail("cannot be opened", errno);
        }
        try {
            check_kind();
        } catch (...) {
            ::close(descriptor_);
            throw;
        }
    }
    ~InputFile() { ::close(descriptor_); }
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    /// How many bytes came, 0 at the end.
    std::size_t read(std::vector<char>& piece)
    {
        for (;;) {
            const ssize_t count = ::read(descriptor_, piece.data(), piece.size());
            if (count == 0 && is_silent_) {
                throw FileError(
                    fmt::format("{}: no data from the pipe (nobody writes to it)", name_));
            }
            if (count >= 0) {
                return static_cast<std::size_t>(count);
            }
            if (errno == EAGAIN) {  // there is a writer
                wait(-1);
                is_silent_ = false;
            } else if (errno != EINTR) {
                fail("cannot be read", errno);
            }
        }
    }

private:
    void check_kind()
    {
        struct stat status = {};
        if (::fstat(descriptor_, &status) != 0) {
            fail("cannot be read", errno);
        }
        if (S_ISDIR(status.st_mode)) {
            throw FileError(fmt::format("{}: is a folder, not a file", name_));
        }
        constexpr int patience_ms = 5000;
        is_silent_ = S_ISFIFO(status.st_mode) && !wait(patience_ms);
    }

    /// Whether there is data, or a writer that has gone, within that time; -1: without limit.
    bool wait(int milliseconds) const
    {
        pollfd poll = {.fd = descriptor_, .events = POLLIN, .revents = 0};
        return ::poll(&poll, 1, milliseconds) > 0;
    }

    [[noreturn]] void fail(const char* problem, int reason) const
    {
        throw FileError(fmt::format("{}: {} ({})", name_, problem, std::strerror(reason)));
    }

    std::string name_;
    int descriptor_ = -1;
    bool is_silent_ = false;  ///< A pipe from which nothing came for a while.
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const
{
    for (const YamlEntry& entry : entries) {
        if (entry.key == key) {
            return &entry.value;
        }
    }
    return nullptr;
}

YamlNode* YamlNode::find(std::string_view key)
{
    return const_cast<YamlNode*>(std::as_const(*this).find(key));
}

std::string read_text(const std::filesystem::path& file)
{
    InputFile input(file);
    // In pieces and with a limit: the size of a device or a pipe is not known beforehand.
    std::string text;
    std::vector<char> piece(65536);
    while (text.size() <= largest_text) {
        const std::size_t count = input.read(piece);
        if (count == 0) {
            break;
        }
        text.append(piece.data(), count);
    }
    if (text.size() > largest_text) {
        Diagnostics problems;
        problems.error({file.string(), 0, 0}, "",
                       fmt::format("the file is too large (over {} MB)", largest_text >> 20U));
        throw InputError(problems.sorted());
    }
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.erase(0, 3);  // a byte order mark says nothing in UTF-8
    }
    return text;
}

std::optional<YamlNode> parse_yaml(const std::string& text, const std::string& file,
                                   Diagnostics& problems)
{
    if (!check_text(text, file, problems)) {
        return std::nullopt;
    }
    TreeBuilder builder(text, file, problems);
    try {
        std::istringstream stream(text);
        YAML::Parser parser(stream);
        if (parser.HandleNextDocument(builder)) {
            parser.HandleNextDocument(builder);
        }
    } catch (const GiveUp&) {
        return builder.has_tree() ? std::optional(builder.take()) : std::nullopt;
    } catch (const YAML::Exception& fault) {
        problems.error(builder.place_of_fault(fault.mark), "",
                       "this is not YAML (" + fault.msg + ")");
        return std::nullopt;
    }
    return builder.take();
}

}  // namespace chokepoint
