#pragma once

#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "chokepoint/random/philox.hpp"

namespace chokepoint {

/// What a stream is drawn for. One entity may own one stream of each purpose.
enum class Purpose : std::uint64_t {
    parameter,     ///< A number of the scenario that is a distribution: one draw per trial.
    restriction,   ///< Onsets of sampled export restrictions.
    event,         ///< The marks of one sampled restriction, by the key of the event.
    tension,       ///< When a relation is tense.
    contagion,     ///< What one restriction provokes, by the keys of link and event.
    outage,        ///< Up and down times of a facility by one cause.
    common_cause,  ///< Shocks to several facilities, and what each of them suffers.
    project,       ///< Whether and when a project opens.
    price_shock,   ///< Monthly innovations of a price shock.
    price_jump,    ///< Times and sizes of its jumps.
    price_mixing,  ///< What makes the innovations of a month extreme together.
    scramble,  ///< How a parameter's Sobol' points are scrambled: by scramble, not by trial.
    no_model,  ///< The random walk of a price that hindcasts are compared with.
    tilt,      ///< From which law a trial is drawn in a run with a tilt.
    thinning,  ///< Which events come all the same where a policy makes them rarer.
    copies,    ///< How often a weighted trial counts where only whole ones can.
    holding,   ///< Returns of a portfolio's positions that have nothing to do with the metals.
};

/// The purpose's name, from which its streams are keyed: it never changes.
constexpr std::string_view to_string(Purpose purpose)
{
    switch (purpose) {
        case Purpose::parameter:
            return "parameter";
        case Purpose::restriction:
            return "restriction";
        case Purpose::event:
            return "event";
        case Purpose::tension:
            return "tension";
        case Purpose::contagion:
            return "contagion";
        case Purpose::outage:
            return "outage";
        case Purpose::common_cause:
            return "common_cause";
        case Purpose::project:
            return "project";
        case Purpose::price_shock:
            return "price_shock";
        case Purpose::price_jump:
            return "price_jump";
        case Purpose::price_mixing:
            return "price_mixing";
        case Purpose::scramble:
            return "scramble";
        case Purpose::no_model:
            return "no_model";
        case Purpose::tilt:
            return "tilt";
        case Purpose::thinning:
            return "thinning";
        case Purpose::copies:
            return "copies";
        case Purpose::holding:
            return "holding";
    }
    throw std::logic_error("to_string: no such purpose");
}

/// Spreads every bit over all of them: the finaliser of SplitMix64 [steele2014].
constexpr std::uint64_t mixed(std::uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
    return hash ^ (hash >> 31);
}

/// A 64-bit hash of an entity's name (FNV-1a with a final mix). It decides which numbers the
/// entity draws, so it never changes. Two names of one scenario with one hash are an input
/// error.
constexpr std::uint64_t hash_name(std::string_view name)
{
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, 64 bits: offset and prime
    for (const char letter : name) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    }
    return mixed(hash);  // FNV leaves the high bits of short names alike
}

/// The key of a part of an entity, e.g. of its event number `part`.
constexpr std::uint64_t hash_part(std::uint64_t entity, std::uint64_t part)
{
    return mixed(entity + 0x9e3779b97f4a7c15 * (mixed(part) | 1));
}

/// `hash_name` of the purpose's name.
constexpr std::uint64_t hash_of(Purpose purpose)
{
    // Computed by the compiler: opening a stream must not hash.
    constexpr std::uint64_t hashes[] = {
        hash_name(to_string(Purpose::parameter)),    hash_name(to_string(Purpose::restriction)),
        hash_name(to_string(Purpose::event)),        hash_name(to_string(Purpose::tension)),
        hash_name(to_string(Purpose::contagion)),    hash_name(to_string(Purpose::outage)),
        hash_name(to_string(Purpose::common_cause)), hash_name(to_string(Purpose::project)),
        hash_name(to_string(Purpose::price_shock)),  hash_name(to_string(Purpose::price_jump)),
        hash_name(to_string(Purpose::price_mixing)), hash_name(to_string(Purpose::scramble)),
        hash_name(to_string(Purpose::no_model)),     hash_name(to_string(Purpose::tilt)),
        hash_name(to_string(Purpose::thinning)),     hash_name(to_string(Purpose::copies)),
        hash_name(to_string(Purpose::holding))};
    return hashes[static_cast<std::uint64_t>(purpose)];
}

/// The stream of one entity in one trial: key (seed, hash of the purpose's name), counter (draw
/// block, trial, entity, 0). Adding or removing an entity moves no other entity's numbers.
///
/// \param entity  `hash_name` of the entity.
inline Philox make_stream(std::uint64_t seed, Purpose purpose, std::uint64_t trial,
                          std::uint64_t entity)
{
    return Philox({seed, hash_of(purpose)}, {0, trial, entity, 0});
}

/// A uniform number in [0, 1) with 53 random bits.
inline double uniform01(Philox& stream)
{
    return static_cast<double>(stream() >> 11) * 0x1p-53;
}

/// A uniform number in (0, 1): the midpoints of 2^52 equal cells. Its logarithm is always
/// finite.
inline double uniform_open(Philox& stream)
{
    return (static_cast<double>(stream() >> 12) + 0.5) * 0x1p-52;
}

}  // namespace chokepoint
