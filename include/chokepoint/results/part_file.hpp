#pragma once

#include "chokepoint/engine/run.hpp"

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// A part file is not one, is damaged, or belongs to another run.
class PartError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Which run a part belongs to.
struct PartKey {
    std::string scenario_sha256;  ///< Of the scenario as run.
    std::uint64_t seed = 0;

    bool operator==(const PartKey&) const = default;
};

/// `trials-000000-012799.bin` for the first 12,800 trials.
std::string part_file_name(std::uint64_t trials);

/// The finished trials of an interrupted run as the content of a part file: every value, moment
/// and sketch in full precision.
///
/// Layout, numbers little-endian: 8 bytes `CHKPART2`; 64-bit length of a header in JSON
/// (program version, key, trials, names of columns, series and events), the header; then 64-bit
/// numbers: unsettled months and the first trial with one, trials with a short undisturbed run;
/// the balance factors low and high; which trials' values are kept (every so many, 1 for all);
/// by column the value of each of these, and of each twin if there are some; unless all are
/// kept, by column its sketch; by month value count, mean and m2, the length of the sketch's
/// bytes, the bytes; by event entry three times count, mean and m2; last the SHA-256 of all
/// bytes before it, 64 hexadecimal digits.
std::string part_file_content(const RunResult& result, const PartKey& key);

/// Reads a part back.
///
/// \param like  A result of the same run without trials: what columns, series, months and
/// events
///              are expected.
/// \throws PartError  if the content is damaged or belongs to another run.
/// \throws FileError  if the file cannot be opened.
RunResult read_part_file(const std::filesystem::path& file, const PartKey& key,
                         const RunResult& like);

}  // namespace chokepoint
