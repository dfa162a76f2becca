#include "chokepoint/market/market.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "chokepoint/market/layer_trade.hpp"
#include "chokepoint/support/lanes.hpp"

namespace chokepoint {
namespace {

/// In how many ways prices are parted in search of the one that holds.
constexpr std::size_t most_divisions = 4;
/// Of an exporter: more could part prices in more ways than are worth keeping.
constexpr std::size_t most_capped_importers = 8;

}  // namespace

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
    parted_.assign(model_->commodities.size() * lanes, {});
    has_searched_.assign(model_->commodities.size(), 0);
    gathered_clearing_.resize(*model_, lanes);
    gathered_terms_ = terms_;
    gathered_stock_.resize(model_->cells() * lanes);
    gathered_.reserve(lanes);
    may_part_.reserve(lanes);
    lane_law_.resize(lanes);
    is_left_.resize(lanes);
    worst_.resize(lanes);
    std::size_t most_borders = 0;
    for (const std::vector<std::size_t>& origins : origins_) {
        most_borders = std::max(most_borders, origins.size());
    }
    borders_.reserve(most_borders);
    gathered_between_.reserve(most_borders + model_->regions.size());
    gathered_others_.reserve(most_borders);
    gathered_importers_.reserve(model_->regions.size());
    border_caps_.resize(most_borders * lanes);
    gathered_caps_.resize((most_borders + model_->regions.size()) * lanes);
}

/// Writes down what a lane's holders fear.
void Market::scatter_threat(std::size_t lane)
{
    const LegalCaps& legal = legal_[lane];
    const std::size_t lanes = clearing_.lanes;
    for (std::size_t holder = 0; holder < model_->stock_holders(); ++holder) {
        const bool is_any = !legal.threat.empty();
        clearing_.threat[holder * lanes + lane] = is_any ? legal.threat[holder] : 0;
        clearing_.threat_in_force[holder * lanes + lane] =
            is_any ? legal.threat_in_force[holder] : 0;
    }
}

/// What the law lets through, and the fear that it spreads.
void Market::apply_law(std::span<const MonthEvents> events, ReferenceExports reference,
                       MarketState& state)
{
    const std::size_t lanes = state.lanes;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const Shock& shock = *events[lane].shock;
        LegalCaps& legal = legal_[lane];
        if (has_law_[lane] != 0 || !is_started_) {
            clearing_.quota_used[lane].assign(events[lane].timeline->restrictions.size(), 0);
        }
        const bool had_law = has_law_[lane] != 0;
        has_law_[lane] = !shock.restrictions.empty() || !shock.threats.empty();
        if (has_law_[lane] != 0) {
            reference.lanes = lanes;
            reference.lane = lane;
            const bool fears_other =
                rules_.apply(*parameters_->of[lane], *events[lane].timeline, shock, reference,
                             state.month, state.quota_left[lane], legal);
            if (fears_other) {
                scatter_threat(lane);
            }
        } else if (had_law) {
            const bool feared = !legal.threat.empty();
            legal.clear();
            if (feared) {
                scatter_threat(lane);
            }
        }
    }
    is_any_law_ = std::ranges::find(has_law_, 1) != has_law_.end();
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

/// The first cap of a lane's commodity that is on an arc to one importer; null: none.
const ArcCap* Market::first_to_importer(std::size_t commodity, std::size_t lane) const
{
    const auto first = std::ranges::find_if(legal_[lane].caps, [commodity](const ArcCap& cap) {
        return cap.arc.commodity.index() == commodity && !cap.arc.all_exports();
    });
    return first == legal_[lane].caps.end() ? nullptr : &*first;
}

/// Tells what a lane's caps are on, and adds its borders to the list.
Market::LaneLaw Market::list_borders_of(std::size_t commodity, std::size_t lane)
{
    const std::vector<ArcCap>& caps = legal_[lane].caps;
    const ArcCap* to_importer = first_to_importer(commodity, lane);
    const bool is_other = std::ranges::any_of(caps, [&](const ArcCap& cap) {
        return cap.arc.commodity.index() == commodity && !cap.arc.all_exports()
               && (cap.arc.from != to_importer->arc.from
                   || cap.arc.layer != to_importer->arc.layer);
    });
    if (couples(legal_[lane]) || is_other) {
        return LaneLaw::other;
    }
    for (const ArcCap& cap : caps) {
        if (cap.arc.commodity.index() != commodity || !trial_.has_border(cap.arc)) {
            continue;
        }
        const std::size_t at =
            cap.arc.layer.index() * model_->regions.size() + cap.arc.from.index();
        auto border = std::ranges::find(borders_, at, &PooledMarket::PlaceCap::at);
        double* row = border_caps_.data()
                      + static_cast<std::size_t>(border - borders_.begin()) * clearing_.lanes;
        if (border == borders_.end()) {
            std::fill_n(row, clearing_.lanes, open_cap);
            borders_.push_back({at, row});
        }
        row[lane] = cap.cap;
    }
    return to_importer == nullptr ? LaneLaw::borders : LaneLaw::importers;
}

/// Lists the borders that are capped in any lane.
void Market::list_borders(std::size_t commodity)
{
    borders_.clear();
    if (!is_any_law_) {
        std::ranges::fill(lane_law_, LaneLaw::borders);
        return;
    }
    for (std::size_t lane = 0; lane < clearing_.lanes; ++lane) {
        lane_law_[lane] =
            has_law_[lane] == 0 ? LaneLaw::borders : list_borders_of(commodity, lane);
    }
    // Not in the order of lanes, which must not decide between equals.
    std::ranges::sort(borders_, {}, &PooledMarket::PlaceCap::at);
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

/// Writes down some rows of what was cleared apart.
void Market::copy_rows(const LaneOf& one, Table table, std::size_t first, std::size_t count)
{
    const double* from = (one.from.*table).data() + one.column;
    double* to = (clearing_.*table).data() + one.lane;
    for (std::size_t entity = first; entity < first + count; ++entity) {
        to[entity * clearing_.lanes] = from[entity * one.from.lanes];
    }
}

/// Writes down what a commodity's plants put through and regions export.
void Market::scatter_flows(const LaneOf& one, std::size_t commodity)
{
    for (const std::size_t layer : origins_[commodity]) {
        for (const Table table :
             {&Clearing::throughput, &Clearing::output, &Clearing::exports}) {
            copy_rows(one, table, layer, 1);
        }
    }
}

/// Writes down a commodity's part of what was cleared apart, but for its arcs.
void Market::scatter(const LaneOf& one, std::size_t commodity)
{
    const std::size_t regions = model_->regions.size();
    for (const Table table : {&Clearing::log_price, &Clearing::source_price}) {
        copy_rows(one, table, commodity * regions, regions);
    }
    for (const std::size_t cell : users_[commodity]) {
        for (const Table table :
             {&Clearing::consumption, &Clearing::purchase, &Clearing::rationed,
              &Clearing::stock_after, &Clearing::release}) {
            copy_rows(one, table, cell, 1);
        }
    }
    for (std::size_t reserve = 0; reserve < model_->reserves.size(); ++reserve) {
        if (model_->reserves[reserve].commodity.index() == commodity) {
            copy_rows(one, &Clearing::reserve_release, reserve, 1);
            copy_rows(one, &Clearing::reserve_purchase, reserve, 1);
        }
    }
    for (const LayeredNetwork::Stockpile& stockpile : trial_.networks()[commodity].stockpiles) {
        for (const Table table :
             {&Clearing::stage_price, &Clearing::stage_order, &Clearing::stage_draw}) {
            copy_rows(one, table, stockpile.position, 1);
        }
    }
    for (const LayeredNetwork::Recycler& recycler : trial_.networks()[commodity].recyclers) {
        copy_rows(one, &Clearing::recycled, recycler.entry, 1);
    }
    scatter_flows(one, commodity);
}

void Market::scatter_arcs(const LaneOf& one, std::size_t commodity)
{
    for (const std::size_t arc : trial_.arcs_of(commodity)) {
        for (const Table table :
             {&Clearing::arc_gap, &Clearing::arc_flow, &Clearing::arc_tax}) {
            copy_rows(one, table, arc, 1);
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
    scatter_flows({trial_.clearing(), 0, lane}, commodity);
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
        scatter({own, 0, lane}, commodity);
        scatter_arcs({own, 0, lane}, commodity);
        alone_.push_back({lane, commodity});
    }
    clearing_.taxes_and_quotas_hold[lane] = own.taxes_and_quotas_hold[0];
}

/// True if a lane's pooled month of a commodity holds, whatever the law.
bool Market::stays_pooled(std::size_t commodity, std::size_t lane)
{
    if (holds_[commodity * clearing_.lanes + lane] == 0) {
        return false;
    }
    if (lane_law_[lane] != LaneLaw::borders) {
        if (!fits_caps(legal_[lane], commodity, lane)) {
            return false;
        }
        cap_flows(legal_[lane], commodity, lane);
    }
    return true;
}

/// Clears a commodity of a lane by other flows at its pooled price that caps let through, or
/// exactly.
void Market::clear_alone(std::size_t commodity, std::size_t lane, const MarketState& state)
{
    const LegalCaps& legal = legal_[lane];
    const bool is_pooled =
        holds_[commodity * clearing_.lanes + lane] != 0 && lane_law_[lane] != LaneLaw::borders;
    unsigned char& may_reroute = may_reroute_[commodity * clearing_.lanes + lane];
    Parted& parted = parted_[commodity * clearing_.lanes + lane];
    // Where other flows at one price were sought in vain, or zones were apart, they mostly
    // would be again: only zones that have just come together are worth another try.
    const ZonePrices& prices = memory_[lane].prices[commodity];
    const bool were_apart = parted.is_last || prices.slope.size() > 1;
    parted.is_last = false;
    trial_.enter(*parameters_->of[lane], legal, memory_[lane]);
    if (is_pooled && may_reroute != 0 && reroute(legal, commodity, lane)) {
        return;
    }
    clear_exactly({&commodity, 1}, lane, state);
    may_reroute = were_apart && prices.slope.size() == 1;
    parted.was_in_vain = parted.was_in_vain && prices.slope.size() == 1;
}

/// The division to try next in a lane. None if there is no other, or it is not worth a try.
std::optional<std::size_t> Market::division_of(std::size_t commodity, std::size_t lane,
                                               std::size_t tries)
{
    if (clearance_ != Clearance::pooled_first || lane_law_[lane] == LaneLaw::other
        || parted_[commodity * clearing_.lanes + lane].was_in_vain) {
        return std::nullopt;
    }
    if (lane_law_[lane] == LaneLaw::importers) {
        return tries == 0 ? division_by_importers(commodity, lane) : std::nullopt;
    }
    return worst_[lane] >= 0 ? division_by_borders(commodity, lane, tries) : std::nullopt;
}

/// By those importers that at the pooled price would take in more than they may of the exporter
/// alone, or nothing from it.
std::optional<std::size_t> Market::division_by_importers(std::size_t commodity,
                                                         std::size_t lane)
{
    if (model_->regions.size() > 64) {
        return std::nullopt;  // a parting has a bit for each
    }
    const RestrictedArc any = first_to_importer(commodity, lane)->arc;
    read_layer(commodity, any.layer.index(), lane);
    PooledMarket::Parting parting{any.from.index(), any.layer.index(), any.layer.index(), 0};
    std::size_t capped = 0;
    for (const ArcCap& cap : legal_[lane].caps) {
        if (cap.arc.commodity.index() != commodity || cap.arc.all_exports()) {
            continue;
        }
        ++capped;
        if (cap.cap == 0 || intake_[cap.arc.to.index()] > cap.cap) {
            parting.importers |= std::uint64_t{1} << cap.arc.to.index();
        }
    }
    return parting.importers == 0 || capped > most_capped_importers
               ? std::nullopt
               : pooled_.division(commodity, parting);
}

/// By runs of the worst border's exporter's capped borders around that one.
std::optional<std::size_t> Market::division_by_borders(std::size_t commodity, std::size_t lane,
                                                       std::size_t tries)
{
    const Parted& parted = parted_[commodity * clearing_.lanes + lane];
    const std::size_t regions = model_->regions.size();
    const auto worst = static_cast<std::size_t>(worst_[lane]);
    const std::size_t layer = worst / regions;
    const std::size_t region = worst % regions;
    const auto is_capped = [&](std::size_t other) {
        const auto border =
            std::ranges::find(borders_, other * regions + region, &PooledMarket::PlaceCap::at);
        return border != borders_.end() && border->cap[lane] < open_cap;
    };
    if (!is_capped(layer)) {
        return std::nullopt;
    }
    std::size_t first = layer;
    std::size_t last = layer;
    while (first > 0 && is_capped(first - 1)) {
        --first;
    }
    while (is_capped(last + 1)) {
        ++last;
    }
    std::array<std::size_t, most_divisions> known;
    std::size_t count = 0;
    for (std::size_t from = first; from <= layer; ++from) {
        for (std::size_t to = last + 1; to-- > layer && count < most_divisions;) {
            if (const auto division = pooled_.division(commodity, {region, from, to, 0})) {
                known[count++] = *division;
            }
        }
    }
    if (parted.is_last) {  // last month's first
        const auto end = known.begin() + static_cast<std::ptrdiff_t>(count);
        const auto same = std::find(known.begin(), end, parted.division);
        std::rotate(known.begin(), same, same == end ? end : std::next(same));
    }
    return tries < count ? std::optional(known[tries]) : std::nullopt;
}

/// Lays the gathered lanes' part of a commodity's terms side by side.
void Market::gather(std::size_t commodity, const LaneArray<double>& stock)
{
    const std::size_t count = gathered_.size();
    const auto copy = [&](const LaneArray<double>& from, LaneArray<double>& to,
                          std::size_t first, std::size_t end) {
        for (std::size_t entity = first; entity < end; ++entity) {
            const double* values = from.data() + entity * clearing_.lanes;
            double* column = to.data() + entity * count;
            for (std::size_t at = 0; at < count; ++at) {
                column[at] = values[gathered_[at]];
            }
        }
    };
    const CommodityTerms& own = terms_.of[commodity];
    for (const auto table :
         {&CommodityTerms::exponent, &CommodityTerms::log_floor, &CommodityTerms::log_choke,
          &CommodityTerms::available, &CommodityTerms::utilisation, &CommodityTerms::cap,
          &CommodityTerms::stage_order, &CommodityTerms::stage_draw,
          &CommodityTerms::consumption, &CommodityTerms::order, &CommodityTerms::refill,
          &CommodityTerms::own_stock, &CommodityTerms::release}) {
        copy(own.*table, gathered_terms_.of[commodity].*table, 0,
             (own.*table).size() / clearing_.lanes);
    }
    for (const auto table : {&LaneTerms::release, &LaneTerms::refill}) {
        copy(terms_.*table, gathered_terms_.*table, 0, model_->reserves.size());
    }
    const std::size_t regions = model_->regions.size();
    copy(stock, gathered_stock_, commodity * regions, (commodity + 1) * regions);
}

/// Clears a commodity in all lanes that a cap may part, those of one division side by side.
void Market::clear_divided(std::size_t commodity, const MarketState& state)
{
    for (auto first = may_part_.begin(); first != may_part_.end(); ++first) {
        const std::size_t division = first->division;
        if (std::ranges::find(may_part_.begin(), first, division, &LaneToPart::division)
            != first) {
            continue;
        }
        gathered_.clear();
        for (const LaneToPart& other : may_part_) {
            if (other.division == division) {
                gathered_.push_back(other.lane);
            }
        }
        gather(commodity, state.stock);
        clear_gathered(commodity, division);
    }
}

/// Leaves those lanes to which a division was found, or to which there is no other.
void Market::try_other_divisions(std::size_t commodity)
{
    std::erase_if(may_part_, [&](LaneToPart& one) {
        if (one.holds) {
            return true;
        }
        const auto division = division_of(commodity, one.lane, ++one.tries);
        if (!division) {
            parted_[commodity * clearing_.lanes + one.lane].was_in_vain = true;
            is_left_[one.lane] = 1;
            return true;
        }
        one.division = *division;
        return false;
    });
}

/// Lays the gathered lanes' caps side by side: on borders, and on a division's arcs to
/// importers.
void Market::gather_borders(std::size_t commodity, std::size_t division)
{
    const std::size_t count = gathered_.size();
    const std::size_t regions = model_->regions.size();
    gathered_between_.clear();
    gathered_others_.clear();
    gathered_importers_.clear();
    double* caps = gathered_caps_.data();
    for (const PooledMarket::PlaceCap& border : borders_) {
        for (std::size_t at = 0; at < count; ++at) {
            caps[at] = border.cap[gathered_[at]];
        }
        const bool divides = pooled_.divides(commodity, division, border.at);
        (divides ? gathered_between_ : gathered_others_).push_back({border.at, caps});
        caps += count;
    }
    const PooledMarket::Parting& parting = pooled_.parting(commodity, division);
    for (std::size_t to = 0; parting.importers != 0 && to < regions; ++to) {
        if (to == parting.exporter) {
            continue;
        }
        const RestrictedArc arc{CommodityId(commodity), StageId(parting.first),
                                RegionId(parting.exporter), RegionId(to)};
        for (std::size_t at = 0; at < count; ++at) {
            const std::vector<ArcCap>& all = legal_[gathered_[at]].caps;
            const auto cap = std::ranges::find(all, arc, &ArcCap::arc);
            caps[at] = cap == all.end() ? open_cap : cap->cap;
        }
        gathered_importers_.push_back({parting.first * regions + to, caps});
        if ((parting.importers >> to & 1U) != 0) {
            gathered_between_.push_back({parting.first * regions + parting.exporter, caps});
        }
        caps += count;
    }
}

/// What passes a commodity's arcs in a lane that was divided, and the gaps in price.
void Market::fill_arcs(std::size_t commodity, std::size_t division, std::size_t lane)
{
    const CommodityTerms& terms = terms_.of[commodity];
    const Parted& parted = parted_[commodity * clearing_.lanes + lane];
    const auto clamped = [&](double price) {
        return std::clamp(price, terms.log_floor[lane], terms.log_choke[lane]);
    };
    pooled_.read_arcs(commodity, division, lane, clamped(parted.cheap), clamped(parted.dear),
                      clearing_);
    cap_flows(legal_[lane], commodity, lane);
    const std::uint64_t importers = pooled_.parting(commodity, division).importers;
    for (const ArcCap& cap : legal_[lane].caps) {
        const bool is_full = cap.arc.commodity.index() == commodity && !cap.arc.all_exports()
                             && (importers >> cap.arc.to.index() & 1U) != 0;
        if (const auto position = is_full ? trade_arc(cap.arc) : std::nullopt) {
            clearing_.arc_flow[*position * clearing_.lanes + lane] = cap.cap;
        }
    }
}

/// Clears a commodity in the gathered lanes by one division; notes where that holds.
void Market::clear_gathered(std::size_t commodity, std::size_t division)
{
    const std::size_t count = gathered_.size();
    Row cheap, dear, holds;
    for (std::size_t at = 0; at < count; ++at) {
        const std::size_t lane = gathered_[at];
        const Parted& parted = parted_[commodity * clearing_.lanes + lane];
        const bool is_known = parted.is_last && parted.division == division;
        const double pooled = pooled_.price(commodity)[lane];
        cheap[at] = is_known ? parted.cheap : pooled;
        dear[at] = is_known ? parted.dear : pooled;
    }
    gather_borders(commodity, division);
    gathered_clearing_.lanes = count;
    pooled_.clear_divided(commodity, division, gathered_between_, gathered_others_,
                          gathered_importers_, {cheap.data(), count}, {dear.data(), count},
                          gathered_terms_, gathered_stock_, gathered_clearing_,
                          {holds.data(), count});
    for (std::size_t at = 0; at < count; ++at) {
        const std::size_t lane = gathered_[at];
        Parted& parted = parted_[commodity * clearing_.lanes + lane];
        if (holds[at] == 0) {
            continue;
        }
        std::ranges::find(may_part_, lane, &LaneToPart::lane)->holds = true;
        parted = {division, cheap[at], dear[at], true, false};
        may_reroute_[commodity * clearing_.lanes + lane] = 0;
        scatter({gathered_clearing_, at, lane}, commodity);
        fill_arcs(commodity, division, lane);
        alone_.push_back({lane, commodity});
    }
}

/// True if a commodity's pooled month stands in every lane, and nobody restricts anything.
bool Market::is_quiet(std::size_t commodity) const
{
    const auto first =
        holds_.begin() + static_cast<std::ptrdiff_t>(commodity * clearing_.lanes);
    return !is_any_law_
           && std::all_of(first, first + static_cast<std::ptrdiff_t>(clearing_.lanes),
                          [](double holds) { return holds != 0; });
}

/// After a quiet month all ways to clear a commodity are worth a try again.
void Market::forget_search(std::size_t commodity)
{
    if (has_searched_[commodity] != 0) {
        std::fill_n(
            may_reroute_.begin() + static_cast<std::ptrdiff_t>(commodity * clearing_.lanes),
            clearing_.lanes, 1);
        std::fill_n(parted_.begin() + static_cast<std::ptrdiff_t>(commodity * clearing_.lanes),
                    clearing_.lanes, Parted());
        has_searched_[commodity] = 0;
    }
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
            list_borders(commodity);
            pooled_.clear(commodity, terms_, state.stock, borders_, clearing_,
                          std::span(holds_).subspan(commodity * lanes, lanes), worst_);
        }
        if (is_quiet(commodity)) {
            forget_search(commodity);
            continue;
        }
        has_searched_[commodity] = 1;
        may_part_.clear();
        in_each_lane([&](std::size_t lane) {
            const bool stands = has_law_[lane] == 0 && holds_[commodity * lanes + lane] != 0;
            if (!stands && couples(legal_[lane])) {
                parted_[commodity * lanes + lane].is_last = false;
            } else if (stands || stays_pooled(commodity, lane)) {
                may_reroute_[commodity * lanes + lane] = 1;
                parted_[commodity * lanes + lane] = {};
            } else if (const auto division = division_of(commodity, lane, 0)) {
                may_part_.emplace_back(lane, *division);
            } else {
                clear_alone(commodity, lane, state);
            }
        });
        if (may_part_.empty()) {
            continue;
        }
        std::ranges::fill(is_left_, 0);
        while (!may_part_.empty()) {
            clear_divided(commodity, state);
            try_other_divisions(commodity);
        }
        in_each_lane([&](std::size_t lane) {
            if (is_left_[lane] != 0) {
                clear_alone(commodity, lane, state);
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
