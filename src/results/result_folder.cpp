#include "chokepoint/results/result_folder.hpp"

#include "chokepoint/results/write_file.hpp"

#include <array>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_name = "manifest.json";
constexpr const char* parts_name = "parts";

/// All files that a result folder may hold besides its manifest (INTERFACE, "Result folder").
constexpr std::array result_names = {"scenario.resolved.yaml",
                                     "summary.json",
                                     "metrics.csv",
                                     "paths.csv",
                                     "exceedance.csv",
                                     "chokepoints.csv",
                                     "years.csv",
                                     "episodes.csv",
                                     "events.csv",
                                     "portfolio.csv",
                                     "contributions.csv",
                                     "stress.csv",
                                     "policies.csv",
                                     "attribution.csv",
                                     "hindcast.csv",
                                     "design.csv",
                                     "experiment.csv",
                                     "experiment.nc",
                                     "trials.nc",
                                     "report.html"};

bool is_part(const fs::path& file)
{
    return file.filename().string().starts_with("trials-") && file.extension() == ".bin";
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
    const fs::path probe = folder / ".probe";
    try {
        write_file(probe, "");
    } catch (const WriteError& error) {
        throw OutputError(fmt::format("{}: the output folder cannot be written to: {}",
                                      folder.string(), error.what()));
    }
    remove_file(probe);
}

/// Part files but `kept`, and their folder once it is empty.
void remove_parts(const fs::path& folder, const fs::path& kept = {})
{
    std::error_code error;
    std::vector<fs::path> parts;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(folder / parts_name, error)) {
        if (is_part(entry.path()) && entry.path() != kept) {
            parts.push_back(entry.path());
        }
    }
    for (const fs::path& part : parts) {
        fs::remove(part, error);
    }
    fs::remove(folder / parts_name, error);  // fails, as it should, while anything is in it
}

}  // namespace

ResultFolder::ResultFolder(fs::path folder, Overwrite overwrite) : folder_(std::move(folder))
{
    std::error_code error;
    const fs::path manifest = folder_ / manifest_name;
    if (overwrite == Overwrite::refuse && fs::exists(manifest, error)) {
        throw OutputError(
            fmt::format("{}: holds finished results (choose another folder with --out, or "
                        "replace them with "
                        "--force)",
                        folder_.string()));
    }
    create(folder_);
    check_writable(folder_);
    remove_file(manifest);
    for (const char* name : result_names) {
        remove_file(folder_ / name);
    }
}

void ResultFolder::write(const std::string& name, std::string_view content)
{
    write_file(folder_ / name, content);
    checksums_[name] = sha256(content);
}

void ResultFolder::finish(std::string_view manifest)
{
    write_file(folder_ / manifest_name, manifest);
    remove_parts(folder_);
}

fs::path ResultFolder::write_part(const std::string& name, std::string_view content)
{
    const fs::path parts = folder_ / parts_name;
    std::error_code error;
    fs::create_directories(parts, error);
    write_file(parts / name, content);
    remove_parts(folder_, parts / name);
    return parts / name;
}

}  // namespace chokepoint
