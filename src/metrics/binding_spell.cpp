#include "chokepoint/metrics/binding_spell.hpp"

#include "chokepoint/metrics/chokepoint_meter.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>

namespace chokepoint {
namespace {

/// True if the gap is wider than that of the reference run by more than rounding.
bool binds_harder(double gap, double undisturbed_gap)
{
    constexpr double rounding = 1e-6;
    return gap > smallest_gap && gap > (1 + rounding) * undisturbed_gap + smallest_gap;
}

/// What is known of an arc in one month, by run.
struct ArcMonth {
    double gap, undisturbed_gap, flow, undisturbed_flow;
};

ArcMonth arc_month(const TrialRecord& record, std::size_t arc, std::size_t month)
{
    const std::size_t at = month * record.disrupted->arcs + arc;
    return {.gap = record.disrupted->arc_gap[at],
            .undisturbed_gap = record.reference->arc_gap[at],
            .flow = record.disrupted->arc_flow[at],
            .undisturbed_flow = record.reference->arc_flow[at]};
}

/// Adds a month to a spell; flows are summed.
void extend(BindingSpell& spell, std::size_t month, const ArcMonth& now, double usd_per_t)
{
    spell.last_month = month;
    if (now.gap > spell.largest_gap) {
        spell.largest_gap = now.gap;
        spell.undisturbed_gap = now.undisturbed_gap;
    }
    spell.flow += now.flow;
    spell.undisturbed_flow += now.undisturbed_flow;
    spell.rent += usd_per_t * now.gap * now.flow;
    spell.worth +=
        usd_per_t * (now.gap - now.undisturbed_gap) * std::max(now.flow, now.undisturbed_flow);
}

void append_spells(const Model& model, const TrialRecord& record, std::size_t arc,
                   std::vector<BindingSpell>& spells)
{
    const Commodity& commodity = model.commodities[model.cappable_arcs[arc].commodity.index()];
    const double usd_per_t = kg_per_tonne * (*record.parameters)[commodity.price];
    bool binding = false;
    for (std::size_t month = 0; month < record.disrupted->months; ++month) {
        const ArcMonth now = arc_month(record, arc, month);
        const bool bound_before = binding;
        binding = binds_harder(now.gap, now.undisturbed_gap);
        if (!binding) {
            continue;
        }
        if (!bound_before) {
            spells.push_back({.arc = arc, .first_month = month});
        }
        extend(spells.back(), month, now, usd_per_t);
    }
}

}  // namespace

std::vector<BindingSpell> binding_spells(const Model& model, const TrialRecord& record)
{
    std::vector<BindingSpell> spells;
    for (std::size_t arc = 0; arc < model.cappable_arcs.size(); ++arc) {
        append_spells(model, record, arc, spells);
    }
    for (BindingSpell& spell : spells) {
        spell.flow /= static_cast<double>(spell.months());
        spell.undisturbed_flow /= static_cast<double>(spell.months());
    }
    std::ranges::stable_sort(spells, std::ranges::greater{}, &BindingSpell::worth);
    return spells;
}

}  // namespace chokepoint
