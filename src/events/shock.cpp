#include "chokepoint/events/shock.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace chokepoint {
namespace {

/// Adds a position to a list that is sorted upwards.
void insert_sorted(std::vector<std::size_t>& positions, std::size_t position)
{
    positions.insert(std::upper_bound(positions.begin(), positions.end(), position), position);
}

}  // namespace

void set_running_at_start(const Model& model, const Parameters& parameters,
                          std::span<RunningSpan> running)
{
    for (std::size_t facility = 0; facility < running.size(); ++facility) {
        const std::optional<Opening>& opening = model.facilities[facility].opening;
        running[facility] = {.from = parameters.opening_month[facility],
                             .ramp = opening ? parameters[opening->ramp] : 0};
    }
}

double ramp_average(const RunningSpan& running, double from, double until)
{
    const double opening = running.from;
    const double ramp = running.ramp;
    if (until <= opening) {
        return 0;
    }
    if (from >= opening + ramp) {
        return 1;
    }
    // The integral of the ramp from its beginning to a time.
    const auto integral = [&](double time) {
        const double since = std::max(0.0, time - opening);
        return since <= ramp ? (ramp > 0 ? since * since / (2 * ramp) : 0.0) : since - ramp / 2;
    };
    return (integral(until) - integral(from)) / (until - from);
}

void ShockCursor::start(const Model& model, const Timeline& timeline)
{
    model_ = &model;
    timeline_ = &timeline;
    month_ = -1;

    announced_.resize(timeline.restrictions.size());
    std::iota(announced_.begin(), announced_.end(), std::size_t{0});
    std::sort(announced_.begin(), announced_.end(), [&](std::size_t left, std::size_t right) {
        const double left_time = timeline.restrictions[left].announced;
        const double right_time = timeline.restrictions[right].announced;
        return left_time < right_time || (left_time == right_time && left < right);
    });
    next_restriction_ = 0;
    next_outage_ = 0;
    restrictions_.clear();
    outages_.clear();

    restrictions_.reserve(timeline.restrictions.size());
    outages_.reserve(timeline.outages.size());
    breaks_.reserve(2 * timeline.outages.size() + 2);
    shock_.restrictions.reserve(timeline.restrictions.size());
    shock_.threats.reserve(timeline.restrictions.size());
    shock_.availability.assign(model.facilities.size(), 1.0);
    for (auto* shift : {&shock_.demand_shift, &shock_.supply_shift, &shock_.quoted_shift}) {
        shift->clear();
    }
    if (!timeline.price_shocks.empty()) {
        for (const PriceShock& process : model.price_shocks) {
            shift_of(process.channel).assign(model.cells(), 0.0);
        }
    }
    changing_.clear();
    struck_.clear();
    struck_.reserve(model.facilities.size());
    for (std::size_t facility = 0; facility < model.facilities.size(); ++facility) {
        if (model.facilities[facility].opening || model.facilities[facility].closure) {
            changing_.push_back(facility);
        }
    }
}

void ShockCursor::admit_events()
{
    const double until = month_ + 1;
    while (next_restriction_ < announced_.size()
           && timeline_->restrictions[announced_[next_restriction_]].announced < until) {
        insert_sorted(restrictions_, announced_[next_restriction_]);
        ++next_restriction_;
    }
    while (next_outage_ < timeline_->outages.size()
           && timeline_->outages[next_outage_].from < until) {
        outages_.push_back(next_outage_);
        ++next_outage_;
    }
}

void ShockCursor::retire_events()
{
    const double from = month_;
    std::erase_if(restrictions_, [&](std::size_t position) {
        return timeline_->restrictions[position].end() <= from;
    });
    std::erase_if(outages_, [&](std::size_t position) {
        return timeline_->outages[position].until <= from;
    });
}

void ShockCursor::set_restrictions()
{
    shock_.restrictions.clear();
    shock_.threats.clear();
    for (const std::size_t position : restrictions_) {
        const RestrictionEvent& event = timeline_->restrictions[position];
        const Force force = force_in(event, month_);
        if (force.share > 0) {
            shock_.restrictions.push_back(
                {.event = position, .share = force.share, .cut = force.cut});
        }
        if (event.cause != Cause::standing) {
            const bool is_acute = !event.has_structural_phase() || event.until > month_;
            shock_.threats.push_back(
                {.event = position,
                 .severity = is_acute ? event.severity : event.structural_severity,
                 .in_force = event.from < month_ + 1});
        }
    }
}

double ShockCursor::average_under_outages(std::size_t facility, const RunningSpan& running)
{
    const double month_start = month_;
    const double month_end = month_start + 1;
    const auto strikes = [&](std::size_t position) {
        return timeline_->outages[position].facility.index() == facility;
    };

    breaks_.assign({month_start, month_end});
    for (const std::size_t position : outages_) {
        if (strikes(position)) {
            const OutageEvent& outage = timeline_->outages[position];
            breaks_.push_back(std::clamp(outage.from, month_start, month_end));
            breaks_.push_back(std::clamp(outage.until, month_start, month_end));
        }
    }
    std::sort(breaks_.begin(), breaks_.end());

    double average = 0;
    for (std::size_t piece = 0; piece + 1 < breaks_.size(); ++piece) {
        const double from = breaks_[piece];
        const double until = breaks_[piece + 1];
        if (!(until > from)) {
            continue;
        }
        double left = 1;
        for (const std::size_t position : outages_) {
            const OutageEvent& outage = timeline_->outages[position];
            if (strikes(position) && outage.from <= from && until <= outage.until) {
                left *= 1 - outage.loss;
            }
        }
        average += (until - from) * left * ramp_average(running, from, until);
    }
    return average;
}

void ShockCursor::set_availability(std::span<const RunningSpan> running)
{
    for (const std::size_t facility : struck_) {
        shock_.availability[facility] = ramp_average(running[facility], month_, month_ + 1);
    }
    std::erase_if(changing_, [&](std::size_t facility) {
        const RunningSpan& span = running[facility];
        shock_.availability[facility] = ramp_average(span, month_, month_ + 1);
        // By date alone: it runs from now on, or never will.
        return !model_->facilities[facility].is_led_by_prices()
               && (month_ >= span.from + span.ramp
                   || span.from == std::numeric_limits<double>::infinity());
    });
    struck_.clear();
    for (const std::size_t outage : outages_) {
        const std::size_t facility = timeline_->outages[outage].facility.index();
        if (std::ranges::find(struck_, facility) == struck_.end()) {
            struck_.push_back(facility);
            shock_.availability[facility] = average_under_outages(facility, running[facility]);
        }
    }
}

std::vector<double>& ShockCursor::shift_of(ShockChannel channel)
{
    return channel == ShockChannel::demand   ? shock_.demand_shift
           : channel == ShockChannel::supply ? shock_.supply_shift
                                             : shock_.quoted_shift;
}

void ShockCursor::set_price_shocks()
{
    if (timeline_->price_shocks.empty()) {
        return;
    }
    for (auto* shift : {&shock_.demand_shift, &shock_.supply_shift, &shock_.quoted_shift}) {
        std::fill(shift->begin(), shift->end(), 0.0);
    }
    const double* values =
        &timeline_
             ->price_shocks[static_cast<std::size_t>(month_) * model_->price_shocks.size()];
    for (std::size_t process = 0; process < model_->price_shocks.size(); ++process) {
        const PriceShock& entry = model_->price_shocks[process];
        std::vector<double>& shift = shift_of(entry.channel);
        for (const std::size_t cell : entry.cells) {
            shift[cell] += values[process];
        }
    }
    constexpr double most = 50;  // far beyond any choke or floor
    for (auto* shift : {&shock_.demand_shift, &shock_.supply_shift, &shock_.quoted_shift}) {
        for (double& sum : *shift) {
            sum = std::clamp(sum, -most, most);
        }
    }
}

const Shock& ShockCursor::next(std::span<const RunningSpan> running)
{
    ++month_;
    admit_events();
    retire_events();
    set_restrictions();
    set_availability(running);
    set_price_shocks();
    shock_.quiet = outages_.empty() && shock_.restrictions.empty() && shock_.threats.empty();
    return shock_;
}

}  // namespace chokepoint
