#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace chokepoint {

/// A result could not be written, e.g. because the disk is full; the message names file and
/// reason.
class WriteError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An output folder or file holds what would be lost, is being written to, or cannot be created.
class OutputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Writes a file whole or not at all: to a hidden name beside it, flushed to the disk, then
/// renamed. What is half written is removed.
///
/// \throws WriteError
void write_file(const std::filesystem::path& file, std::string_view content);

/// Where a file of the results lies until it is whole: `.<name>.part` beside it.
std::filesystem::path hidden_path(const std::filesystem::path& file);

/// Flushes what lies whole at the file's hidden path to the disk and renames it.
///
/// \throws WriteError
void reveal_file(const std::filesystem::path& file);

/// A file that grows at its hidden path, where it is removed on destruction unless somebody has
/// revealed it.
class GrowingFile {
public:
    /// \throws WriteError
    explicit GrowingFile(const std::filesystem::path& file);
    ~GrowingFile();
    GrowingFile(const GrowingFile&) = delete;
    GrowingFile& operator=(const GrowingFile&) = delete;

    /// \throws WriteError
    void append(std::string_view bytes);

    /// Flushes the file to the disk and closes it: it is whole from now on. \throws WriteError
    void finish();

private:
    std::filesystem::path file_, hidden_;
    int descriptor_ = -1;
};

/// SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

/// SHA-256 of a file that may be larger than the memory.
/// \throws WriteError if what has been written cannot be read back.
std::string sha256_of_file(const std::filesystem::path& file);

}  // namespace chokepoint
