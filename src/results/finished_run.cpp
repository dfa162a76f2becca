#include "chokepoint/results/finished_run.hpp"

#include "chokepoint/results/write_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

using nlohmann::json;

/// The place of a byte of a text; bytes count from 1.
Place place_of_byte(const std::string& file, const std::string& text, std::size_t byte)
{
    const std::string_view before =
        std::string_view(text).substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return {file, 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
            1 + static_cast<int>(before.size() - line_start)};
}

/// Takes values out of a manifest and complains about those that are not as they should be.
class ManifestReader {
public:
    ManifestReader(const json& manifest, std::string file, Diagnostics& problems)
        : manifest_(manifest), file_(std::move(file)), problems_(problems)
    {}

    bool is_sound() const { return is_sound_; }

    std::string text(const char* pointer)
    {
        const json* value = find(pointer);
        if (value == nullptr || !value->is_string()) {
            complain(pointer, "must be a text");
            return {};
        }
        return value->get<std::string>();
    }

    std::uint64_t whole(const char* pointer)
    {
        const json* value = find(pointer);
        if (value == nullptr || !value->is_number_unsigned()) {
            complain(pointer, "must be a whole number");
            return 0;
        }
        return value->get<std::uint64_t>();
    }

    /// 0 if there is no such key: earlier versions did not write it.
    std::uint64_t whole_if_given(const char* pointer)
    {
        return find(pointer) == nullptr ? 0 : whole(pointer);
    }

    /// The rules to stop by; none of a manifest of earlier versions.
    std::string rules()
    {
        const json* list = find("/until");
        if (list == nullptr) {
            return {};
        }
        if (!list->is_array() || !std::all_of(list->begin(), list->end(), [](const json& rule) {
                return rule.is_string();
            })) {
            complain("/until", "must be a list of rules");
            return {};
        }
        return fmt::format("{}", fmt::join(list->get<std::vector<std::string>>(), ", "));
    }

    std::map<std::string, std::string> checksums()
    {
        std::map<std::string, std::string> checksums;
        const json* table = find("/sha256");
        if (table == nullptr || !table->is_object()) {
            complain("/sha256", "must be a table of checksums by file name");
            return checksums;
        }
        for (const auto& [name, checksum] : table->items()) {
            if (name != fs::path(name).filename() || name.find('\0') != name.npos) {
                complain("/sha256", fmt::format("\"{}\" is no name of a file", name));
            } else if (!checksum.is_string()) {
                complain("/sha256", fmt::format("the checksum of {} must be a text", name));
            } else {
                checksums[name] = checksum.get<std::string>();
            }
        }
        return checksums;
    }

    /// Refuses a manifest of somebody else's, or of a schema that is not known here.
    void check_origin()
    {
        if (text("/program/name") != "chokepoint" && is_sound_) {
            complain("/program/name", "must be \"chokepoint\"");
        }
        if (whole("/schema") != 1 && is_sound_) {
            complain("/schema", "must be 1 (this version of chokepoint knows no other)");
        }
    }

private:
    const json* find(const char* pointer) const
    {
        const json::json_pointer place(pointer);
        return manifest_.contains(place) ? &manifest_.at(place) : nullptr;
    }

    void complain(std::string_view pointer, std::string problem)
    {
        std::string key(pointer.substr(1));
        std::replace(key.begin(), key.end(), '/', '.');
        problems_.error({file_, 0, 0}, key, std::move(problem));
        is_sound_ = false;
    }

    const json& manifest_;
    std::string file_;
    Diagnostics& problems_;
    bool is_sound_ = true;
};

std::optional<json> read_json(const fs::path& file, FolderProblems& problems)
{
    const std::optional<std::string> content = content_of(file, problems);
    if (!content) {
        return std::nullopt;
    }
    try {
        return json::parse(*content);
    } catch (const json::parse_error& error) {
        problems.errors().add_source(file.string(), *content);
        problems.errors().error(place_of_byte(file.string(), *content, error.byte), "",
                                "this is not JSON (is the file damaged?)");
        return std::nullopt;
    }
}

std::optional<FinishedRun> read_manifest(const fs::path& folder, FolderProblems& problems)
{
    std::error_code error;
    if (!fs::exists(folder / manifest_name, error)) {
        problems.add_unopened(
            folder, fs::is_directory(folder, error)
                        ? "it has no manifest.json: its run is not finished, or it is no "
                          "folder of results"
                        : "no such folder");
        return std::nullopt;
    }
    const std::optional<json> manifest = read_json(folder / manifest_name, problems);
    if (!manifest) {
        return std::nullopt;
    }
    ManifestReader reader(*manifest, (folder / manifest_name).string(), problems.errors());
    reader.check_origin();
    FinishedRun run = {.folder = folder,
                       .scenario = reader.text("/scenario/name"),
                       .command = reader.text("/command"),
                       .version = reader.text("/program/version"),
                       .commit = reader.text("/program/commit"),
                       .seed = reader.whole("/seed"),
                       .trials = reader.whole("/trials"),
                       .until = reader.rules(),
                       .memory = reader.whole_if_given("/memory_bytes"),
                       .checksums = reader.checksums(),
                       .texts = {}};
    return reader.is_sound() ? std::optional(std::move(run)) : std::nullopt;
}

/// What is left in a stream, by blocks. `bad()` tells if reading failed on the way.
std::string rest_of(std::istream& stream)
{
    std::string text;
    std::array<char, 65536> block{};
    while (stream) {
        stream.read(block.data(), block.size());
        text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    }
    return text;
}

}  // namespace

std::optional<std::string> content_of(const fs::path& file, FolderProblems& problems)
{
    std::error_code error;
    const fs::file_status status = fs::status(file, error);
    if (!fs::exists(status)) {
        problems.add_unopened(file, error ? error.message() : "no such file");
        return std::nullopt;
    }
    if (!fs::is_regular_file(status)) {
        problems.add_unopened(file, "it is no plain file");
        return std::nullopt;
    }
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    std::string content = rest_of(stream);
    if (!stream.is_open() || stream.bad()) {
        problems.add_unopened(file, std::generic_category().message(errno));
        return std::nullopt;
    }
    return content;
}

std::string bytes_of(const fs::path& file)
{
    FolderProblems problems;
    const std::optional<std::string> content = content_of(file, problems);
    problems.throw_if_any();
    return *content;
}

void FolderProblems::add_unopened(const fs::path& path, const std::string& reason)
{
    unopened_.push_back({path, reason});
}

void FolderProblems::throw_if_any() const
{
    Diagnostics all = errors_;
    std::string text;
    for (const Unopened& unopened : unopened_) {
        const std::string problem = fmt::format("cannot be opened ({})", unopened.reason);
        all.error({unopened.path.string(), 0, 0}, "", problem);
        text += (text.empty() ? "" : "\n") + unopened.path.string() + ": " + problem;
    }
    if (errors_.has_errors()) {
        throw InputError(all.sorted());
    }
    if (!unopened_.empty()) {
        throw FileError(text);
    }
}

const std::string& FinishedRun::text(const std::string& name) const
{
    static const std::string nothing;
    const auto found = texts.find(name);
    return found == texts.end() ? nothing : found->second;
}

std::optional<FinishedRun> read_finished_run(const fs::path& folder,
                                             const std::vector<std::string>& keep,
                                             FolderProblems& problems)
{
    std::optional<FinishedRun> run = read_manifest(folder, problems);
    if (!run) {
        return std::nullopt;
    }
    bool is_sound = true;
    for (const auto& [name, checksum] : run->checksums) {
        std::optional<std::string> content = content_of(folder / name, problems);
        if (!content) {
            is_sound = false;
        } else if (sha256(*content) != checksum) {
            problems.errors().error({(folder / name).string(), 0, 0}, "",
                                    "is not as its run wrote it (its SHA-256 is not that in "
                                    "manifest.json)");
            is_sound = false;
        } else if (std::find(keep.begin(), keep.end(), name) != keep.end()) {
            run->texts[name] = std::move(*content);
        }
    }
    return is_sound ? run : std::nullopt;
}

void check_finished_run(const fs::path& folder)
{
    FolderProblems problems;
    read_finished_run(folder, {}, problems);
    problems.throw_if_any();
}

}  // namespace chokepoint
