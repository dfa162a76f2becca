#include "chokepoint/results/result_folder.hpp"

#include "chokepoint/results/experiment_files.hpp"
#include "chokepoint/results/finished_run.hpp"
#include "chokepoint/results/part_store.hpp"
#include "chokepoint/results/portfolio_files.hpp"
#include "chokepoint/results/shard.hpp"
#include "chokepoint/results/write_file.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

/// All files that a result folder may hold besides its manifest (INTERFACE, "Result folder").
constexpr std::array result_names = {"scenario.resolved.yaml",
                                     "record.csv",
                                     calm_file_name,
                                     "metrics.csv",
                                     "histograms.csv",
                                     "exceedance.csv",
                                     "paths.csv",
                                     "chokepoints.csv",
                                     "events.csv",
                                     "summary.json",
                                     "tilt.json",
                                     "worst.csv",
                                     "hindcast.csv",
                                     portfolio_file_name,
                                     "portfolio.csv",
                                     "contributions.csv",
                                     "reverse_stress.csv",
                                     "policies.csv",
                                     "chokepoint_values.csv",
                                     "attribution.csv",
                                     "trials.nc",
                                     "years.csv",
                                     "episodes.csv",
                                     "report.html",
                                     shard_file_name,
                                     "experiment.yaml",
                                     "design.csv",
                                     "experiment.csv",
                                     sensitivity_file_name,
                                     "experiment.nc",
                                     points_file_name};

/// What is not among them would be taken for somebody else's in a folder that a kill left.
void check_known(const std::string& name)
{
    if (std::ranges::find(result_names, name) == result_names.end()) {
        throw std::logic_error("ResultFolder: no file of results is called " + name);
    }
}

constexpr const char* first_name = result_names.front();  // every command begins with it
constexpr const char* probe_name = ".probe";

/// The names in a folder, sorted; none if there is no folder.
std::vector<std::string> names_in(const fs::path& folder)
{
    std::error_code error;
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool is_part(const std::string& name)
{
    return range_of_part(name).has_value() || name == points_file_name;
}

bool holds_parts(const fs::path& folder)
{
    const std::vector<std::string> names = names_in(folder / parts_name);
    return std::any_of(names.begin(), names.end(), is_part);
}

/// The manifest of a folder, if it is one of chokepoint's, and not somebody else's of that
/// name.
nlohmann::json manifest_of(const fs::path& folder)
{
    std::ifstream stream(folder / manifest_name, std::ios::binary);
    const auto manifest = nlohmann::json::parse(stream, nullptr, false);
    const nlohmann::json::json_pointer program("/program/name");
    return manifest.contains(program) && manifest.at(program) == "chokepoint"
               ? manifest
               : nlohmann::json();
}

/// A text of a manifest; empty if there is none at the place.
std::string text_at(const nlohmann::json& manifest, const std::string& pointer)
{
    const nlohmann::json::json_pointer place(pointer);
    return manifest.contains(place) && manifest.at(place).is_string()
               ? manifest.at(place).get<std::string>()
               : "";
}

bool is_finished(const fs::path& folder)
{
    return !manifest_of(folder).is_null();
}

/// Whether the files in a folder that have names of results are results: those of a run that
/// finished, or of one that was killed while it wrote them.
bool is_result_folder(const fs::path& folder)
{
    std::error_code error;
    return is_finished(folder)
           || (!fs::exists(folder / manifest_name, error)
               && fs::exists(folder / first_name, error));
}

bool is_result_name(const std::string& name)
{
    return name == manifest_name
           || std::find(result_names.begin(), result_names.end(), name) != result_names.end();
}

/// What a write that was cut off leaves behind.
bool is_half_written(const std::string& name)
{
    return name == probe_name || (name.starts_with('.') && name.ends_with(".part"));
}

/// Whether nothing but parts, half written ones too, is in a folder's parts/.
bool is_ours(const fs::path& parts)
{
    std::error_code error;
    const std::vector<std::string> names = names_in(parts);
    return fs::is_directory(parts, error)
           && std::all_of(names.begin(), names.end(), [](const std::string& name) {
                  return is_part(name) || is_half_written(name);
              });
}

/// A name in the folder that no run of chokepoint put there; empty if there is none.
std::string foreign_name(const fs::path& folder)
{
    const bool has_results = is_result_folder(folder);
    for (const std::string& name : names_in(folder)) {
        const bool ours =
            is_half_written(name) || (has_results && is_result_name(name))
            || (name == parts_name && (holds_parts(folder) || is_ours(folder / parts_name)));
        if (!ours) {
            return name;
        }
    }
    return "";
}

/// Refuses a folder in which anything could be lost.
void check_nothing_is_lost(const fs::path& folder, Overwrite overwrite)
{
    const auto refuse = [&](const std::string& holds, const char* remedy) {
        throw OutputError(
            fmt::format("{}: holds {}\n  hint: choose another folder with --out, "
                        "or {} with --force",
                        folder.string(), holds, remedy));
    };
    std::error_code unknown;
    if (overwrite == Overwrite::refuse && fs::exists(folder / shard_file_name, unknown)) {
        throw OutputError(
            fmt::format("{}: holds a finished shard\n  hint: give each shard a folder of its "
                        "own with --out",
                        folder.string()));
    }
    const bool has_parts = holds_parts(folder);
    const bool resumes = overwrite == Overwrite::resume;
    // Parts beside finished results are those of a later run that was to replace them.
    if (is_finished(folder) && !(resumes && has_parts)) {
        refuse("finished results", "replace them");
    }
    if (has_parts && !resumes) {
        refuse("trials of an interrupted run in parts/ (go on with --resume)", "discard them");
    }
    if (const std::string name = foreign_name(folder); !name.empty()) {
        refuse(fmt::format("files that no run wrote ({})", name), "write beside them");
    }
}

/// Refuses a folder in which somebody else's file has the name of a result.
void check_nothing_is_in_the_way(const fs::path& folder)
{
    if (is_result_folder(folder)) {
        return;
    }
    for (const std::string& name : names_in(folder)) {
        if (is_result_name(name)) {
            throw OutputError(
                fmt::format("{}: no run wrote this file, and results would "
                            "replace it\n  hint: choose another folder with --out",
                            (folder / name).string()));
        }
    }
}

void remove_file(const fs::path& file)
{
    std::error_code error;
    fs::remove(file, error);
    if (error) {
        throw OutputError(
            fmt::format("{}: cannot be removed ({})", file.string(), error.message()));
    }
}

/// The manifest goes first, so that what is left does not look finished; the file that shows
/// whose the others are goes last.
void remove_results(const fs::path& folder)
{
    remove_file(folder / manifest_name);
    for (auto name = result_names.rbegin(); name != result_names.rend(); ++name) {
        remove_file(folder / *name);
    }
}

void create(const fs::path& folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error || !fs::is_directory(folder)) {
        throw OutputError(
            fmt::format("{}: the output folder cannot be created ({})", folder.string(),
                        error ? error.message() : "there is a file of that name"));
    }
}

void check_writable(const fs::path& folder)
{
    const fs::path probe = folder / probe_name;
    try {
        write_file(probe, "");
    } catch (const WriteError& error) {
        throw OutputError(fmt::format("{}: the output folder cannot be written to: {}",
                                      folder.string(), error.what()));
    }
    remove_file(probe);
}

}  // namespace

ResultFolder::ResultFolder(fs::path folder, Overwrite overwrite) : folder_(std::move(folder))
{
    create(folder_);
    lock_ = std::make_unique<FolderLock>(folder_);
    if (overwrite != Overwrite::replace) {
        check_nothing_is_lost(folder_, overwrite);
    }
    check_nothing_is_in_the_way(folder_);
    check_writable(folder_);
    remove_file(hidden_path(folder_ / manifest_name));
    for (const char* name : result_names) {
        remove_file(hidden_path(folder_ / name));
    }
    for (const std::string& name : names_in(folder_ / parts_name)) {
        if (is_half_written(name)) {
            remove_file(folder_ / parts_name / name);
        }
    }
    if (overwrite == Overwrite::replace) {
        remove_parts(folder_);
    }
}

void ResultFolder::write(const std::string& name, std::string_view content)
{
    check_known(name);
    hide(name, content);
    checksums_[name] = sha256(content);
}

void ResultFolder::adopt(const std::string& name)
{
    check_known(name);
    checksums_[name] = sha256_of_file(hidden_path(folder_ / name));
    names_.push_back(name);
}

void ResultFolder::make_last(std::string name,
                             std::function<std::string(const FileOfResults&)> make)
{
    last_name_ = std::move(name);
    make_last_ = std::move(make);
}

void ResultFolder::write_last()
{
    if (last_name_.empty()) {
        return;
    }
    const std::string content =
        make_last_([this](const std::string& name) -> std::optional<std::string> {
            if (!checksums_.contains(name)) {
                return std::nullopt;
            }
            return bytes_of(hidden_path(folder_ / name));
        });
    write(last_name_, content);
}

void ResultFolder::finish(std::string_view manifest)
{
    reveal(manifest_name, manifest);
    remove_parts(folder_);
}

void ResultFolder::finish_shard(std::string_view manifest)
{
    reveal(shard_file_name, manifest);
}

void ResultFolder::reveal(const char* last, std::string_view content)
{
    hide(last, content);
    remove_results(folder_);
    for (const std::string& name : names_) {
        reveal_file(folder_ / name);
    }
}

void ResultFolder::hide(const std::string& name, std::string_view content)
{
    hidden_.push_back(std::make_unique<GrowingFile>(folder_ / name));
    hidden_.back()->append(content);
    hidden_.back()->finish();
    names_.push_back(name);
}

std::string finished_scenario_sha256(const fs::path& folder)
{
    return text_at(manifest_of(folder), "/scenario/resolved_sha256");
}

std::string finished_file_sha256(const fs::path& folder, const std::string& name)
{
    return text_at(manifest_of(folder), fmt::format("/sha256/{}", name));
}

void remove_parts(const fs::path& folder)
{
    std::error_code error;
    for (const std::string& name : names_in(folder / parts_name)) {
        if (is_part(name)) {
            fs::remove(folder / parts_name / name, error);
        }
    }
    fs::remove(folder / parts_name, error);  // fails, as it should, while anything is in it
}

}  // namespace chokepoint
