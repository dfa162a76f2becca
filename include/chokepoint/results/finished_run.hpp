#pragma once

#include "chokepoint/support/diagnostic.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chokepoint {

/// The file whose presence says that a folder of results is whole.
inline constexpr const char* manifest_name = "manifest.json";

/// What keeps result folders from being read, collected so that all of it is told at once.
class FolderProblems {
public:
    /// A file or folder that cannot be opened.
    void add_unopened(const std::filesystem::path& path, const std::string& reason);

    /// What is wrong with the content of files.
    Diagnostics& errors() { return errors_; }

    /// \throws InputError  if a file has errors.
    /// \throws FileError   if nothing else is wrong than that something cannot be opened.
    void throw_if_any() const;

private:
    struct Unopened {
        std::filesystem::path path;
        std::string reason;
    };
    std::vector<Unopened> unopened_;
    Diagnostics errors_;
};

/// The bytes of a file. Devices and pipes have none: they may have no end.
/// \param problems  Takes up why it cannot be read; nothing is returned then.
std::optional<std::string> content_of(const std::filesystem::path& file,
                                      FolderProblems& problems);

/// The same. \throws FileError  if it cannot be read.
std::string bytes_of(const std::filesystem::path& file);

/// The folder of a finished run: what its manifest says, and its files.
struct FinishedRun {
    std::filesystem::path folder;
    std::string scenario;         ///< Title.
    std::string command;          ///< e.g. `run`.
    std::string version, commit;  ///< Of the program.
    std::uint64_t seed = 0, trials = 0;
    std::string until;         ///< Rules to stop by, with commas between them.
    std::uint64_t memory = 0;  ///< For values of trials, bytes; 0 if the manifest is silent.
    std::map<std::string, std::string> checksums;  ///< SHA-256 of every other file, by name.
    std::map<std::string, std::string> texts;      ///< Content of the files that were kept.

    /// Empty if the file was not kept.
    const std::string& text(const std::string& name) const;
};

/// Reads a result folder and holds every file against its checksum in the manifest.
///
/// \param keep      Names of the files whose content is wanted, if they are there.
/// \param problems  Takes up what is wrong with the folder; nothing is returned then.
std::optional<FinishedRun> read_finished_run(const std::filesystem::path& folder,
                                             const std::vector<std::string>& keep,
                                             FolderProblems& problems);

/// \throws InputError, FileError  if a folder is not that of a finished run, or not as the run
/// wrote it.
void check_finished_run(const std::filesystem::path& folder);

}  // namespace chokepoint
