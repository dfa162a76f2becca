#pragma once

#include "chokepoint/events/tilt.hpp"

#include <filesystem>
#include <string>

namespace chokepoint {

/// The name of the file in a folder of results that holds the laws its trials were drawn from.
inline constexpr const char* tilt_file_name = "tilt.json";

/// The content of tilt.json: the share of each law, and by name the factors that are not 1.
std::string tilt_json(const Tilt& tilt, const TiltKnobs& knobs);

/// Reads such a file for a model with these knobs.
///
/// \throws FileError   if it cannot be opened.
/// \throws InputError  with all that is wrong with it.
Tilt read_tilt_file(const std::filesystem::path& file, const TiltKnobs& knobs);

}  // namespace chokepoint
