// What may happen in a model: measures, restrictions, outages, price shocks.

#include <algorithm>

#include <fmt/format.h>

#include "chokepoint/statistics/correlation.hpp"
#include "model_builder.hpp"

namespace chokepoint {

/// What a restriction cuts: all for a ban, nothing relative for taxes and absolute quotas.
Slot ModelBuilder::severity_of(const RestrictionTerms& terms, const Number& written,
                               const std::string& path, const Place& place)
{
    if (terms.instrument == Instrument::ban) {
        return slot_of(
            Number{.distribution = Distribution(Fixed{1}), .path = path, .place = place});
    }
    if (terms.instrument == Instrument::tax || terms.quota_t) {
        return zero_slot;
    }
    return slot_of(written);
}

MeasureId ModelBuilder::add_measure(const std::string& name, const RestrictionTerms& terms)
{
    Measure measure{.name = name,
                    .exporter = regions_[terms.exporter],
                    .layer = {},
                    .instrument = terms.instrument,
                    .commodities = commodities_of(terms.commodities),
                    .weights = {},
                    .all_targets = terms.targets.all,
                    .targets = {},
                    .quota_t = slot_of(terms.quota_t),
                    .max_import_share = std::nullopt,
                    .tax_rate = terms.tax_rate ? slot_of(*terms.tax_rate) : zero_slot,
                    .shared = terms.shared,
                    .period_months = terms.period_months.value_or(0),
                    .front_loading = slot_of(terms.front_loading),
                    .leakage = slot_of(terms.leakage)};
    measure.layer = terms.layer.empty() ? model_.last_stage(measure.commodities.front())
                                        : stages_[terms.layer];
    std::erase_if(measure.commodities, [&](CommodityId commodity) {
        return measure.layer.index() >= model_.stages_of(commodity);
    });
    measure.weights.assign(measure.commodities.size(), one_slot);
    for (const auto& [commodity, weight] : terms.weights) {
        const auto found = std::find(measure.commodities.begin(), measure.commodities.end(),
                                     commodities_[commodity]);
        if (found != measure.commodities.end()) {
            measure.weights[static_cast<std::size_t>(found - measure.commodities.begin())] =
                slot_of(weight);
        }
    }
    if (!measure.all_targets || !terms.exempt.empty()) {
        // A measure that spares somebody caps the arcs to all others, one by one.
        measure.targets = regions_of(terms.targets);
        measure.all_targets = false;
        std::erase(measure.targets, measure.exporter);
        for (const std::string& spared : terms.exempt) {
            std::erase(measure.targets, regions_[spared]);
        }
    }
    const MeasureId id(model_.measures.size());
    model_.measures.push_back(std::move(measure));
    return id;
}

void ModelBuilder::add_standing_measures()
{
    for (const StandingMeasureEntry& entry : scenario_.standing_measures) {
        const MeasureId id = add_measure(entry.name, entry.terms);
        model_.measures[id.index()].max_import_share = slot_of(entry.max_import_share);
        model_.standing.push_back(
            {.measure = id,
             .from = entry.from ? month_of(*entry.from) : -infinity,
             .until = entry.until ? month_of(*entry.until) : infinity,
             .severity = entry.max_import_share
                             ? zero_slot
                             : severity_of(entry.terms, entry.severity,
                                           "standing_measures." + entry.name, entry.place)});
    }
}

void ModelBuilder::add_scripted_events()
{
    for (const ScriptedRestrictionEntry& entry : scenario_.scripted_restrictions) {
        model_.scripted_restrictions.push_back(
            {.measure = add_measure(entry.name, entry.terms),
             .announced = month_of(entry.announced.value_or(entry.from)),
             .from = month_of(entry.from),
             .until = month_of(entry.until),
             .severity = severity_of(entry.terms, entry.severity,
                                     "hazards.scripted." + entry.name, entry.place),
             .phase_in = slot_of(entry.phase_in_months),
             .phase_out = slot_of(entry.phase_out_months)});
    }
    for (const ScriptedOutageEntry& entry : scenario_.scripted_outages) {
        model_.outage_sources.push_back({.name = entry.name, .is_scripted = true});
        model_.scripted_outages.push_back({.source = model_.outage_sources.size() - 1,
                                           .facility = facilities_[entry.facility],
                                           .from = month_of(entry.from),
                                           .until = month_of(entry.until),
                                           .loss_share = slot_of(entry.loss_share)});
    }
}

void ModelBuilder::add_tensions()
{
    for (const TensionEntry& entry : scenario_.tensions) {
        Tension tension{.name = entry.name,
                        .regions = {},
                        .becomes_tense_per_year = slot_of(entry.becomes_tense_per_year),
                        .becomes_calm_per_year = slot_of(entry.becomes_calm_per_year),
                        .stream = stream_of(Purpose::tension, entry.name, entry.place)};
        for (const std::string& region : entry.regions) {
            tension.regions.push_back(regions_[region]);
        }
        tensions_.add(entry.name);
        model_.tensions.push_back(std::move(tension));
    }
}

void ModelBuilder::add_restriction_hazards()
{
    for (const RestrictionHazardEntry& entry : scenario_.restriction_hazards) {
        EventMark severity{entry.severity.distribution};
        if (entry.terms.instrument == Instrument::ban) {
            severity = {Distribution(Fixed{1})};
        } else if (entry.terms.instrument == Instrument::tax || entry.terms.quota_t) {
            severity = {Distribution(Fixed{0})};
        }
        RestrictionHazard hazard{
            .measure = add_measure(entry.name, entry.terms),
            .untargeted = std::nullopt,
            .targeted_probability = slot_of(entry.targeted_probability),
            .rate_per_year = slot_of(entry.rate_per_year),
            .tension = std::nullopt,
            .tense_factor = slot_of(entry.tense_factor),
            .keep_share = slot_of(entry.keep_share),
            .severity = std::move(severity),
            .duration_days = {entry.duration_days.distribution},
            .structural = std::nullopt,
            .notice_days = {entry.notice_days.distribution},
            .phase_in = slot_of(entry.phase_in_months),
            .phase_out = slot_of(entry.phase_out_months),
            .stream = stream_of(Purpose::restriction, entry.name, entry.place)};
        if (!entry.tension.empty()) {
            hazard.tension = tensions_[entry.tension].index();
        }
        if (entry.structural) {
            hazard.structural = StructuralPhase{
                .probability = slot_of(entry.structural->probability),
                .severity = {entry.structural->severity.distribution},
                .duration_days = {entry.structural->duration_days.distribution}};
        }
        const Distribution& targeted = entry.targeted_probability.distribution;
        if (!entry.terms.targets.all && targeted.lower() < 1) {
            RestrictionTerms to_all = entry.terms;
            to_all.targets.all = true;
            hazard.untargeted = add_measure(entry.name, to_all);
        }
        model_.restriction_hazards.push_back(std::move(hazard));
    }
}

void ModelBuilder::add_contagion()
{
    const auto positions = [&](const Names& names) {
        std::vector<std::size_t> found;
        for (std::size_t hazard = 0; hazard < scenario_.restriction_hazards.size(); ++hazard) {
            const std::string& name = scenario_.restriction_hazards[hazard].name;
            if (names.all || std::ranges::find(names.names, name) != names.names.end()) {
                found.push_back(hazard);
            }
        }
        return found;
    };
    for (const ContagionEntry& entry : scenario_.contagion) {
        const Slot offspring = slot_of(entry.offspring);
        const Slot mean_delay_days = slot_of(entry.mean_delay_days);
        for (const std::size_t from : positions(entry.from)) {
            for (const std::size_t to : positions(entry.to)) {
                const std::string link = entry.name + "/"
                                         + scenario_.restriction_hazards[from].name + "/"
                                         + scenario_.restriction_hazards[to].name;
                model_.contagion.push_back(
                    {.from = from,
                     .to = to,
                     .offspring = offspring,
                     .mean_delay_days = mean_delay_days,
                     .stream = stream_of(Purpose::contagion, link, entry.place)});
            }
        }
    }
}

/// The facility's factors among those of a hazard.
std::vector<Slot> ModelBuilder::grade_factors_of(
    const FacilityEntry& facility, const std::vector<std::pair<std::string, Slot>>& factors)
{
    std::vector<Slot> own;
    for (const auto& [grade, factor] : factors) {
        if (std::ranges::find(facility.grades, grade) != facility.grades.end()) {
            own.push_back(factor);
        }
    }
    return own;
}

void ModelBuilder::add_outage_hazards()
{
    for (const OutageHazardEntry& entry : scenario_.outage_hazards) {
        model_.outage_sources.push_back({.name = entry.name});
        const Slot rate = entry.rate_per_year ? slot_of(*entry.rate_per_year) : zero_slot;
        std::optional<EventMark> running_days;
        if (entry.running_days) {
            running_days = EventMark{entry.running_days->distribution};
        }
        std::vector<std::pair<std::string, Slot>> factors;
        for (const auto& [grade, factor] : entry.grade_factors) {
            factors.emplace_back(grade, slot_of(factor));
        }
        const Slot kept = slot_of(entry.keep_share);
        std::vector<std::pair<std::string, Slot>> kept_by_grade;
        for (const auto& [grade, share] : entry.keep_share_by_grade) {
            kept_by_grade.emplace_back(grade, slot_of(share));
        }
        for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
            const Facility& facility = model_.facilities[index];
            if (!selects(entry.facilities, facility)) {
                continue;
            }
            std::vector<Slot> keep_shares =
                grade_factors_of(scenario_.facilities[index], kept_by_grade);
            keep_shares.push_back(kept);
            model_.outage_hazards.push_back(
                {.source = model_.outage_sources.size() - 1,
                 .facility = FacilityId(index),
                 .rate_per_year = rate,
                 .running_days = running_days,
                 .running_place = entry.running_days ? entry.running_days->place : Place{},
                 .grade_factors = grade_factors_of(scenario_.facilities[index], factors),
                 .keep_shares = std::move(keep_shares),
                 .starts_running = entry.starts_running,
                 .repair_days = {entry.repair_days.distribution},
                 .loss_share = {entry.loss_share.distribution},
                 .stream = stream_of(Purpose::outage, entry.name + "/" + facility.name,
                                     entry.place)});
        }
    }
}

void ModelBuilder::add_common_causes()
{
    for (const CommonCauseEntry& entry : scenario_.common_causes) {
        model_.outage_sources.push_back({.name = entry.name});
        CommonCause cause{.source = model_.outage_sources.size() - 1,
                          .members = {},
                          .rate_per_year = slot_of(entry.rate_per_year),
                          .strike_probability = slot_of(entry.strike_probability),
                          .keep_share = slot_of(entry.keep_share),
                          .repair_days = {entry.repair_days.distribution},
                          .loss_share = {entry.loss_share.distribution},
                          .stream = stream_of(Purpose::common_cause, entry.name, entry.place)};
        for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
            const Facility& facility = model_.facilities[index];
            if (selects(entry.facilities, facility)) {
                cause.members.push_back(
                    {.facility = FacilityId(index),
                     .stream = stream_of(Purpose::common_cause,
                                         entry.name + "/" + facility.name, entry.place)});
            }
        }
        model_.common_causes.push_back(std::move(cause));
    }
}

void ModelBuilder::add_price_shocks()
{
    for (const PriceShockEntry& entry : scenario_.price_shocks.processes) {
        PriceShock shock{.name = entry.name,
                         .channel = entry.channel,
                         .cells = {},
                         .start = slot_of(entry.start),
                         .mean = slot_of(entry.mean),
                         .mean_reversion_per_year = slot_of(entry.mean_reversion_per_year),
                         .drift_per_year = slot_of(entry.drift_per_year),
                         .volatility_per_year = slot_of(entry.volatility_per_year),
                         .jumps = std::nullopt,
                         .stream = stream_of(Purpose::price_shock, entry.name, entry.place)};
        for (const RegionId region : regions_of(entry.regions)) {
            shock.cells.push_back(model_.cell(commodities_[entry.commodity], region));
        }
        if (entry.jumps) {
            shock.jumps =
                PriceShock::Jumps{.rate_per_year = slot_of(entry.jumps->rate_per_year),
                                  .size = {entry.jumps->size.distribution}};
        }
        price_shocks_.add(entry.name);
        model_.price_shocks.push_back(std::move(shock));
    }
    if (scenario_.price_shocks.dependence == Dependence::student_t) {
        model_.price_shock_dependence.degrees_of_freedom =
            slot_of(scenario_.price_shocks.degrees_of_freedom);
    }
}

/// Factors the correlations in file order, so that a process listed last moves no other.
void ModelBuilder::add_correlations()
{
    const PriceShocksEntry& entry = scenario_.price_shocks;
    const auto size = static_cast<Eigen::Index>(entry.processes.size());
    const auto position = [&](const std::string& name) {
        return static_cast<Eigen::Index>(price_shocks_[name].index());
    };
    Eigen::MatrixXd correlations = Eigen::MatrixXd::Identity(size, size);
    for (const CorrelationEntry& pair : entry.correlations) {
        correlations(position(pair.one), position(pair.other)) = pair.value;
        correlations(position(pair.other), position(pair.one)) = pair.value;
    }
    const std::optional<Eigen::MatrixXd> factor = lower_cholesky(correlations);
    if (!factor) {
        const Eigen::MatrixXd nearest = nearest_correlation(correlations, 0.01);
        std::vector<std::string> values;
        for (const CorrelationEntry& pair : entry.correlations) {
            values.push_back(fmt::format("{}: {{{}: {:.4f}}}", pair.one, pair.other,
                                         nearest(position(pair.one), position(pair.other))));
        }
        diagnostics_.error(
            entry.correlations.front().place, "hazards.price_shocks.correlations",
            "these cannot all hold at once (the matrix is not positive definite)",
            fmt::format("the nearest that can: {}", fmt::join(values, ", ")));
        return;
    }
    model_.price_shock_dependence.cholesky = *factor;
}

}  // namespace chokepoint
