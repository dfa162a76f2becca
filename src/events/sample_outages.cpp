// Outages (docs/model.md section 5): an alternating renewal process for each facility and
// cause, and shocks that strike several facilities at once.

#include <limits>

#include "chokepoint/support/calendar.hpp"
#include "samplers.hpp"

namespace chokepoint {
namespace {

/// One facility under one cause: running times and repairs in turn.
class Renewal {
public:
    Renewal(const Drawing& drawing, const OutageHazard& hazard)
        : drawing_(drawing),
          hazard_(hazard),
          horizon_(drawing.model.months),
          stream_(drawing.stream(Purpose::outage, hazard.stream))
    {
        double factor = 1;
        for (const Slot grade : hazard.grade_factors) {
            factor *= drawing.parameters[grade];
        }
        for (const Slot share : hazard.keep_shares) {
            keep_share_ *= drawing.parameters[share];
        }
        if (hazard.running_days) {
            running_scale_ = 1 / (factor * days_per_month);
            mean_running_ = hazard.running_days->mean * running_scale_;
        } else {
            mean_running_ =
                months_per_year / (drawing.parameters[hazard.rate_per_year] * factor);
        }
    }

    void run()
    {
        if (!(mean_running_ < std::numeric_limits<double>::infinity())) {
            return;  // it never fails
        }
        for (double repaired = start(); repaired < horizon_; repaired += running_time()) {
            repaired = fail(repaired);
        }
    }

private:
    double running_time()
    {
        return hazard_.running_days
                   ? hazard_.running_days->distribution.draw(stream_) * running_scale_
                   : exponential_time(stream_, mean_running_);
    }

    /// Equation (21): when the first failure comes. In the steady state a random date falls
    /// into a running time or a repair by their mean lengths, into a long one rather than a
    /// short one, and at a uniform place of it.
    double start()
    {
        if (hazard_.starts_running) {
            return running_time();
        }
        const double mean_repair = hazard_.repair_days.mean / days_per_month;
        if (uniform01(stream_) * (mean_running_ + mean_repair) < mean_repair) {
            const double length =
                hazard_.repair_days.distribution.draw_length_biased(stream_) / days_per_month;
            const double repaired = length * uniform01(stream_);
            add(repaired - length, repaired);
            return repaired + running_time();
        }
        if (!hazard_.running_days) {
            return running_time();  // the exponential law has no memory
        }
        return hazard_.running_days->distribution.draw_length_biased(stream_) * running_scale_
               * uniform01(stream_);
    }

    /// A failure; gives back when it is repaired.
    double fail(double from)
    {
        const double until =
            from + hazard_.repair_days.distribution.draw(stream_) / days_per_month;
        add(from, until);
        return until;
    }

    void add(double from, double until)
    {
        const double loss =
            drawing_.mark(hazard_.loss_share, stream_, Knob::outage_loss, hazard_.source);
        if (!drawing_.keeps(keep_share_, hash_part(hazard_.stream, number_++))) {
            return;
        }
        drawing_.timeline.outages.push_back({.facility = hazard_.facility,
                                             .cause = Cause::sampled,
                                             .source = hazard_.source,
                                             .from = from,
                                             .until = until,
                                             .loss = loss});
    }

    const Drawing& drawing_;
    const OutageHazard& hazard_;
    double horizon_;
    double running_scale_ = 0;  ///< Months per day of `running_days`, grades included.
    double mean_running_ = 0;   ///< months
    double keep_share_ = 1;
    std::uint64_t number_ = 0;  ///< Of the next failure.
    Philox stream_;
};

/// The times of the shocks come from the cause's stream, whom they strike and for how long from
/// a stream of each member: a new member moves no other's draws.
void sample_common_cause(const Drawing& drawing, std::size_t position)
{
    const CommonCause& cause = drawing.model.common_causes[position];
    const double horizon = drawing.model.months;
    const double rate = drawing.parameters[cause.rate_per_year];
    if (!(rate > 0)) {
        return;
    }
    const double mean_gap = months_per_year / (rate * drawing.factor(Knob::shocks, position));
    double events = 0;
    for (const CommonCause::Member& member : cause.members) {
        Philox shocks = drawing.stream(Purpose::common_cause, cause.stream);
        Philox marks = drawing.stream(Purpose::common_cause, member.stream);
        events = 0;  // each member meets the same shocks
        for (double time = exponential_time(shocks, mean_gap); time < horizon;
             time += exponential_time(shocks, mean_gap)) {
            ++events;
            if (!drawing.decide(drawing.parameters[cause.strike_probability], marks,
                                Knob::strikes, position)) {
                continue;
            }
            const double repair =
                drawing.mark(cause.repair_days, marks, Knob::cause_repair, position)
                / days_per_month;
            const double loss =
                drawing.mark(cause.loss_share, marks, Knob::cause_loss, position);
            if (!drawing.keeps(drawing.parameters[cause.keep_share],
                               hash_part(member.stream, static_cast<std::uint64_t>(events)))) {
                continue;
            }
            drawing.timeline.outages.push_back({.facility = member.facility,
                                                .cause = Cause::sampled,
                                                .source = cause.source,
                                                .from = time,
                                                .until = time + repair,
                                                .loss = loss});
        }
    }
    drawing.note(Knob::shocks, position, events, rate * horizon / months_per_year);
}

}  // namespace

void sample_outages(const Drawing& drawing)
{
    for (const OutageHazard& hazard : drawing.model.outage_hazards) {
        Renewal(drawing, hazard).run();
    }
    for (std::size_t cause = 0; cause < drawing.model.common_causes.size(); ++cause) {
        sample_common_cause(drawing, cause);
    }
}

}  // namespace chokepoint
