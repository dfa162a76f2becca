#include "chokepoint/results/part_store.hpp"

#include "chokepoint/results/write_file.hpp"

#include <fstream>
#include <limits>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// Whole or not at all, whenever the program is killed. Not flushed to the disk, which takes as
/// long as all the rest: what a power cut may damage, its checksum shows, and it is run again.
void write_part(const std::filesystem::path& file, const std::string& content)
{
    const std::filesystem::path hidden = hidden_path(file);
    std::ofstream stream(hidden, std::ios::binary);
    stream.write(content.data(), static_cast<std::streamsize>(content.size()));
    stream.close();
    std::error_code error;
    if (stream) {
        std::filesystem::rename(hidden, file, error);
    }
    if (!stream || error) {
        std::error_code unknown;
        std::filesystem::remove(hidden, unknown);
        throw WriteError(fmt::format("{}: cannot be written ({})", file.string(),
                                     error ? error.message() : "is the disk full?"));
    }
}

}  // namespace

PartStore::PartStore(std::filesystem::path folder, PartKey key, RunResult like,
                     std::uint64_t room)
    : folder_(std::move(folder)), key_(std::move(key)), like_(std::move(like)), room_(room)
{}

void PartStore::find_parts()
{
    std::error_code error;
    parts_.clear();
    bytes_ = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
        if (const auto range = range_of_part(entry.path().filename().string())) {
            // Of two that begin alike, the longer one.
            TrialRange& known = parts_.try_emplace(range->first, *range).first->second;
            known.end = std::max(known.end, range->end);
            std::error_code unknown;
            bytes_ += entry.file_size(unknown);
        }
    }
}

std::optional<FinishedStretch> PartStore::take(std::uint64_t first)
{
    const auto found = parts_.find(first);
    if (found == parts_.end()) {
        return std::nullopt;
    }
    try {
        return read_part_file(folder_ / part_file_name(found->second), key_, like_);
    } catch (const ForeignPartError&) {
        throw;
    } catch (const PartError& error) {
        damaged_.emplace_back(error.what());
        std::error_code unknown;
        std::filesystem::remove(folder_ / part_file_name(found->second), unknown);
        parts_.erase(found);
        return std::nullopt;
    }
}

std::uint64_t PartStore::next(std::uint64_t first) const
{
    const auto found = parts_.lower_bound(first);
    return found == parts_.end() ? std::numeric_limits<std::uint64_t>::max() : found->first;
}

void PartStore::keep(const FinishedStretch& stretch)
{
    const TrialRange range{stretch.first, stretch.first + stretch.trials()};
    const std::string content = part_file_content(stretch, key_, like_);
    if (content.size() > room_ - std::min(room_, bytes_)) {
        is_full_ = true;
        return;
    }
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    write_part(folder_ / part_file_name(range), content);
    bytes_ += content.size();
    parts_[range.first] = range;
}

std::uint64_t PartStore::trials() const
{
    std::uint64_t trials = 0;
    for (const auto& [first, range] : parts_) {
        trials += range.end - range.first;
    }
    return trials;
}

}  // namespace chokepoint
