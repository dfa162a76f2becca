#pragma once

#include <string>
#include <vector>

namespace chokepoint {

/// A library that the program was built with.
struct LibraryVersion {
    std::string name;
    std::string version;
};

/// What this program was built from: everything but the input that results may depend on.
struct BuildInfo {
    std::string version;  ///< Of the program, e.g. `0.1.0`.
    std::string
        commit;  ///< Twelve digits, `-dirty` if tracked files were changed; or `unknown`.
    std::string compiler;                   ///< Name and version, e.g. `GNU 12.2.0`.
    std::string build_type;                 ///< e.g. `Release`.
    std::vector<LibraryVersion> libraries;  ///< Sorted by name.
};

/// The facts of this build.
BuildInfo build_info();

}  // namespace chokepoint
