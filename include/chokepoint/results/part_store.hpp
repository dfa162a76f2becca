#pragma once

#include "chokepoint/engine/block_store.hpp"
#include "chokepoint/results/part_file.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace chokepoint {

/// Name of the folder of part files in a result folder.
inline constexpr const char* parts_name = "parts";

/// Finished blocks in part files of one folder, each whole or not there.
class PartStore : public BlockStore {
public:
    /// \param folder  Made when the first part is kept.
    /// \param like    A result of the run without trials.
    /// \param room    Bytes that part files may take; beyond, no more is kept.
    PartStore(std::filesystem::path folder, PartKey key, RunResult like, std::uint64_t room);

    /// Finds what there is in the folder.
    /// \throws ForeignPartError  for a part of another run.
    void find_parts();

    bool is_keeping() const override { return !is_full_; }

    /// Of a damaged part, which is removed, nothing: its trials are run again.
    /// \throws ForeignPartError
    std::optional<FinishedStretch> take(std::uint64_t first) override;
    std::uint64_t next(std::uint64_t first) const override;
    /// \throws WriteError
    void keep(const FinishedStretch& stretch) override;

    /// What was told about damaged parts that were passed over.
    const std::vector<std::string>& damaged() const { return damaged_; }

    /// The parts by their first trial.
    const std::map<std::uint64_t, TrialRange>& parts() const { return parts_; }
    std::uint64_t trials() const;

private:
    std::filesystem::path folder_;
    PartKey key_;
    RunResult like_;
    std::uint64_t room_;
    std::uint64_t bytes_ = 0;
    bool is_full_ = false;
    std::map<std::uint64_t, TrialRange> parts_;
    std::vector<std::string> damaged_;
};

}  // namespace chokepoint
