#pragma once

#include "chokepoint/results/folder_lock.hpp"
#include "chokepoint/results/write_file.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

enum class Overwrite {
    refuse,
    resume,  ///< Goes on with what an interrupted run left in parts/.
    replace,
};

/// The content of a file of the results by its name; nothing if there is none.
using FileOfResults = std::function<std::optional<std::string>(const std::string& name)>;

/// The folder that one run writes to. Its files lie at hidden paths (`hidden_path`) until all
/// are whole: what was there before stays until `finish` puts them in its place, manifest.json
/// last. A run that fails leaves the folder as it was.
class ResultFolder {
public:
    /// Creates the folder, or takes over one that holds nothing but what a killed run wrote of
    /// its results; with `resume` also one with part files of an interrupted run; with
    /// `replace` also one with finished results or with files of others, and then part files
    /// are removed. What a killed run left half written is removed. Files of others stay for
    /// good: one that bears the name of a result is always refused.
    ///
    /// As long as it lives no other may be made of the same folder, by other programs neither.
    ///
    /// \throws OutputError if anything could be lost or the folder cannot be written to.
    ResultFolder(std::filesystem::path folder, Overwrite overwrite);

    const std::filesystem::path& path() const { return folder_; }

    /// Writes one file of the results.
    /// \throws WriteError
    void write(const std::string& name, std::string_view content);

    /// Makes one file of the results of what another wrote, whole, to its hidden path, where it
    /// must stay until `finish`.
    /// \throws WriteError
    void adopt(const std::string& name);

    /// Has a file made of the others once they are all there, before the manifest.
    /// \param make  Gets what reads them by name.
    void make_last(std::string name, std::function<std::string(const FileOfResults&)> make);
    /// Makes it. \throws WriteError
    void write_last();

    /// SHA-256 by name of the files written so far.
    const std::map<std::string, std::string>& checksums() const { return checksums_; }

    /// Removes the results of earlier runs and shows those of this one, in the order in which
    /// they were written, then manifest.json: from now on the folder is finished. Removes part
    /// files.
    /// \throws WriteError
    void finish(std::string_view manifest);

    /// Shows the results written so far, then shard.json: from now on the folder is a shard of
    /// a run, to be merged with others. Part files stay.
    /// \throws WriteError
    void finish_shard(std::string_view manifest);

private:
    /// Shows the results, the last one last.
    void reveal(const char* last, std::string_view content);

    /// Writes a file, whole, to its hidden path.
    void hide(const std::string& name, std::string_view content);

    std::filesystem::path folder_;
    std::unique_ptr<FolderLock> lock_;
    std::map<std::string, std::string> checksums_;
    std::string last_name_;  ///< Empty: none.
    std::function<std::string(const FileOfResults&)> make_last_;
    std::vector<std::string> names_;                    ///< As written, to be shown.
    std::vector<std::unique_ptr<GrowingFile>> hidden_;  ///< Removed unless shown.
};

/// Name of the file that says that a folder holds a finished shard.
inline constexpr const char* shard_file_name = "shard.json";

/// SHA-256 of the resolved scenario of a finished run in a folder; empty if there is none.
std::string finished_scenario_sha256(const std::filesystem::path& folder);

/// SHA-256 of one of the files of a finished run in a folder; empty if it has no such file.
std::string finished_file_sha256(const std::filesystem::path& folder, const std::string& name);

/// Removes part files that a finished run left behind when it was killed at last.
void remove_parts(const std::filesystem::path& folder);

}  // namespace chokepoint
