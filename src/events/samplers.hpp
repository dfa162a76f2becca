#pragma once

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/events/timeline.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"

// One sampler per family of hazards. Each turns the streams of its entities into events that
// are appended to the timeline; none sorts.
namespace chokepoint {

/// Tense spells, and the restrictions that come by themselves or are provoked by others.
void sample_restrictions(const Model& model, const Parameters& parameters, TrialKey key,
                         Timeline& timeline);

/// Failures of single facilities, and shocks that strike several.
void sample_outages(const Model& model, const Parameters& parameters, TrialKey key,
                    Timeline& timeline);

/// Jumps and monthly values of the price shocks.
void sample_price_shocks(const Model& model, const Parameters& parameters, TrialKey key,
                         Timeline& timeline);

/// An exponential time of the given mean.
inline double exponential_time(Philox& stream, double mean)
{
    return -mean * portable_log(uniform_open(stream));
}

}  // namespace chokepoint
