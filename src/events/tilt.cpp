#include "chokepoint/events/tilt.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "chokepoint/random/stream.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

void check(const TiltKnobs& knobs, const Tilt& tilt)
{
    double shares = 0;
    for (const Tilt::Component& component : tilt.components) {
        if (component.factors.size() != knobs.size()) {
            throw std::invalid_argument(fmt::format("tilt: {} factors (the model has {} knobs)",
                                                    component.factors.size(), knobs.size()));
        }
        for (std::size_t position = 0; position < knobs.size(); ++position) {
            const double factor = component.factors[position];
            if (!(factor > 0 && std::isfinite(factor))) {
                throw std::invalid_argument(
                    fmt::format("tilt: the factor of {} is {} (must be positive)",
                                knobs.names()[position], factor));
            }
        }
        if (!(component.share > 0)) {
            throw std::invalid_argument("tilt: each law has a positive share");
        }
        shares += component.share;
    }
    constexpr double rounding = 1e-12;
    if (!(shares <= 1 - least_plain_share + rounding)) {
        throw std::invalid_argument(fmt::format("tilt: the shares add up to {} (at most {})",
                                                shares, 1 - least_plain_share));
    }
}

}  // namespace

TiltKnobs::TiltKnobs(const Model& model)
{
    const auto begin = [&](Knob knob) {
        first_[static_cast<std::size_t>(knob)] = names_.size();
    };
    begin(Knob::parameter);
    for (const Slot slot : model.uncertain_parameters) {
        names_.push_back(model.parameters[slot.index()].path);
    }
    const auto add_restrictions = [&](Knob knob, const char* what) {
        begin(knob);
        for (const RestrictionHazard& hazard : model.restriction_hazards) {
            const std::string& name = model.measures[hazard.measure.index()].name;
            for (std::size_t part = 1; part <= horizon_parts; ++part) {
                names_.push_back(fmt::format("{}/{}/{}", name, what, part));
            }
        }
    };
    add_restrictions(Knob::onsets, "onsets");
    add_restrictions(Knob::severity, "severity");
    add_restrictions(Knob::duration, "duration_days");
    add_restrictions(Knob::notice, "notice_days");
    add_restrictions(Knob::targeted, "targeted");
    add_restrictions(Knob::structural, "structural");
    add_restrictions(Knob::structural_severity, "structural/severity");
    add_restrictions(Knob::structural_duration, "structural/duration_days");
    const auto add_causes = [&](Knob knob, const char* what) {
        begin(knob);
        for (const CommonCause& cause : model.common_causes) {
            names_.push_back(model.outage_sources[cause.source].name + what);
        }
    };
    add_causes(Knob::shocks, "/shocks");
    add_causes(Knob::strikes, "/strikes");
    add_causes(Knob::cause_repair, "/repair_days");
    add_causes(Knob::cause_loss, "/loss_share");
    begin(Knob::outage_loss);
    for (const OutageSource& source : model.outage_sources) {
        names_.push_back(source.name + "/loss_share");
    }
    const auto add_jumps = [&](Knob knob, const char* what) {
        begin(knob);
        for (const PriceShock& shock : model.price_shocks) {
            names_.push_back(shock.name + what);
        }
    };
    add_jumps(Knob::jumps, "/jumps");
    add_jumps(Knob::jump_size, "/jumps/size");
}

DensityRatio::DensityRatio(const Tilt& tilt)
{
    for (const Tilt::Component& component : tilt.components) {
        Law& law = laws_.emplace_back(Law{component.share, {}});
        for (std::size_t position = 0; position < component.factors.size(); ++position) {
            const double factor = component.factors[position];
            if (factor != 1) {
                law.turned.push_back({position, factor, portable_log(factor)});
            }
        }
    }
}

double DensityRatio::of(std::span<const KnobSum> sums) const
{
    double ratio = 1;  // and what the laws add to that of P: exactly 0 where they are P
    for (const Law& law : laws_) {
        double log_ratio = 0;
        for (const Turned& knob : law.turned) {
            const KnobSum& sum = sums[knob.position];
            log_ratio += sum.count * knob.log_factor - (knob.factor - 1) * sum.exposure;
        }
        constexpr double largest = 700;  // e^700 is finite
        ratio += law.share * (portable_exp(std::min(log_ratio, largest)) - 1);
    }
    return ratio;
}

TiltedDraws::TiltedDraws(const TiltKnobs& knobs, const Tilt& tilt)
    : knobs_(&knobs), tilt_(&tilt), ratio_(tilt), sums_(knobs.size())
{
    check(knobs, tilt);
}

void TiltedDraws::start(TrialKey key)
{
    Philox stream = make_stream(key.seed, Purpose::tilt, key.trial & ~twin_of(0), 0);
    double rest = uniform01(stream);
    component_ = nullptr;
    for (const Tilt::Component& component : tilt_->components) {
        if (rest < component.share) {
            component_ = &component;
            break;
        }
        rest -= component.share;
    }
    std::ranges::fill(sums_, KnobSum{});
}

double TiltedDraws::draw(const Distribution& distribution, Philox& stream, Knob knob,
                         std::size_t entry)
{
    if (distribution.is_fixed()) {
        return distribution.lower();
    }
    const double time = -portable_log(uniform_open(stream)) / factor(knob, entry);
    note(knob, entry, 1, time);
    return distribution.quantile_above(portable_exp(-time));
}

bool TiltedDraws::decide(double probability, Philox& stream, Knob knob, std::size_t entry)
{
    const double time = -portable_log(uniform_open(stream)) / factor(knob, entry);
    // A time is looked at only until the decision is taken: what comes after, and all that is
    // left to chance when it is, must not spread the weights.
    const double needed = -portable_log(probability);  // infinite for 0
    note(knob, entry, time < needed ? 1 : 0, std::min(time, needed));
    return time >= needed;
}

double TiltedDraws::factor(Knob knob, std::size_t entry) const
{
    return component_ == nullptr ? 1 : component_->factors[knobs_->position(knob, entry)];
}

void TiltedDraws::note(Knob knob, std::size_t entry, double events, double expected)
{
    KnobSum& sum = sums_[knobs_->position(knob, entry)];
    sum.count += events;
    sum.exposure += expected;
}

double TiltedDraws::log_weight() const
{
    return -portable_log(ratio_.of(sums_));
}

}  // namespace chokepoint
