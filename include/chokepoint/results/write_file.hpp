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

/// Writes a file whole or not at all: to a hidden name beside it, flushed to the disk, then
/// renamed. What is half written is removed.
///
/// \throws WriteError
void write_file(const std::filesystem::path& file, std::string_view content);

/// SHA-256 of the bytes, as 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace chokepoint
