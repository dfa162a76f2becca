#pragma once

#include <filesystem>

namespace chokepoint {

/// Keeps other programs of chokepoint from writing to a folder as long as it lives.
///
/// A lock on the folder itself, no file in it: the system lifts it however the program ends.
/// File systems that know no such locks are written to without.
class FolderLock {
public:
    /// \throws OutputError  if another program has it, or another lock of this one.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int descriptor_;
};

}  // namespace chokepoint
