#include "chokepoint/results/shard.hpp"

#include "chokepoint/results/finished_run.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/version.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

using Json = nlohmann::ordered_json;

std::string program_text()
{
    const BuildInfo info = build_info();
    return info.version + " " + info.commit;
}

Json run_json(const ShardedRun& run)
{
    return {{"scenario_sha256", run.key.scenario_sha256},
            {"settings_sha256", run.key.settings_sha256},
            {"trials", run.trials},
            {"seed", run.seed},
            {"memory_bytes", run.memory},
            {"scenario_file", run.scenario_file},
            {"portfolio_file", run.portfolio_file},
            {"policy_files", run.policy_files},
            {"policies", run.policies},
            {"warnings", run.warnings},
            {"tables", run.tables}};
}

ShardedRun run_of(const Json& json)
{
    return {.key = {json.at("scenario_sha256"), json.at("settings_sha256")},
            .trials = json.at("trials"),
            .seed = json.at("seed"),
            .memory = json.at("memory_bytes"),
            .scenario_file = json.at("scenario_file"),
            .portfolio_file = json.at("portfolio_file"),
            .policy_files = json.at("policy_files"),
            .policies = json.at("policies"),
            .warnings = json.at("warnings"),
            .tables = json.at("tables")};
}

/// Reads what shard.json says; complains if it cannot.
std::optional<Shard> read_manifest(const fs::path& folder, FolderProblems& problems)
{
    std::error_code error;
    const fs::path file = folder / shard_file_name;
    if (!fs::is_directory(folder, error)) {
        problems.add_unopened(folder, "no such folder");
        return std::nullopt;
    }
    const auto complain = [&](const std::string& problem, const std::string& hint = {}) {
        problems.errors().error({folder.string(), 0, 0}, "", problem, hint);
        return std::nullopt;
    };
    if (!fs::exists(file, error)) {
        if (fs::exists(folder / manifest_name, error)) {
            return complain("holds the results of a whole run, which is no shard");
        }
        return complain("holds no finished shard (it has no shard.json)",
                        "finish it with run --shard I/N --resume");
    }
    const std::optional<std::string> content = content_of(file, problems);
    if (!content) {
        return std::nullopt;
    }
    // Its own checksum stands on its last line.
    const std::size_t end = content->rfind("\n", content->size() - 2);
    if (end == std::string::npos
        || sha256(content->substr(0, end + 1)) + "\n" != content->substr(end + 1)) {
        return complain("its shard.json is damaged (its checksum is wrong)");
    }
    try {
        const Json json = Json::parse(content->substr(0, end));
        if (json.at("program") != program_text()) {
            return complain(
                fmt::format("was run by another version of chokepoint ({}; this is {})",
                            json.at("program").get<std::string>(), program_text()));
        }
        return Shard{.folder = folder,
                     .run = run_of(json.at("run")),
                     .range = {json.at("first"), json.at("end")},
                     .checksums = json.at("sha256")};
    } catch (const nlohmann::json::exception& fault) {
        return complain(fmt::format("its shard.json cannot be read ({})", fault.what()));
    }
}

std::string trials_text(const TrialRange& range)
{
    return fmt::format("trials {} to {}", range.first, range.end - 1);
}

void check_files(const Shard& shard, FolderProblems& problems)
{
    for (const auto& [name, checksum] : shard.checksums) {
        const std::string file = (shard.folder / name).string();
        std::error_code error;
        if (!fs::exists(file, error)) {
            problems.errors().error({file, 0, 0}, "", "is missing from its shard");
            continue;
        }
        const std::optional<std::string> content = content_of(file, problems);
        if (content && sha256(*content) != checksum) {
            problems.errors().error({file, 0, 0}, "",
                                    "is damaged: its SHA-256 is not that in shard.json");
        }
    }
}

/// Complains of trials that lie twice, or not at all, in some pieces of a whole.
/// \param pieces  By first trial, with the place that holds them.
void check_cover(std::vector<std::pair<TrialRange, std::string>> pieces,
                 const TrialRange& whole, const std::string& of, FolderProblems& problems)
{
    std::sort(pieces.begin(), pieces.end(), [](const auto& one, const auto& other) {
        return std::pair(one.first.first, one.second)
               < std::pair(other.first.first, other.second);
    });
    std::uint64_t reached = whole.first;
    std::string before;
    for (const auto& [range, place] : pieces) {
        if (range.first == range.end) {
            continue;
        }
        if (range.first > reached) {
            problems.errors().error(
                {of, 0, 0}, "",
                fmt::format("{} are missing", trials_text({reached, range.first})));
        } else if (range.first < reached) {
            problems.errors().error(
                {place, 0, 0}, "",
                fmt::format("{} are also in {}",
                            trials_text({range.first, std::min(range.end, reached)}), before));
        }
        if (range.end > reached) {
            reached = range.end;
            before = place;
        }
    }
    if (reached < whole.end) {
        problems.errors().error(
            {of, 0, 0}, "", fmt::format("{} are missing", trials_text({reached, whole.end})));
    } else if (reached > whole.end) {
        problems.errors().error({before, 0, 0}, "",
                                fmt::format("holds trials beyond its last one, {}",
                                            whole.end == 0 ? 0 : whole.end - 1));
    }
}

std::vector<std::pair<TrialRange, std::string>> parts_of(const Shard& shard)
{
    std::vector<std::pair<TrialRange, std::string>> parts;
    for (const auto& [name, checksum] : shard.checksums) {
        if (const auto range = range_of_part(fs::path(name).filename().string())) {
            parts.emplace_back(*range, (shard.folder / name).string());
        }
    }
    return parts;
}

/// Complains of a shard whose run is not that of the first.
void check_origin(const Shard& shard, const Shard& first, FolderProblems& problems)
{
    const auto complain = [&](const char* what) {
        problems.errors().error(
            {shard.folder.string(), 0, 0}, "",
            fmt::format("belongs to another run than {} ({})", first.folder.string(), what));
    };
    if (shard.run.seed != first.run.seed) {
        complain("another seed");
    } else if (shard.run.trials != first.run.trials) {
        complain("another number of trials");
    } else if (shard.run.key.scenario_sha256 != first.run.key.scenario_sha256) {
        complain("another scenario");
    } else if (shard.run != first.run) {
        complain("other policies or options");
    }
}

}  // namespace

std::string shard_json(const ShardedRun& run, const TrialRange& range,
                       const ResultFolder& folder, const PartStore& parts)
{
    std::map<std::string, std::string> checksums = folder.checksums();
    for (const auto& [first, part] : parts.parts()) {
        const std::string name = std::string(parts_name) + "/" + part_file_name(part);
        checksums[name] = sha256_of_file(folder.path() / name);
    }
    const Json json = {{"schema", 1},          {"program", program_text()},
                       {"run", run_json(run)}, {"first", range.first},
                       {"end", range.end},     {"sha256", checksums}};
    const std::string text = json.dump(2) + "\n";
    return text + sha256(text) + "\n";
}

std::optional<Shard> finished_shard(const fs::path& folder)
{
    FolderProblems untold;
    return read_manifest(folder, untold);
}

std::vector<Shard> read_shards(const std::vector<fs::path>& folders)
{
    FolderProblems problems;
    std::vector<Shard> shards;
    for (const fs::path& folder : folders) {
        if (std::optional<Shard> shard = read_manifest(folder, problems)) {
            shards.push_back(std::move(*shard));
        }
    }
    std::vector<std::pair<TrialRange, std::string>> ranges;
    for (const Shard& shard : shards) {
        check_origin(shard, shards.front(), problems);
        check_files(shard, problems);
        check_cover(parts_of(shard), shard.range, shard.folder.string(), problems);
        ranges.emplace_back(shard.range, shard.folder.string());
    }
    if (shards.size() == folders.size() && !shards.empty()) {
        check_cover(ranges, {0, shards.front().run.trials}, "the shards together", problems);
    }
    problems.throw_if_any();
    std::sort(shards.begin(), shards.end(), [](const Shard& one, const Shard& other) {
        return one.range.first < other.range.first;
    });
    return shards;
}

ShardStore::ShardStore(const std::vector<Shard>& shards, RunResult like)
    : like_(std::move(like))
{
    for (const Shard& shard : shards) {
        key_ = shard.run.key;
        for (const auto& [range, file] : parts_of(shard)) {
            files_[range.first] = file;
        }
    }
}

std::optional<FinishedStretch> ShardStore::take(std::uint64_t first)
{
    return read_part_file(files_.at(first), key_, like_);
}

}  // namespace chokepoint
