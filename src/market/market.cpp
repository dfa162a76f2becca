#include "chokepoint/market/market.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "chokepoint/market/layer_trade.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint {

Market::Market(const Model& model, Clearance clearance)
    : model_(&model),
      clearance_(clearance),
      trial_(model, clearance == Clearance::pooled_first),
      pooled_(model, trial_.networks()),
      rules_(model),
      users_(model.commodities.size()),
      origins_(model.commodities.size()),
      all_(model.commodities.size()),
      output_(model.regions.size()),
      intake_(model.regions.size())
{
    std::iota(all_.begin(), all_.end(), 0);
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
    has_law_.assign(lanes, 0);
    is_started_ = false;
    alone_.clear();
    shocks_.resize(lanes);
    holds_.resize(model_->commodities.size() * lanes);
    may_reroute_.assign(model_->commodities.size() * lanes, 1);
}

/// What the law lets through, and the fear that it spreads.
void Market::apply_law(std::span<const MonthEvents> events, ReferenceExports reference,
                       MarketState& state)
{
    const std::size_t lanes = state.lanes;
    if (std::ranges::count(has_law_, 0) < static_cast<std::ptrdiff_t>(lanes)) {
        std::ranges::fill(clearing_.threat, 0);
        std::ranges::fill(clearing_.threat_in_force, 0);
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const Shock& shock = *events[lane].shock;
        LegalCaps& legal = legal_[lane];
        if (has_law_[lane] != 0 || !is_started_) {
            legal.clear();
            clearing_.quota_used[lane].assign(events[lane].timeline->restrictions.size(), 0);
        }
        has_law_[lane] = !shock.restrictions.empty() || !shock.threats.empty();
        if (has_law_[lane] == 0) {
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
    is_started_ = true;
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

/// True if the month's law has taxes or shared quotas, which may couple any commodities.
bool Market::couples(const LegalCaps& legal)
{
    return !legal.taxes.empty() || legal.quota_count > 0;
}

/// Sets what regions put out of a layer and take in of it in a lane's pooled month.
void Market::read_layer(std::size_t commodity, std::size_t stage, std::size_t lane)
{
    const std::size_t regions = model_->regions.size();
    const auto of = [&](const LaneArray<double>& rows, std::size_t entity) {
        return rows[entity * clearing_.lanes + lane];
    };
    const std::size_t layer = stage * model_->cells() + commodity * regions;
    const bool to_users = stage + 1 == model_->stages_of(CommodityId(commodity));
    for (std::size_t region = 0; region < regions; ++region) {
        output_[region] = of(clearing_.output, layer + region);
        intake_[region] = to_users ? of(clearing_.purchase, commodity * regions + region)
                                   : of(clearing_.throughput, layer + model_->cells() + region);
    }
    for (const LayeredNetwork::Stockpile& stockpile : trial_.networks()[commodity].stockpiles) {
        if (stockpile.at / regions == stage + 1) {
            double& intake = intake_[stockpile.at % regions];
            intake = std::max(0.0, intake + of(clearing_.stage_order, stockpile.position)
                                       - of(clearing_.stage_draw, stockpile.position));
        }
    }
}

/// True if what a lane's caps let through is enough for the pooled month as it stands. Then it
/// is one zone all the same.
bool Market::fits_caps(const LegalCaps& legal, std::size_t commodity, std::size_t lane)
{
    for (std::size_t stage = 0; stage < model_->stages_of(CommodityId(commodity)); ++stage) {
        layer_caps_.clear();
        std::ranges::copy_if(legal.caps, std::back_inserter(layer_caps_),
                             [&](const ArcCap& cap) {
                                 return cap.arc.commodity == CommodityId(commodity)
                                        && cap.arc.layer == StageId(stage);
                             });
        if (layer_caps_.empty()) {
            continue;
        }
        read_layer(commodity, stage, lane);
        if (!finds_markets(layer_caps_, output_, intake_)) {
            return false;
        }
    }
    return true;
}

/// Where an arc to one importer stands among the model's cappable arcs.
std::optional<std::size_t> Market::trade_arc(const RestrictedArc& restricted) const
{
    for (const std::size_t position : trial_.arcs_of(restricted.commodity.index())) {
        const CappableArc& arc = model_->cappable_arcs[position];
        if (arc.kind == CappableArc::Kind::trade && arc.stage == restricted.layer
            && arc.from == restricted.from && arc.to == restricted.to) {
            return position;
        }
    }
    return std::nullopt;
}

/// Of a pooled month, no more takes an arc to one importer than its cap.
void Market::cap_flows(const LegalCaps& legal, std::size_t commodity, std::size_t lane)
{
    for (const ArcCap& cap : legal.caps) {
        if (cap.arc.commodity.index() != commodity || cap.arc.all_exports()) {
            continue;
        }
        if (const std::optional<std::size_t> position = trade_arc(cap.arc)) {
            double& flow = clearing_.arc_flow[*position * clearing_.lanes + lane];
            flow = std::min(flow, cap.cap);
        }
    }
}

/// Writes down some rows of what one trial's market came to.
void Market::copy_rows(const Clearing& from, Table table, std::size_t first, std::size_t count,
                       std::size_t lane)
{
    for (std::size_t entity = first; entity < first + count; ++entity) {
        (clearing_.*table)[entity * clearing_.lanes + lane] = (from.*table)[entity];
    }
}

/// Writes down what a commodity's plants put through and regions export.
void Market::scatter_flows(const Clearing& from, std::size_t commodity, std::size_t lane)
{
    for (const std::size_t layer : origins_[commodity]) {
        for (const Table table :
             {&Clearing::throughput, &Clearing::output, &Clearing::exports}) {
            copy_rows(from, table, layer, 1, lane);
        }
    }
}

/// Writes down a commodity's part of what one trial's market came to.
void Market::scatter(const Clearing& from, std::size_t commodity, std::size_t lane)
{
    const std::size_t regions = model_->regions.size();
    for (const Table table : {&Clearing::log_price, &Clearing::source_price}) {
        copy_rows(from, table, commodity * regions, regions, lane);
    }
    for (const std::size_t cell : users_[commodity]) {
        for (const Table table :
             {&Clearing::consumption, &Clearing::purchase, &Clearing::rationed,
              &Clearing::stock_after, &Clearing::release}) {
            copy_rows(from, table, cell, 1, lane);
        }
    }
    for (std::size_t reserve = 0; reserve < model_->reserves.size(); ++reserve) {
        if (model_->reserves[reserve].commodity.index() == commodity) {
            copy_rows(from, &Clearing::reserve_release, reserve, 1, lane);
            copy_rows(from, &Clearing::reserve_purchase, reserve, 1, lane);
        }
    }
    for (const LayeredNetwork::Stockpile& stockpile : trial_.networks()[commodity].stockpiles) {
        for (const Table table :
             {&Clearing::stage_price, &Clearing::stage_order, &Clearing::stage_draw}) {
            copy_rows(from, table, stockpile.position, 1, lane);
        }
    }
    for (const LayeredNetwork::Recycler& recycler : trial_.networks()[commodity].recyclers) {
        copy_rows(from, &Clearing::recycled, recycler.entry, 1, lane);
    }
    scatter_flows(from, commodity, lane);
    for (const std::size_t arc : trial_.arcs_of(commodity)) {
        for (const Table table :
             {&Clearing::arc_gap, &Clearing::arc_flow, &Clearing::arc_tax}) {
            copy_rows(from, table, arc, 1, lane);
        }
    }
}

/// Tries to keep the pooled month of a lane by other flows: an exporter's plants take more of
/// what may not leave than their share. True if caps let these through.
bool Market::reroute(const LegalCaps& legal, std::size_t commodity, std::size_t lane)
{
    if (!trial_.share_at_one_price(terms_, clearing_, lane, commodity)) {
        return false;
    }
    scatter_flows(trial_.clearing(), commodity, lane);
    if (!fits_caps(legal, commodity, lane)) {
        return false;
    }
    pooled_.read_arcs(commodity, lane, clearing_);
    cap_flows(legal, commodity, lane);
    return true;
}

/// Tonnes on a restricted arc in a lane's month, once it has cleared.
double Market::flow_of(const RestrictedArc& arc, std::size_t lane) const
{
    const std::size_t lanes = clearing_.lanes;
    if (arc.all_exports()) {
        const std::size_t layer =
            arc.layer.index() * model_->cells() + model_->cell(arc.commodity, arc.from);
        return clearing_.exports[layer * lanes + lane];
    }
    const std::optional<std::size_t> position = trade_arc(arc);
    return position ? clearing_.arc_flow[*position * lanes + lane] : 0;
}

/// Clears commodities of a lane by themselves, whose law the trial market has been told.
void Market::clear_exactly(std::span<const std::size_t> commodities, std::size_t lane,
                           const MarketState& state)
{
    for (const std::size_t commodity : commodities) {
        memory_[lane].prices[commodity].single_zone = pooled_.price(commodity)[lane];
        trial_.load(terms_, state, lane, commodity);
    }
    const Clearing& own = trial_.clear(commodities);
    for (const std::size_t commodity : commodities) {
        scatter(own, commodity, lane);
        alone_.push_back({lane, commodity});
    }
    clearing_.taxes_and_quotas_hold[lane] = own.taxes_and_quotas_hold[0];
}

/// Clears a commodity of a lane whose law does not couple it to others: as pooled, with flows
/// that caps let through, or exactly.
void Market::clear_commodity(std::size_t commodity, std::size_t lane, const MarketState& state)
{
    const LegalCaps& legal = legal_[lane];
    const bool is_pooled = holds_[commodity * clearing_.lanes + lane] != 0;
    const bool is_capped = std::ranges::any_of(legal.caps, [commodity](const ArcCap& cap) {
        return cap.arc.commodity.index() == commodity;
    });
    unsigned char& may_reroute = may_reroute_[commodity * clearing_.lanes + lane];
    if (is_pooled && (!is_capped || fits_caps(legal, commodity, lane))) {
        cap_flows(legal, commodity, lane);
        may_reroute = 1;
        return;
    }
    // Where other flows at one price were sought in vain, or zones were apart, they mostly
    // would be again: only zones that have just come together are worth another try.
    const ZonePrices& prices = memory_[lane].prices[commodity];
    const bool were_apart = prices.slope.size() > 1;
    trial_.enter(*parameters_->of[lane], legal, memory_[lane]);
    if (is_pooled && may_reroute != 0 && reroute(legal, commodity, lane)) {
        return;
    }
    clear_exactly({&commodity, 1}, lane, state);
    may_reroute = were_apart && prices.slope.size() == 1;
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
    std::fill(clearing_.taxes_and_quotas_hold.begin(), clearing_.taxes_and_quotas_hold.end(),
              1);
    const auto in_each_lane = [&](auto clear_lane) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            try {
                clear_lane(lane);
            } catch (const std::logic_error& error) {
                throw LaneError(lane, error.what());
            }
        }
    };
    for (std::size_t commodity = 0; commodity < model_->commodities.size(); ++commodity) {
        if (clearance_ == Clearance::pooled_first) {
            pooled_.clear(commodity, terms_, state, clearing_,
                          std::span(holds_).subspan(commodity * lanes, lanes));
        }
        in_each_lane([&](std::size_t lane) {
            if (has_law_[lane] == 0 && holds_[commodity * lanes + lane] != 0) {
                may_reroute_[commodity * lanes + lane] = 1;
            } else if (!couples(legal_[lane])) {
                clear_commodity(commodity, lane, state);
            }
        });
    }
    in_each_lane([&](std::size_t lane) {
        if (has_law_[lane] == 0) {
            return;
        }
        if (couples(legal_[lane])) {
            trial_.enter(*parameters_->of[lane], legal_[lane], memory_[lane]);
            clear_exactly(all_, lane, state);
        }
        rules_.charge(
            *events[lane].timeline, *events[lane].shock, *parameters_->of[lane], legal_[lane],
            [&](const RestrictedArc& arc) { return flow_of(arc, lane); },
            clearing_.quota_used[lane]);
    });
    // Every month's terms are set anew.
    std::swap(clearing_.quoted_shift, terms_.quoted_shift);
    std::swap(clearing_.availability, terms_.availability);
    std::swap(clearing_.room, terms_.room);
    std::copy_n(state.substituted.begin(), clearing_.substituted.size(),
                clearing_.substituted.begin());
    return clearing_;
}

}  // namespace chokepoint
