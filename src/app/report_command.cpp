#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/report/page.hpp"
#include "chokepoint/results/finished_run.hpp"
#include "chokepoint/results/write_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

constexpr const char* page_name = "report.html";

/// Writes the page of a finished folder, and its checksum into the manifest.
void rewrite_page(const fs::path& folder)
{
    FolderProblems problems;
    const std::optional<FinishedRun> names = read_finished_run(folder, {}, problems);
    problems.throw_if_any();
    std::vector<std::string> keep;
    for (const auto& [name, checksum] : names->checksums) {
        if (name.ends_with(".csv") || name.ends_with(".json") || name.ends_with(".yaml")) {
            keep.push_back(name);
        }
    }
    const std::optional<FinishedRun> run = read_finished_run(folder, keep, problems);
    problems.throw_if_any();
    const std::string page =
        report_page([&](const std::string& name) -> std::optional<std::string> {
            const auto text = run->texts.find(name);
            return text == run->texts.end() ? std::nullopt : std::optional(text->second);
        });
    const fs::path manifest_file = folder / manifest_name;
    const std::optional<std::string> text = content_of(manifest_file, problems);
    problems.throw_if_any();
    auto manifest = nlohmann::ordered_json::parse(*text);
    manifest["sha256"][page_name] = sha256(page);
    // In this order a reader between the two sees a page that its checksum does not fit, not a
    // finished folder without one.
    write_file(folder / page_name, page);
    write_file(manifest_file, manifest.dump(2) + "\n");
}

}  // namespace

ExitCode report_command(const ReportOptions& options)
{
    std::error_code unknown;
    const fs::path stress = options.folder / "stress.csv";
    if (fs::is_regular_file(stress, unknown)
        && !fs::exists(options.folder / manifest_name, unknown)) {
        FolderProblems problems;
        const std::optional<std::string> table = content_of(stress, problems);
        problems.throw_if_any();
        write_file(options.folder / page_name,
                   report_page([&](const std::string& name) -> std::optional<std::string> {
                       return name == "stress.csv" ? table : std::nullopt;
                   }));
    } else {
        rewrite_page(options.folder);
    }
    put_out((options.folder / page_name).string() + "\n");
    return ExitCode::done;
}

}  // namespace chokepoint
