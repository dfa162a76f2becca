#include "check_hazards.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include "chokepoint/support/calendar.hpp"

namespace chokepoint {
namespace {

/// More events of one hazard in a trial than this are a slip of the pen: they would take memory
/// and time without end.
constexpr double most_events_per_trial = 10'000;

/// The most that a law gives, as far as matters: all but 0.1 % of an unbounded one.
double largest(const Distribution& law)
{
    return std::isfinite(law.upper()) ? law.upper() : law.quantile(0.999);
}

double largest(const Model& model, Slot slot)
{
    return largest(model.parameters[slot.index()].distribution);
}

class HazardCheck {
public:
    HazardCheck(const Model& model, const Scenario& scenario, Diagnostics& diagnostics)
        : model_(model), scenario_(scenario), diagnostics_(diagnostics)
    {}

    void tensions();
    void restrictions();
    void outages();
    void common_causes();
    void price_jumps();

private:
    /// [to, from]: the most that an event of one hazard provokes of another, on average.
    Eigen::MatrixXd most_offspring() const;
    /// \param per_year  The most that one hazard brings.
    void check_count(const Place& place, const std::string& path, double per_year);

    const Model& model_;
    const Scenario& scenario_;
    Diagnostics& diagnostics_;
};

void HazardCheck::check_count(const Place& place, const std::string& path, double per_year)
{
    const double events = per_year * model_.months / months_per_year;
    if (events > most_events_per_trial) {
        diagnostics_.error(place, path,
                           fmt::format("brings up to {:.4g} events in a trial (must be at most "
                                       "{:.0f})",
                                       events, most_events_per_trial));
    }
}

void HazardCheck::tensions()
{
    for (const Tension& tension : model_.tensions) {
        for (const Slot rate :
             {tension.becomes_tense_per_year, tension.becomes_calm_per_year}) {
            const ParameterInfo& info = model_.parameters[rate.index()];
            check_count(info.place, info.path, largest(model_, rate));
        }
    }
}

Eigen::MatrixXd HazardCheck::most_offspring() const
{
    const auto size = static_cast<Eigen::Index>(model_.restriction_hazards.size());
    Eigen::MatrixXd offspring = Eigen::MatrixXd::Zero(size, size);
    for (const Contagion& link : model_.contagion) {
        offspring(static_cast<Eigen::Index>(link.to), static_cast<Eigen::Index>(link.from)) +=
            largest(model_, link.offspring);
        const ParameterInfo& info = model_.parameters[link.offspring.index()];
        if (!std::isfinite(info.distribution.upper())) {
            // Beyond 1 in one trial of a thousand is a trial without end.
            diagnostics_.error(info.place, info.path,
                               "must be a law with an upper end, so that no wave can last for ever "
                               "(bound it with truncate)");
        }
    }
    return offspring;
}

/// Restrictions that provoke restrictions must die out: the largest eigenvalue of the mean
/// offspring N of one event must be below 1, or a wave would never end. Hazards that bring r
/// events a year by themselves then bring (I - N)^-1 r in all.
void HazardCheck::restrictions()
{
    const auto size = static_cast<Eigen::Index>(model_.restriction_hazards.size());
    if (size == 0) {
        return;
    }
    const Eigen::MatrixXd offspring = most_offspring();
    // No entry is negative, so the eigenvalue that is largest in size is a real one.
    const double radius = offspring.eigenvalues().cwiseAbs().maxCoeff();
    constexpr double rounding = 1e-12;
    if (radius >= 1 - rounding) {
        const ContagionEntry& first = scenario_.contagion.front();
        diagnostics_.error(
            first.place, "hazards.contagion",
            fmt::format("waves of restrictions would never end (the largest eigenvalue of the "
                        "offspring is {:.4g}; must be below 1)",
                        radius),
            "lower `offspring`; it counts for each hazard in `to`");
        return;
    }
    Eigen::VectorXd rates(size);
    for (Eigen::Index position = 0; position < size; ++position) {
        const RestrictionHazard& hazard =
            model_.restriction_hazards[static_cast<std::size_t>(position)];
        const double factor =
            hazard.tension ? std::max(1.0, largest(model_, hazard.tense_factor)) : 1.0;
        rates(position) = factor * largest(model_, hazard.rate_per_year);
    }
    const Eigen::VectorXd in_all =
        (Eigen::MatrixXd::Identity(size, size) - offspring).partialPivLu().solve(rates);
    for (Eigen::Index position = 0; position < size; ++position) {
        const Slot rate =
            model_.restriction_hazards[static_cast<std::size_t>(position)].rate_per_year;
        const ParameterInfo& info = model_.parameters[rate.index()];
        check_count(info.place, info.path, in_all(position));
    }
}

void HazardCheck::outages()
{
    struct Entry {
        double per_year = 0;
        Place place;
        std::string path;
    };
    constexpr double days_per_year = months_per_year * days_per_month;
    std::map<std::size_t, Entry> entries;  // by source: facilities of one entry add up
    for (const OutageHazard& hazard : model_.outage_hazards) {
        double rate_per_year = 0;  // of running time
        Entry& entry = entries[hazard.source];
        if (hazard.running_days) {
            rate_per_year = days_per_year / hazard.running_days->mean;
            entry.place = hazard.running_place;
            entry.path = "hazards.outages." + model_.outage_sources[hazard.source].name
                         + ".running_days";
        } else {
            const ParameterInfo& info = model_.parameters[hazard.rate_per_year.index()];
            rate_per_year = largest(model_, hazard.rate_per_year);
            entry.place = info.place;
            entry.path = info.path;
        }
        for (const Slot factor : hazard.grade_factors) {
            rate_per_year *= largest(model_, factor);
        }
        if (rate_per_year > 0) {
            entry.per_year +=
                days_per_year / (days_per_year / rate_per_year + hazard.repair_days.mean);
        }
    }
    for (const auto& [source, entry] : entries) {
        check_count(entry.place, entry.path, entry.per_year);
    }
}

void HazardCheck::common_causes()
{
    for (const CommonCause& cause : model_.common_causes) {
        const ParameterInfo& info = model_.parameters[cause.rate_per_year.index()];
        check_count(
            info.place, info.path,
            largest(model_, cause.rate_per_year) * static_cast<double>(cause.members.size()));
    }
}

void HazardCheck::price_jumps()
{
    for (const PriceShock& shock : model_.price_shocks) {
        if (shock.jumps) {
            const ParameterInfo& info = model_.parameters[shock.jumps->rate_per_year.index()];
            check_count(info.place, info.path, largest(model_, shock.jumps->rate_per_year));
        }
    }
}

}  // namespace

void check_hazards(const Model& model, const Scenario& scenario, Diagnostics& diagnostics)
{
    HazardCheck check(model, scenario, diagnostics);
    check.tensions();
    check.restrictions();
    check.outages();
    check.common_causes();
    check.price_jumps();
}

}  // namespace chokepoint
