#pragma once

#include "chokepoint/events/timeline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/trial/path.hpp"

#include <string>
#include <vector>

namespace chokepoint {

/// The day `YYYY-MM-DD` on which a time in months after `start` falls; the time is finite.
std::string date_text(const Date& start, double months);

/// A time in months in words; an infinite bound is none, a moment one date, e.g. `2010-07-01 to
/// 2011-01-01`, `throughout`.
std::string period_text(const Date& start, double from, double until);

/// One event of a trial, told in words.
struct EventText {
    double from = 0, until = 0;  ///< model time, months
    /// `export_restriction`, `outage`, `tension`, `price_jump` or `facility`
    std::string type;
    std::string cause;  ///< `standing`, `scripted`, `sampled` or `prices`
    std::string name;   ///< of the scenario's entry
    std::string
        sentence;  ///< e.g. `china cuts exports of all commodities by 40 % (after refine)`
    /// How much it matters among events of its type, to choose those to show: of outages about
    /// the USD of capacity lost, of restrictions the share cut times months, of tensions
    /// months, of jumps the size of the logarithm.
    double weight = 0;
};

/// The events of a timeline in order of their start.
std::vector<EventText> event_texts(const Model& model, const Parameters& parameters,
                                   const Timeline& timeline);

/// What prices make of facilities in a run, in order of time: which shut, restart, are decided
/// on and open.
std::vector<EventText> facility_texts(const Model& model, const Path& path);

/// The name `scripted`, `sampled` or `standing`.
const char* cause_name(Cause cause);

/// What a restriction does to which exports, whatever its time and severity.
std::string measure_text(const Model& model, const Parameters& parameters,
                         const Measure& measure, double severity);

}  // namespace chokepoint
