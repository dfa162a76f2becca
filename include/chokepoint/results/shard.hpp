#pragma once

#include "chokepoint/engine/run.hpp"
#include "chokepoint/results/part_file.hpp"
#include "chokepoint/results/part_store.hpp"
#include "chokepoint/results/result_folder.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// The scenario without policies, in a shard of a run with some.
inline constexpr const char* calm_file_name = "calm.resolved.yaml";

/// What is to be known of a run, beside its trials, to write its results.
struct ShardedRun {
    PartKey key;
    std::uint64_t trials = 0;  ///< Of the whole run.
    std::uint64_t seed = 0;
    std::uint64_t memory = 0;           ///< For the values of trials, bytes.
    std::string scenario_file;          ///< As the user named it, as the following two.
    std::string portfolio_file;         ///< Empty: none.
    std::vector<std::string> policy_files;
    std::vector<std::string> policies;  ///< Names of those laid over the scenario.
    std::vector<std::string> warnings;  ///< Of the scenario.
    std::vector<std::string> tables;    ///< Files of single trials that were asked for.

    bool operator==(const ShardedRun&) const = default;
};

/// A finished shard: trials first … end - 1 of a run.
struct Shard {
    std::filesystem::path folder;
    ShardedRun run;
    TrialRange range;
    std::map<std::string, std::string> checksums;  ///< SHA-256 by name of file in the folder.
};

/// The content of shard.json: which run it belongs to, which trials are there, and the SHA-256
/// of every other file of the folder, parts included.
/// \throws WriteError  if a part cannot be read back.
std::string shard_json(const ShardedRun& run, const TrialRange& range,
                       const ResultFolder& folder, const PartStore& parts);

/// The finished shard that a folder says to hold; nothing if it holds none, or its shard.json
/// cannot be read. Its other files are not looked at.
std::optional<Shard> finished_shard(const std::filesystem::path& folder);

/// Reads the shards of one run, and proves that they are whole, of this program, of one run,
/// and that every trial of it is in one of them exactly.
///
/// \returns By their first trial.
/// \throws InputError  with all that is wrong, shard by shard.
/// \throws FileError   if nothing else is wrong than that a folder cannot be opened.
std::vector<Shard> read_shards(const std::vector<std::filesystem::path>& folders);

/// The blocks of several shards. Keeps nothing.
class ShardStore : public BlockStore {
public:
    /// \param shards  As `read_shards` gives them. \param like  The run without trials.
    ShardStore(const std::vector<Shard>& shards, RunResult like);

    /// \throws PartError  if a part is not as it was when the shards were read.
    std::optional<FinishedStretch> take(std::uint64_t first) override;

private:
    std::map<std::uint64_t, std::filesystem::path> files_;  ///< By first trial.
    PartKey key_;
    RunResult like_;
};

}  // namespace chokepoint
