#include "chokepoint/market/market.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "chokepoint/support/lanes.hpp"

namespace chokepoint {

Market::Market(const Model& model, Clearance clearance)
    : model_(&model),
      clearance_(clearance),
      trial_(model, clearance == Clearance::pooled_first),
      pooled_(model, trial_.networks()),
      rules_(model),
      users_(model.commodities.size()),
      origins_(model.commodities.size())
{
    const std::size_t regions = model.regions.size();
    for (std::size_t commodity = 0; commodity < model.commodities.size(); ++commodity) {
        const LayeredNetwork& layered = trial_.networks()[commodity];
        for (std::size_t region = 0; region < regions; ++region) {
            const std::size_t cell = commodity * regions + region;
            if (model.has_users(cell) || model.has_reserve(cell)) {
                users_[commodity].push_back(cell);
            }
        }
        for (std::size_t at = 0; at < layered.out_node.size(); ++at) {
            if (layered.out_node[at] != absent) {
                origins_[commodity].push_back(at / regions * model.cells() + commodity * regions
                                              + at % regions);
            }
        }
    }
}

void Market::start(const LaneParameters& parameters)
{
    parameters_ = &parameters;
    const std::size_t lanes = parameters.lanes();
    clearing_.resize(*model_, lanes);
    start_terms(*model_, trial_.networks(), parameters, terms_);
    pooled_.start(parameters);
    memory_.resize(lanes);
    for (TrialMarket::Memory& memory : memory_) {
        trial_.start(memory);
    }
    legal_.resize(lanes);
    for (LegalCaps& legal : legal_) {
        legal.clear();
    }
    alone_.clear();
    shocks_.resize(lanes);
    holds_.resize(model_->commodities.size() * lanes);
}

/// What the law lets through, and the fear that it spreads.
void Market::apply_law(std::span<const MonthEvents> events, ReferenceExports reference,
                       MarketState& state)
{
    const std::size_t lanes = state.lanes;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const Shock& shock = *events[lane].shock;
        LegalCaps& legal = legal_[lane];
        // What the trial feared last month goes first.
        for (std::size_t holder = 0; holder < legal.threat.size(); ++holder) {
            clearing_.threat[holder * lanes + lane] = 0;
            clearing_.threat_in_force[holder * lanes + lane] = 0;
        }
        legal.clear();
        if (shock.restrictions.empty() && shock.threats.empty()) {
            continue;
        }
        reference.lanes = lanes;
        reference.lane = lane;
        rules_.apply(*parameters_->of[lane], *events[lane].timeline, shock, reference,
                     state.month, state.quota_left[lane], legal);
        for (std::size_t holder = 0; holder < legal.threat.size(); ++holder) {
            clearing_.threat[holder * lanes + lane] = legal.threat[holder];
            clearing_.threat_in_force[holder * lanes + lane] = legal.threat_in_force[holder];
        }
    }
}

/// Takes last month's price gaps back: a pooled month has none.
void Market::forget_gaps()
{
    for (const auto& [lane, commodity] : alone_) {
        for (const std::size_t arc : trial_.arcs_of(commodity)) {
            clearing_.arc_gap[arc * clearing_.lanes + lane] = 0;
            clearing_.arc_tax[arc * clearing_.lanes + lane] = 0;
        }
    }
    alone_.clear();
}

/// True if the month's law touches a commodity.
bool Market::is_restricted(const LegalCaps& legal, std::size_t commodity) const
{
    // Taxes and shared quotas may couple any of them.
    return !legal.taxes.empty() || legal.quota_count > 0
           || std::ranges::any_of(legal.caps, [commodity](const ArcCap& cap) {
                  return cap.arc.commodity.index() == commodity;
              });
}

/// True if what a lane's caps let through is enough for the pooled month: of each exporter's
/// output, what other regions may not have finds takers at home and behind its caps. Then every
/// plant can work at the common share, and the month is one zone all the same.
bool Market::fits_caps(const LegalCaps& legal, std::size_t commodity, std::size_t lane) const
{
    const std::size_t lanes = clearing_.lanes;
    const std::size_t regions = model_->regions.size();
    if (!trial_.networks()[commodity].stockpiles.empty()) {
        return false;
    }
    for (std::size_t number = 0; number < legal.caps.size(); ++number) {
        const ArcCap& first = legal.caps[number];
        const auto is_of_layer = [&](const ArcCap& other) {
            return other.arc.commodity.index() == commodity
                   && other.arc.layer == first.arc.layer;
        };
        const auto before = std::span(legal.caps).first(number);
        if (first.arc.commodity.index() != commodity
            || std::ranges::any_of(before, is_of_layer)) {
            continue;
        }
        const std::size_t stage = first.arc.layer.index();
        const std::size_t layer = stage * model_->cells() + commodity * regions;
        const auto intake = [&](std::size_t region) {
            return stage + 1 < model_->stages_of(CommodityId(commodity))
                       ? clearing_.throughput[(layer + model_->cells() + region) * lanes + lane]
                       : clearing_.purchase[(commodity * regions + region) * lanes + lane];
        };
        double total = open_cap;
        double abroad = 0;
        for (std::size_t region = 0; region < regions; ++region) {
            abroad += RegionId(region) == first.arc.from ? 0 : intake(region);
        }
        for (const ArcCap& cap : legal.caps) {
            if (!is_of_layer(cap)) {
                continue;
            }
            if (cap.arc.from != first.arc.from) {
                return false;  // two exporters' caps may add up in ways that this does not see
            }
            if (cap.arc.all_exports()) {
                total = cap.cap;
            } else {
                const double taken = intake(cap.arc.to.index());
                abroad -= taken - std::min(taken, cap.cap);
            }
        }
        const std::size_t from = first.arc.from.index();
        if (clearing_.output[(layer + from) * lanes + lane]
            > intake(from) + std::min(total, abroad)) {
            return false;
        }
    }
    return true;
}

/// Of a pooled month, no more takes an arc to one importer than its cap.
void Market::cap_flows(const LegalCaps& legal, std::size_t commodity, std::size_t lane)
{
    for (const ArcCap& cap : legal.caps) {
        if (cap.arc.commodity.index() != commodity || cap.arc.all_exports()) {
            continue;
        }
        for (const std::size_t position : trial_.arcs_of(commodity)) {
            const CappableArc& arc = model_->cappable_arcs[position];
            if (arc.kind == CappableArc::Kind::trade && arc.stage == cap.arc.layer
                && arc.from == cap.arc.from && arc.to == cap.arc.to) {
                double& flow = clearing_.arc_flow[position * clearing_.lanes + lane];
                flow = std::min(flow, cap.cap);
            }
        }
    }
}

/// Writes down a commodity's part of what one trial's market came to.
void Market::scatter(const Clearing& from, std::size_t commodity, std::size_t lane)
{
    const std::size_t lanes = clearing_.lanes;
    const std::size_t regions = model_->regions.size();
    const auto copy = [&](const LaneArray<double>& one, LaneArray<double>& all,
                          std::size_t first, std::size_t count) {
        for (std::size_t entity = first; entity < first + count; ++entity) {
            all[entity * lanes + lane] = one[entity];
        }
    };
    for (const auto table : {&Clearing::log_price, &Clearing::source_price}) {
        copy(from.*table, clearing_.*table, commodity * regions, regions);
    }
    for (const std::size_t cell : users_[commodity]) {
        for (const auto table :
             {&Clearing::consumption, &Clearing::purchase, &Clearing::rationed,
              &Clearing::stock_after, &Clearing::release}) {
            copy(from.*table, clearing_.*table, cell, 1);
        }
    }
    for (const std::size_t layer : origins_[commodity]) {
        for (const auto table :
             {&Clearing::throughput, &Clearing::output, &Clearing::exports}) {
            copy(from.*table, clearing_.*table, layer, 1);
        }
    }
    for (std::size_t reserve = 0; reserve < model_->reserves.size(); ++reserve) {
        if (model_->reserves[reserve].commodity.index() == commodity) {
            copy(from.reserve_release, clearing_.reserve_release, reserve, 1);
            copy(from.reserve_purchase, clearing_.reserve_purchase, reserve, 1);
        }
    }
    for (const LayeredNetwork::Stockpile& stockpile : trial_.networks()[commodity].stockpiles) {
        for (const auto table :
             {&Clearing::stage_price, &Clearing::stage_order, &Clearing::stage_draw}) {
            copy(from.*table, clearing_.*table, stockpile.position, 1);
        }
    }
    for (const LayeredNetwork::Recycler& recycler : trial_.networks()[commodity].recyclers) {
        copy(from.recycled, clearing_.recycled, recycler.entry, 1);
    }
    for (const std::size_t arc : trial_.arcs_of(commodity)) {
        for (const auto table : {&Clearing::arc_gap, &Clearing::arc_flow, &Clearing::arc_tax}) {
            copy(from.*table, clearing_.*table, arc, 1);
        }
    }
}

/// Clears what is not one zone in a lane, and charges its exports to quotas.
void Market::clear_lane(std::size_t lane, const MonthEvents& events, const MarketState& state)
{
    const std::size_t lanes = state.lanes;
    const LegalCaps& legal = legal_[lane];
    const Parameters& parameters = *parameters_->of[lane];
    // Quotas in tonnes are charged with what leaves, which only the exact solution knows.
    const bool may_fit = legal.taxes.empty() && legal.quota_count == 0
                         && std::ranges::none_of(legal.legal_limit, [](double limit) {
                                return std::isfinite(limit);
                            });
    exact_.clear();
    for (std::size_t commodity = 0; commodity < model_->commodities.size(); ++commodity) {
        const bool is_pooled = holds_[commodity * lanes + lane] != 0;
        if (is_pooled && !is_restricted(legal, commodity)) {
            continue;
        }
        if (is_pooled && may_fit && fits_caps(legal, commodity, lane)) {
            cap_flows(legal, commodity, lane);
        } else {
            exact_.push_back(commodity);
        }
    }
    clearing_.taxes_and_quotas_hold[lane] = 1;
    if (!exact_.empty()) {
        trial_.enter(parameters, legal, memory_[lane]);
        for (const std::size_t commodity : exact_) {
            memory_[lane].prices[commodity].single_zone = pooled_.price(commodity)[lane];
            trial_.load(terms_, state, lane, commodity);
        }
        const Clearing& own = trial_.clear(exact_);
        for (const std::size_t commodity : exact_) {
            scatter(own, commodity, lane);
            alone_.push_back({lane, commodity});
        }
        clearing_.taxes_and_quotas_hold[lane] = own.taxes_and_quotas_hold[0];
    }
    // What a quota covers is restricted, so that it has been cleared here.
    rules_.charge(
        *events.timeline, *events.shock, parameters, legal,
        [this](const RestrictedArc& arc) { return trial_.flow_of(arc); },
        clearing_.quota_used[lane]);
}

const Clearing& Market::clear(std::span<const MonthEvents> events, ReferenceExports reference,
                              MarketState& state)
{
    const std::size_t lanes = state.lanes;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        shocks_[lane] = events[lane].shock;
    }
    set_terms(*model_, trial_.networks(), *parameters_, shocks_, state, terms_,
              clearing_.need_factor);
    apply_law(events, reference, state);
    std::fill(holds_.begin(), holds_.end(), 0);
    forget_gaps();
    for (std::size_t commodity = 0;
         clearance_ == Clearance::pooled_first && commodity < model_->commodities.size();
         ++commodity) {
        pooled_.clear(commodity, terms_, state, clearing_,
                      std::span(holds_).subspan(commodity * lanes, lanes));
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        try {
            clear_lane(lane, events[lane], state);
        } catch (const std::logic_error& error) {
            throw LaneError(lane, error.what());
        }
    }
    clearing_.quoted_shift = terms_.quoted_shift;
    clearing_.room = terms_.room;
    std::copy_n(state.substituted.begin(), clearing_.substituted.size(),
                clearing_.substituted.begin());
    return clearing_;
}

}  // namespace chokepoint
