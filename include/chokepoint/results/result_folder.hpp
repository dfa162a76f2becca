#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace chokepoint {

/// The output folder holds what a run would overwrite, or cannot be created.
class OutputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

enum class Overwrite { refuse, replace };

/// The folder that one run writes to. It looks finished, that is, holds a manifest.json, only
/// from `finish` on.
class ResultFolder {
public:
    /// Creates the folder, or takes over one that holds nothing but what a killed run wrote of
    /// its results; with `replace` also one with finished results, whose manifest is removed
    /// before anything else, with part files of an interrupted run, or with files of others.
    /// Results of earlier runs are removed, half-written ones too; part files stay until
    /// `finish` or `write_part`, and files of others for good: one that bears the name of a
    /// result is always refused.
    ///
    /// \throws OutputError if anything could be lost or the folder cannot be written to.
    ResultFolder(std::filesystem::path folder, Overwrite overwrite);

    const std::filesystem::path& path() const { return folder_; }

    /// Writes one file of the results.
    /// \throws WriteError
    void write(const std::string& name, std::string_view content);

    /// Makes one file of the results of what another wrote, whole, to its hidden path
    /// (`hidden_path`).
    /// \throws WriteError
    void adopt(const std::string& name);

    /// SHA-256 by name of the files written so far.
    const std::map<std::string, std::string>& checksums() const { return checksums_; }

    /// Writes manifest.json: from now on the folder is finished. Removes part files.
    /// \throws WriteError
    void finish(std::string_view manifest);

    /// Writes parts/<name> in place of all earlier part files; returns where it lies.
    /// \throws WriteError
    std::filesystem::path write_part(const std::string& name, std::string_view content);

private:
    std::filesystem::path folder_;
    std::map<std::string, std::string> checksums_;
};

}  // namespace chokepoint
