#include "chokepoint/market/legal_caps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "chokepoint/model/quota_calendar.hpp"

namespace chokepoint {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// How many months share one allowance, for a quota that is announced but not yet in force.
double months_of_allowance(const Measure& measure, const RestrictionEvent& event, int horizon)
{
    const double until = std::isfinite(event.until) ? event.until : horizon;
    return measure.period_months > 0 ? measure.period_months
                                     : std::max(1.0, until - event.from);
}

}  // namespace

/// F_t: what would take the arc this month without restriction.
double LegalCapRules::free_flow(const Parameters& parameters, const RestrictedArc& arc) const
{
    const Model& model = *model_;
    const TradeTable& trade =
        parameters.baseline
            .trade[arc.layer.index() * model.commodities.size() + arc.commodity.index()];
    const auto from = static_cast<Eigen::Index>(arc.from.index());
    const double exports = trade.row(from).sum();
    const double flow =
        arc.all_exports() ? exports : trade(from, static_cast<Eigen::Index>(arc.to.index()));
    if (reference_.now.empty()) {
        return flow;
    }
    const std::size_t at =
        arc.layer.index() * model.cells() + model.cell(arc.commodity, arc.from);
    if (const std::optional<double> growth = reference_.growth(at)) {
        return flow * *growth;
    }
    return arc.all_exports() ? reference_.now[at * reference_.lanes + reference_.lane] : 0;
}

double LegalCapRules::extra_room(const RestrictedArc& arc) const
{
    return model_->extra_room.empty()
               ? 0
               : model_->extra_room_of(
                   arc.all_exports() ? CappableArc::Kind::exports : CappableArc::Kind::trade,
                   arc.commodity, arc.layer, arc.from, arc.to);
}

/// What the importer of an arc would take from everybody.
double LegalCapRules::free_imports(const Parameters& parameters, const RestrictedArc& arc) const
{
    double imports = 0;
    for (std::size_t exporter = 0; exporter < model_->regions.size(); ++exporter) {
        RestrictedArc other = arc;
        other.from = RegionId(exporter);
        imports += other.from == arc.to ? 0 : free_flow(parameters, other);
    }
    return imports;
}

double LegalCapRules::weighted_free_flow(const Parameters& parameters,
                                         const Measure& measure) const
{
    double free = 0;
    for_each_arc(measure, [&](const RestrictedArc& arc, Slot weight) {
        free += parameters[weight] * free_flow(parameters, arc);
    });
    return free;
}

/// Equation (15): allowance of an absolute quota, what is left of the period's allowance,
/// spread over its months still to come in proportion to v_t; as a rate for a whole month.
double LegalCapRules::allowance(const Parameters& parameters, const RestrictionEvent& event,
                                int month, double& left) const
{
    const Measure& measure = model_->measures[event.measure.index()];
    const QuotaPeriod period =
        quota_period(event.from, event.until + event.phase_out, measure.period_months, month,
                     model_->months, parameters[measure.front_loading]);
    const auto in_force = [&](int at) { return share_in_force(event, at); };
    const double to_come = period.weight_from(month, in_force);
    if (month == std::max(period.first, 0)) {
        // What a period that began before the scenario used up then is gone.
        const double share = to_come / period.weight_from(period.first, in_force);
        left = share * period.part_in_time() * parameters[*measure.quota_t];
    }
    return std::max(0.0, left) * period.weight(month) / to_come;
}

/// Equations (3) and (4). Caps single arcs: relative cuts, absolute quotas on all exports of
/// one commodity, and what importers limit themselves to.
void LegalCapRules::cap_arcs(const Parameters& parameters, const Measure& measure,
                             const ActiveRestriction& active, double allowance,
                             LegalCaps& legal) const
{
    const double share = active.share;
    const double leakage = parameters[measure.leakage];
    for_each_arc(measure, [&](const RestrictedArc& arc, Slot weight) {
        const double free = free_flow(parameters, arc);
        const double limit = measure.max_import_share ? parameters[*measure.max_import_share]
                                                            * free_imports(parameters, arc)
                                                      : free * (1 - active.cut);
        const double legal_cap =
            measure.max_import_share ? share * limit + (1 - share) * free
            : measure.quota_t ? share * allowance / parameters[weight] + (1 - share) * free
                              : limit;
        const double cap =
            legal_cap + leakage * std::max(0.0, free - legal_cap) + extra_room(arc);
        const auto known = std::ranges::find_if(
            legal.caps, [&arc](const ArcCap& entry) { return entry.arc == arc; });
        if (known == legal.caps.end()) {
            legal.caps.push_back({arc, cap});
        } else {
            known->cap = std::min(known->cap, cap);
        }
    });
}

/// Puts several arcs under one tonnage. Of two quotas on the same arcs the tighter binds: the
/// one that leaves the smaller share of its own weighted free flow.
void LegalCapRules::add_shared(const Parameters& parameters, const Measure& measure,
                               double limit, LegalCaps& legal) const
{
    const double free = weighted_free_flow(parameters, measure);
    double effective = limit + parameters[measure.leakage] * std::max(0.0, free - limit);
    for_each_arc(measure, [&](const RestrictedArc& arc, Slot weight) {
        effective += parameters[weight] * extra_room(arc);
    });
    const auto covers_the_same = [&measure](const SharedQuota& quota) {
        std::size_t at = 0;
        bool same = true;
        for_each_arc(measure, [&](const RestrictedArc& arc, Slot) {
            same = same && at < quota.members.size() && quota.members[at].arc == arc;
            ++at;
        });
        return same && at == quota.members.size();
    };
    std::size_t position = 0;
    while (position < legal.quota_count && !covers_the_same(legal.quotas[position])) {
        ++position;
    }
    if (position < legal.quota_count) {
        double other_free = 0;
        for (const SharedQuota::Member& member : legal.quotas[position].members) {
            other_free += member.weight * free_flow(parameters, member.arc);
        }
        if (legal.quotas[position].limit * free <= effective * other_free) {
            return;
        }
    } else if (++legal.quota_count > legal.quotas.size()) {
        legal.quotas.emplace_back();
    }
    SharedQuota& quota = legal.quotas[position];
    quota.limit = effective;
    quota.members.clear();
    for_each_arc(measure, [&](const RestrictedArc& arc, Slot weight) {
        quota.members.push_back({arc, parameters[weight]});
    });
}

/// The duty on the arc that both runs have.
double LegalCapRules::standing_tax(const Parameters& parameters, const RestrictedArc& arc) const
{
    double rate = 0;
    for (const StandingMeasure& standing : model_->standing) {
        const Measure& measure = model_->measures[standing.measure.index()];
        if (measure.instrument == Instrument::tax) {
            for_each_arc(measure, [&](const RestrictedArc& taxed, Slot) {
                if (taxed == arc) {
                    rate = std::max(rate, parameters[measure.tax_rate]);
                }
            });
        }
    }
    return rate;
}

void LegalCapRules::tax_arcs(const Parameters& parameters, const Measure& measure, double share,
                             LegalCaps& legal) const
{
    for_each_arc(measure, [&](const RestrictedArc& arc, Slot) {
        const double standing = standing_tax(parameters, arc);
        const double rate = standing + share * (parameters[measure.tax_rate] - standing);
        const double factor = (1 + rate) / (1 + standing);
        const auto known = std::ranges::find_if(
            legal.taxes, [&arc](const ArcTax& entry) { return entry.arc == arc; });
        if (known == legal.taxes.end()) {
            legal.taxes.push_back({arc, std::max(1.0, factor)});
        } else {
            known->factor = std::max(known->factor, factor);
        }
    });
}

/// Equation (14): threat_r = min(1, Σ_{s≠r} (F_sr / need_r) · max severity of exporter s's
/// restrictions that reach r), and the same over those in force alone; plants that keep a stock
/// fear for what they take in of the layer above theirs.
bool LegalCapRules::spread_threat(const Parameters& parameters, const Timeline& timeline,
                                  const Shock& shock, LegalCaps& legal)
{
    const Model& model = *model_;
    const std::size_t holders = model.stock_holders();
    feared_.clear();
    for (const Threat& threat : shock.threats) {
        feared_.push_back(
            {threat.event, severity_of(parameters, timeline, threat, legal), threat.in_force});
    }
    if (feared_ == legal.feared) {
        return false;  // mostly: only a change of law moves fear
    }
    legal.feared = feared_;
    legal.threat.clear();
    legal.threat_in_force.clear();
    if (legal.feared.empty()) {
        return true;
    }
    legal.threat.assign(holders, 0);
    legal.threat_in_force.assign(holders, 0);
    const auto measure_of = [&](const Threat& feared) -> const Measure& {
        return model.measures[timeline.restrictions[feared.event].measure.index()];
    };
    exporters_.clear();
    for (const Threat& feared : legal.feared) {
        const RegionId exporter = measure_of(feared).exporter;
        if (std::ranges::find(exporters_, exporter) == exporters_.end()) {
            exporters_.push_back(exporter);
        }
    }
    std::ranges::sort(exporters_);
    for (const RegionId exporter : exporters_) {
        from_exporter_.assign(holders, {});
        for (const Threat& feared : legal.feared) {
            if (measure_of(feared).exporter == exporter) {
                add_threat(parameters, measure_of(feared), feared);
            }
        }
        for (std::size_t holder = 0; holder < holders; ++holder) {
            const ExporterThreat& threat = from_exporter_[holder];
            legal.threat[holder] = std::min(1.0, legal.threat[holder] + threat.any);
            legal.threat_in_force[holder] =
                std::min(1.0, legal.threat_in_force[holder] + threat.in_force);
        }
    }
    return true;
}

/// What share of its free flow a restriction may cut: of an absolute quota what the month's
/// allowance leaves out.
double LegalCapRules::severity_of(const Parameters& parameters, const Timeline& timeline,
                                  const Threat& feared, const LegalCaps& legal) const
{
    const RestrictionEvent& event = timeline.restrictions[feared.event];
    const Measure& measure = model_->measures[event.measure.index()];
    if (!measure.quota_t) {
        return feared.severity;
    }
    const double limit = std::isfinite(legal.legal_limit[feared.event])
                             ? legal.legal_limit[feared.event]
                             : parameters[*measure.quota_t]
                                   / months_of_allowance(measure, event, model_->months);
    const double free = weighted_free_flow(parameters, measure);
    return free > 0 ? std::max(0.0, 1 - limit / free) : 0;
}

/// What one restriction makes its importers fear, in `from_exporter_`.
void LegalCapRules::add_threat(const Parameters& parameters, const Measure& measure,
                               const Threat& feared)
{
    const Model& model = *model_;
    for_each_arc(measure, [&](const RestrictedArc& arc, Slot) {
        const TradeTable& trade =
            parameters.baseline
                .trade[arc.layer.index() * model.commodities.size() + arc.commodity.index()];
        const auto spread_to = [&](std::size_t holder, double flow) {
            if (const double need = reference_use(model, parameters, holder); need > 0) {
                ExporterThreat& threat = from_exporter_[holder];
                threat.any = std::max(threat.any, flow / need);
                if (feared.in_force) {
                    threat.in_force = std::max(threat.in_force, flow / need);
                }
            }
        };
        for (std::size_t importer = 0; importer < model.regions.size(); ++importer) {
            if (RegionId(importer) == arc.from
                || (!arc.all_exports() && RegionId(importer) != arc.to)) {
                continue;
            }
            const double flow = feared.severity
                                * trade(static_cast<Eigen::Index>(arc.from.index()),
                                        static_cast<Eigen::Index>(importer));
            if (flow == 0) {
                continue;
            }
            spread_to(model.cell(arc.commodity, RegionId(importer)), flow);
            for (std::size_t held = 0; held < model.stage_stocks.size(); ++held) {
                const StageStock& stock = model.stage_stocks[held];
                if (stock.commodity == arc.commodity && stock.region == RegionId(importer)
                    && stock.stage.index() == arc.layer.index() + 1) {
                    spread_to(model.cells() + held, flow);
                }
            }
        }
    });
}

bool LegalCapRules::apply(const Parameters& parameters, const Timeline& timeline,
                          const Shock& shock, ReferenceExports reference, int month,
                          std::span<double> quota_left, LegalCaps& legal)
{
    reference_ = reference;
    legal.caps.clear();
    legal.taxes.clear();
    legal.quota_count = 0;
    legal.legal_limit.assign(timeline.restrictions.size(), unlimited);
    for (const ActiveRestriction& active : shock.restrictions) {
        const RestrictionEvent& event = timeline.restrictions[active.event];
        const Measure& measure = model_->measures[event.measure.index()];
        if (measure.instrument == Instrument::tax) {
            if (event.cause != Cause::standing) {
                tax_arcs(parameters, measure, active.share, legal);
            }
            continue;
        }
        double allowed = unlimited;
        if (measure.quota_t) {
            allowed = allowance(parameters, event, month, quota_left[active.event]);
            legal.legal_limit[active.event] = allowed;
        }
        const bool one_arc = measure.commodities.size() == 1
                             && (measure.all_targets || measure.targets.size() == 1);
        if (one_arc || !measure.is_pooled()) {
            cap_arcs(parameters, measure, active, allowed, legal);
            continue;
        }
        const double free = weighted_free_flow(parameters, measure);
        add_shared(parameters, measure,
                   measure.quota_t ? active.share * allowed + (1 - active.share) * free
                                   : free * (1 - active.cut),
                   legal);
    }
    return spread_threat(parameters, timeline, shock, legal);
}

}  // namespace chokepoint
