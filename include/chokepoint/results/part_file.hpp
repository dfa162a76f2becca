#pragma once

#include "chokepoint/engine/block_store.hpp"
#include "chokepoint/engine/run.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace chokepoint {

/// A part file is not one, or is damaged.
class PartError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A part file is whole, but of another run.
class ForeignPartError : public PartError {
public:
    using PartError::PartError;
};

/// Which run a part belongs to.
struct PartKey {
    std::string scenario_sha256;  ///< Of the scenario as run, which holds seed and trials.
    std::string settings_sha256;  ///< Of what else trials depend on.

    bool operator==(const PartKey&) const = default;
};

/// `trials-000000064000-000000128000.bin` for trials 64,000 … 127,999: names sort as trials do.
std::string part_file_name(const TrialRange& range);

/// The trials that a part file holds by its name; nothing if it is no name of one.
std::optional<TrialRange> range_of_part(std::string_view name);

/// A stretch of finished blocks as the content of a part file: every value, moment and count in
/// full precision.
///
/// Layout, numbers little-endian: 8 bytes `CHKPART3`; 64-bit length of a header in JSON
/// (program, key, trials, SHA-256 of the names of columns, series and events), the header; then
/// by block 64-bit numbers: trials, values, values of twins, how many log weights and these;
/// count, means and m2 of the bands; by event entry three times count, mean and m2; how many
/// episodes and these; unsettled months and the first trial with one, trials with a short
/// undisturbed run, the balance factors low and high. Then the bands: zeros, first bin, number
/// of bins and the count of each, seven bits a byte, the lowest first, the eighth set where
/// more follow. Last the SHA-256 of all bytes before it, 64 hexadecimal digits.
///
/// \param like  A result of the run without trials (`without_trials`).
std::string part_file_content(const FinishedStretch& stretch, const PartKey& key,
                              const RunResult& like);

/// Reads a part back.
/// \throws PartError         if the content is damaged.
/// \throws ForeignPartError  if it belongs to another run or program.
/// \throws FileError         if the file cannot be opened.
FinishedStretch read_part_file(const std::filesystem::path& file, const PartKey& key,
                               const RunResult& like);

}  // namespace chokepoint
