#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "chokepoint/events/shock.hpp"
#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/model/model.hpp"

namespace chokepoint {

/// An arc that a restriction acts on: all exports of a region, or those to one importer.
struct RestrictedArc {
    CommodityId commodity;
    StageId layer;
    RegionId from;
    RegionId to;  ///< Equal to `from`: all importers.

    bool all_exports() const { return to == from; }
    auto operator<=>(const RestrictedArc&) const = default;
};

/// At most `cap` tonnes may take the arc.
struct ArcCap {
    RestrictedArc arc;
    double cap = 0;
};

/// The arc's price gap is `factor` = (1 + tax) / (1 + standing tax) >= 1 while goods flow.
struct ArcTax {
    RestrictedArc arc;
    double factor = 1;
};

/// One tonnage over several arcs: Σ weight · flow <= limit.
struct SharedQuota {
    struct Member {
        RestrictedArc arc;
        double weight = 1;
    };
    double limit = 0;
    std::vector<Member> members;
};

/// What the law allows in one month, leakage included, and what fear it spreads.
struct LegalCaps {
    std::vector<ArcCap> caps;         ///< At most one per arc: the tighter binds.
    std::vector<ArcTax> taxes;        ///< At most one per arc: the highest.
    std::vector<SharedQuota> quotas;  ///< The first `quota_count` are in use.
    std::size_t quota_count = 0;
    std::vector<double>
        legal_limit;             ///< By restriction event: allowance of an absolute quota for
                                 ///< the month without leakage; infinite for other events.
    std::vector<double> threat;  ///< By stock holder; empty if nobody fears anything.
    std::vector<double> threat_in_force;  ///< The same; what is only announced left out.
    std::vector<Threat> feared;  ///< What spreads it, as severe as the month's law makes it.

    /// A month without law or fear.
    void clear()
    {
        caps.clear();
        taxes.clear();
        quota_count = 0;
        legal_limit.clear();
        threat.clear();
        threat_in_force.clear();
        feared.clear();
    }
};

/// Net exports of the reference run, of trials side by side: [(stage * cells + cell) * lanes +
/// lane]; empty in the reference run itself, where month 0 stands for every month.
struct ReferenceExports {
    std::span<const double> now;
    std::span<const double> at_start;
    std::size_t lanes = 1;
    std::size_t lane = 0;  ///< The trial at hand.

    /// How much larger they are than at the start; absent if there were none.
    std::optional<double> growth(std::size_t layer) const
    {
        const double before = at_start[layer * lanes + lane];
        return before > 0 ? std::optional(now[layer * lanes + lane] / before) : std::nullopt;
    }
};

/// Works out a month's caps (docs/model.md section 2, "Legal cap", "Shared quota"; section 3,
/// "Quota calendar", "Threat"). Keeps scratch memory.
class LegalCapRules {
public:
    /// \param model  Must outlive the rules.
    explicit LegalCapRules(const Model& model) : model_(&model) {}

    /// \param quota_left  By restriction event: allowance left, refilled where a period begins.
    /// \param legal       Of the same trial's month before, or cleared: fear that is the same
    ///                    is kept.
    /// \returns True if others are feared than before, or more or less.
    bool apply(const Parameters& parameters, const Timeline& timeline, const Shock& shock,
               ReferenceExports reference, int month, std::span<double> quota_left,
               LegalCaps& legal);

    /// Charges a month's exports to the quotas in force: min(exports, allowance), each by its
    /// own weights.
    ///
    /// \param flow_of  Tonnes on a restricted arc this month, given its RestrictedArc.
    template <class FlowOf>
    void charge(const Timeline& timeline, const Shock& shock, const Parameters& parameters,
                const LegalCaps& legal, FlowOf flow_of, std::vector<double>& quota_used) const
    {
        quota_used.assign(timeline.restrictions.size(), 0);
        for (const ActiveRestriction& active : shock.restrictions) {
            const Measure& measure =
                model_->measures[timeline.restrictions[active.event].measure.index()];
            if (!measure.quota_t) {
                continue;
            }
            double exported = 0;
            for_each_arc(measure, [&](const RestrictedArc& arc, Slot weight) {
                exported += parameters[weight] * flow_of(arc);
            });
            quota_used[active.event] =
                active.share * std::min(exported, legal.legal_limit[active.event]);
        }
    }

private:
    /// Calls `visit(arc, weight slot)` for every arc of a measure.
    template <class Visit>
    static void for_each_arc(const Measure& measure, Visit visit)
    {
        for (std::size_t k = 0; k < measure.commodities.size(); ++k) {
            const Slot weight = measure.weights.empty() ? one_slot : measure.weights[k];
            if (measure.all_targets) {
                visit(RestrictedArc{measure.commodities[k], measure.layer, measure.exporter,
                                    measure.exporter},
                      weight);
                continue;
            }
            for (const RegionId target : measure.targets) {
                visit(RestrictedArc{measure.commodities[k], measure.layer, measure.exporter,
                                    target},
                      weight);
            }
        }
    }

    double free_flow(const Parameters& parameters, const RestrictedArc& arc) const;
    double extra_room(const RestrictedArc& arc) const;
    double free_imports(const Parameters& parameters, const RestrictedArc& arc) const;
    double weighted_free_flow(const Parameters& parameters, const Measure& measure) const;
    double allowance(const Parameters& parameters, const RestrictionEvent& event, int month,
                     double& left) const;
    void cap_arcs(const Parameters& parameters, const Measure& measure,
                  const ActiveRestriction& active, double allowance, LegalCaps& legal) const;
    void add_shared(const Parameters& parameters, const Measure& measure, double limit,
                    LegalCaps& legal) const;
    void tax_arcs(const Parameters& parameters, const Measure& measure, double share,
                  LegalCaps& legal) const;
    double standing_tax(const Parameters& parameters, const RestrictedArc& arc) const;
    bool spread_threat(const Parameters& parameters, const Timeline& timeline,
                       const Shock& shock, LegalCaps& legal);

    double severity_of(const Parameters& parameters, const Timeline& timeline,
                       const Threat& feared, const LegalCaps& legal) const;
    void add_threat(const Parameters& parameters, const Measure& measure, const Threat& feared);

    const Model* model_;
    ReferenceExports reference_;
    struct ExporterThreat {
        double any = 0, in_force = 0;
    };
    std::vector<Threat> feared_;                 ///< Scratch, as the next two: of the month.
    std::vector<RegionId> exporters_;            ///< Those that threaten.
    std::vector<ExporterThreat> from_exporter_;  ///< By holder: from the one at hand.
};

}  // namespace chokepoint
