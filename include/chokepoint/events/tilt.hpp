#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "chokepoint/events/parameters.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/random/distribution.hpp"
#include "chokepoint/random/philox.hpp"

namespace chokepoint {

/// What can be tilted, each in every entry that has it: an uncertain number, a restriction
/// hazard in a part of the horizon, a common cause, an outage source, a price shock.
enum class Knob : std::size_t {
    parameter,  ///< An uncertain number.
    onsets,     ///< When restrictions come that nothing provokes.
    severity,   ///< Of a restriction, as are the next six.
    duration,
    notice,
    targeted,  ///< Whether it hits the targets only, not all importers.
    structural,
    structural_severity,
    structural_duration,
    shocks,  ///< When a common cause strikes; the next three are what it does.
    strikes,
    cause_repair,
    cause_loss,
    outage_loss,  ///< Of failures of single facilities.
    jumps,        ///< When a price jumps.
    jump_size,
};
inline constexpr std::size_t knob_kinds = static_cast<std::size_t>(Knob::jump_size) + 1;

/// Into how many equal parts the horizon falls, with knobs of their own for restrictions that
/// are announced in each: early ones hurt longer than late ones.
inline constexpr std::size_t horizon_parts = 4;

/// The entry of a restriction hazard in the part of the horizon into which a month falls.
constexpr std::size_t entry_at(std::size_t hazard, double month, int months)
{
    const auto part = static_cast<std::size_t>(month / months * horizon_parts);
    return hazard * horizon_parts + (part < horizon_parts ? part : horizon_parts - 1);
}

/// The knobs of a model in one row.
class TiltKnobs {
public:
    explicit TiltKnobs(const Model& model);

    std::size_t size() const { return names_.size(); }
    std::size_t position(Knob knob, std::size_t entry) const
    {
        return first_[static_cast<std::size_t>(knob)] + entry;
    }
    /// What each knob moves, by position: the key path of a number, else e.g.
    /// `NAME/loss_share`, or `NAME/duration_days/2` for the second part of the horizon.
    const std::vector<std::string>& names() const { return names_; }

private:
    std::array<std::size_t, knob_kinds> first_{};
    std::vector<std::string> names_;
};

/// Laws from which trials are drawn in place of the scenario's own law P, so that bad ones are
/// common; their weights undo it (docs/model.md section 10).
///
/// Whatever can be tilted is drawn by way of exponential numbers, and a *factor* r multiplies
/// their rate. Of onsets they are the gaps: r > 1 brings more. Of a mark or an uncertain number
/// X they are -ln P(X > x): r < 1 makes it larger, r > 1 smaller. A decision of probability p
/// is positive if the number is at least -ln p: r < 1 makes it likelier.
struct Tilt {
    /// One law Q_k.
    struct Component {
        double share = 0;             ///< Of the trials that are drawn from it.
        std::vector<double> factors;  ///< r > 0 by position in TiltKnobs; 1: as in P.
    };
    /// Their shares add up to at most 0.9; the other trials are drawn from P, so that no weight
    /// exceeds 10.
    std::vector<Component> components;
};

/// Least share of trials that is drawn from the scenario's own law.
inline constexpr double least_plain_share = 0.1;

/// What a trial has drawn with one knob.
struct KnobSum {
    double count = 0;     ///< Exponential numbers that ended: events, marks, decisions against.
    double exposure = 0;  ///< Their sum; of onsets how many P lets expect.
};

/// The density of trials under a tilt over that under the scenario's own law P: one over the
/// weight. Of what a trial has drawn it is
///
///     plain share + sum over k of share_k e^{l_k}
///     l_k = ln dQ_k/dP = sum over knobs of (count ln r - (r - 1) exposure)
///
/// whichever law the trial comes from; at least the plain share, and exactly 1 for factors
/// of 1.
class DensityRatio {
public:
    explicit DensityRatio(const Tilt& tilt);

    /// \param sums  By position in TiltKnobs.
    double of(std::span<const KnobSum> sums) const;

private:
    /// A knob whose factor is not 1.
    struct Turned {
        std::size_t position;
        double factor, log_factor;
    };
    struct Law {
        double share;
        std::vector<Turned> turned;
    };
    std::vector<Law> laws_;
};

/// How one trial is drawn under a tilt, and with which weight.
class TiltedDraws {
public:
    /// \param knobs, tilt  Must outlive the draws.
    /// \throws std::invalid_argument if the tilt's factors or shares are not as they must be.
    TiltedDraws(const TiltKnobs& knobs, const Tilt& tilt);

    /// Begins a trial: decides which law it is drawn from. A trial and its twin have the same.
    void start(TrialKey key);

    /// A draw by inversion.
    double draw(const Distribution& distribution, Philox& stream, Knob knob, std::size_t entry);
    /// A decision that is positive with the given probability under P.
    bool decide(double probability, Philox& stream, Knob knob, std::size_t entry);
    /// How many times as often events come as under P.
    double factor(Knob knob, std::size_t entry) const;
    /// Notes events of a Poisson process and the expected number of them under P.
    void note(Knob knob, std::size_t entry, double events, double expected);

    /// ln of the weight of what has been drawn since `start`; at most -ln(plain share).
    double log_weight() const;
    /// What has been drawn, by position in TiltKnobs.
    std::span<const KnobSum> sums() const { return sums_; }

private:
    const TiltKnobs* knobs_;
    const Tilt* tilt_;
    DensityRatio ratio_;
    const Tilt::Component* component_ = nullptr;  ///< Null: P.
    std::vector<KnobSum> sums_;
};

}  // namespace chokepoint
