#pragma once

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/tilt.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"

// One sampler per family of hazards. Each turns the streams of its entities into events that
// are appended to the timeline; none sorts.
namespace chokepoint {

/// What the events of a trial are drawn from, and where they go.
struct Drawing {
    const Model& model;
    const Parameters& parameters;
    TrialKey key;
    Timeline& timeline;
    TiltedDraws* tilt;  ///< Null: drawn plainly.

    Philox stream(Purpose purpose, std::uint64_t entity) const
    {
        return make_stream(key.seed, purpose, key.trial, entity);
    }
    double mark(const EventMark& mark, Philox& stream, Knob knob, std::size_t entry) const
    {
        return tilt == nullptr ? mark.distribution.draw(stream)
                               : tilt->draw(mark.distribution, stream, knob, entry);
    }
    bool decide(double probability, Philox& stream, Knob knob, std::size_t entry) const
    {
        return tilt == nullptr ? uniform01(stream) < probability
                               : tilt->decide(probability, stream, knob, entry);
    }
    /// Whether an event of a thinned process comes: by its own number, so that a smaller share
    /// keeps a subset of what a larger one keeps.
    bool keeps(double share, std::uint64_t event) const
    {
        if (share >= 1) {
            return true;
        }
        Philox thinning = stream(Purpose::thinning, event);
        return uniform01(thinning) < share;
    }
    /// How many times as often as written events come.
    double factor(Knob knob, std::size_t entry) const
    {
        return tilt == nullptr ? 1 : tilt->factor(knob, entry);
    }
    /// Notes how many came, and how many were to be expected as written.
    void note(Knob knob, std::size_t entry, double events, double expected) const
    {
        if (tilt != nullptr) {
            tilt->note(knob, entry, events, expected);
        }
    }
};

/// Tense spells, and the restrictions that come by themselves or are provoked by others.
void sample_restrictions(const Drawing& drawing);

/// Failures of single facilities, and shocks that strike several.
void sample_outages(const Drawing& drawing);

/// Jumps and monthly values of the price shocks.
void sample_price_shocks(const Drawing& drawing);

/// An exponential time of the given mean.
inline double exponential_time(Philox& stream, double mean)
{
    return -mean * portable_log(uniform_open(stream));
}

}  // namespace chokepoint
