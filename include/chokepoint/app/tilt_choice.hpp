#pragma once

#include "chokepoint/engine/run.hpp"
#include "chokepoint/events/tilt.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/scenario.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace chokepoint {

/// The laws from which the trials of a run are drawn.
struct TiltChoice {
    bool was_asked_for = false;
    std::optional<Tilt> tilt;  ///< None: the scenario's own.
    bool is_stopped = false;   ///< During the pilot.
};

struct TiltOptions {
    std::filesystem::path file;  ///< A tilt.json, in place of what the scenario says; or empty.
    bool is_figure_an_option = false;  ///< `run.importance` is what `--importance` said.
    bool quiet = false;
};

/// The tilt of the file, of the scenario's `run.tilt`, or by a pilot for its `run.importance`;
/// tells of the pilot on standard error.
///
/// \throws InputError, FileError  for what is wrong with the file or the keys.
/// \throws NameError      if the pilot cannot aim at the figure of an option.
/// \throws ArgumentError  for a tilt of Sobol' points, or of too few trials.
TiltChoice choose_tilt(const Scenario& scenario, const TiltOptions& options, const Model& model,
                       const std::vector<std::unique_ptr<Meter>>& meters,
                       const RunSettings& settings, std::stop_token stop);

/// Refuses a run of which too few trials carry most of the weight for any figure to be trusted.
/// \throws ArgumentError
void check_effective_trials(const RunResult& result);

/// The tilt of the file, else of `run.tilt`, if there is one that tilts anything.
/// \throws InputError, FileError  for what is wrong with the file or the keys.
/// \throws ArgumentError          for a tilt of Sobol' points.
std::optional<Tilt> written_tilt(const Scenario& scenario, const std::filesystem::path& file,
                                 const TiltKnobs& knobs);

}  // namespace chokepoint
