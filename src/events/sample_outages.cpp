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
    Renewal(const Model& model, const OutageHazard& hazard, const Parameters& parameters,
            TrialKey key, Timeline& timeline)
        : hazard_(hazard),
          horizon_(model.months),
          stream_(make_stream(key.seed, Purpose::outage, key.trial, hazard.stream)),
          timeline_(timeline)
    {
        double factor = 1;
        for (const Slot grade : hazard.grade_factors) {
            factor *= parameters[grade];
        }
        if (hazard.running_days) {
            running_scale_ = 1 / (factor * days_per_month);
            mean_running_ = hazard.running_days->mean * running_scale_;
        } else {
            mean_running_ = months_per_year / (parameters[hazard.rate_per_year] * factor);
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
        timeline_.outages.push_back({.facility = hazard_.facility,
                                     .cause = Cause::sampled,
                                     .source = hazard_.source,
                                     .from = from,
                                     .until = until,
                                     .loss = hazard_.loss_share.distribution.draw(stream_)});
    }

    const OutageHazard& hazard_;
    double horizon_;
    double running_scale_ = 0;  ///< Months per day of `running_days`, grades included.
    double mean_running_ = 0;   ///< months
    Philox stream_;
    Timeline& timeline_;
};

/// The times of the shocks come from the cause's stream, whom they strike and for how long from
/// a stream of each member: a new member moves no other's draws.
void sample_common_cause(const Model& model, const CommonCause& cause,
                         const Parameters& parameters, TrialKey key, Timeline& timeline)
{
    const double rate = parameters[cause.rate_per_year];
    if (!(rate > 0)) {
        return;
    }
    const double mean_gap = months_per_year / rate;
    for (const CommonCause::Member& member : cause.members) {
        Philox shocks = make_stream(key.seed, Purpose::common_cause, key.trial, cause.stream);
        Philox marks = make_stream(key.seed, Purpose::common_cause, key.trial, member.stream);
        for (double time = exponential_time(shocks, mean_gap); time < model.months;
             time += exponential_time(shocks, mean_gap)) {
            if (uniform01(marks) >= parameters[cause.strike_probability]) {
                continue;
            }
            const double repair = cause.repair_days.distribution.draw(marks) / days_per_month;
            timeline.outages.push_back({.facility = member.facility,
                                        .cause = Cause::sampled,
                                        .source = cause.source,
                                        .from = time,
                                        .until = time + repair,
                                        .loss = cause.loss_share.distribution.draw(marks)});
        }
    }
}

}  // namespace

void sample_outages(const Model& model, const Parameters& parameters, TrialKey key,
                    Timeline& timeline)
{
    for (const OutageHazard& hazard : model.outage_hazards) {
        Renewal(model, hazard, parameters, key, timeline).run();
    }
    for (const CommonCause& cause : model.common_causes) {
        sample_common_cause(model, cause, parameters, key, timeline);
    }
}

}  // namespace chokepoint
