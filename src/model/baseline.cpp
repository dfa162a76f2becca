#include "chokepoint/model/baseline.hpp"
#include "chokepoint/model/quota_calendar.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

#include <fmt/format.h>

#include "chokepoint/support/elementary.hpp"

namespace chokepoint {
namespace {

/// A flow may reach its cap, rounding included.
constexpr double cap_slack = 1e-9;
/// Net trade below this share of a region's flows is rounding.
constexpr double trade_rounding = 1e-12;
constexpr double fit_tolerance = 1e-12;
constexpr int max_fit_rounds = 10'000;

using Eigen::Index;

Index row_of(CommodityId commodity)
{
    return static_cast<Index>(commodity.index());
}
Index column_of(RegionId region)
{
    return static_cast<Index>(region.index());
}

/// One computation of month 0; holds nothing of its own, so that it never allocates.
class Balancer {
public:
    Balancer(const Model& model, std::span<const double> values, Baseline& baseline,
             std::vector<BaselineProblem>& problems)
        : model_(model), values_(values), baseline_(baseline), problems_(problems)
    {}

    void resize();
    void check_recycling();
    void mine();
    void balance_demand_and_supply();
    void fill_plants_with_basket();
    void pass_through_stages();
    void trade(TradeTables tables);
    void check_standing_measures();

private:
    double value(Slot slot) const { return values_[slot.index()]; }
    std::size_t commodities() const { return model_.commodities.size(); }
    std::size_t regions() const { return model_.regions.size(); }

    CommodityId output_commodity(const Facility& facility, std::size_t position) const;
    void add_facility(std::size_t index);
    void scale_mines(CommodityId commodity, double factor);
    double written_demand(CommodityId commodity) const;
    void recycle();
    double passing(CommodityId commodity, std::size_t stage) const;

    double use(StageId layer, CommodityId commodity, RegionId region) const;
    double net_exports(StageId layer, CommodityId commodity, RegionId region) const;
    bool read_pattern(StageId layer, CommodityId commodity, TradeTable& table) const;
    void complete_pattern(TradeTable& table, double total) const;
    double fit(TradeTable& table, double import_scale) const;
    bool is_under_measure(StageId layer, CommodityId commodity) const;
    void trade_commodity(StageId layer, CommodityId commodity);

    double first_allowance(const Measure& measure, const StandingMeasure& standing) const;
    double effective_cap(const StandingMeasure& standing, double flow, double weight) const;
    template <class Function>
    void check_cap(const StandingMeasure& standing, double flow, double weight,
                   Function flow_name);
    void check_measure(const StandingMeasure& standing);

    Slot supply_slot(CommodityId commodity) const;
    Slot demand_slot(CommodityId commodity) const;
    Slot plant_slot(StageId stage, CommodityId commodity, RegionId region) const;

    const Model& model_;
    std::span<const double> values_;
    Baseline& baseline_;
    std::vector<BaselineProblem>& problems_;
};

void Balancer::resize()
{
    const auto rows = static_cast<Index>(commodities());
    const auto columns = static_cast<Index>(regions());
    const std::size_t stages = model_.stages.size();

    baseline_.consumption.setZero(rows, columns);
    baseline_.output.resize(stages);
    baseline_.recycled.resize(stages);
    baseline_.room.resize(stages);
    baseline_.stage_factor.resize(stages);
    for (std::size_t stage = 0; stage < stages; ++stage) {
        baseline_.output[stage].setZero(rows, columns);
        baseline_.recycled[stage].setZero(rows, columns);
        baseline_.room[stage].setZero(rows, columns);
        baseline_.stage_factor[stage].assign(commodities(), 1.0);
    }
    baseline_.share.resize(model_.facilities.size());
    baseline_.trade.resize(stages * commodities());
    for (TradeTable& table : baseline_.trade) {
        table.setZero(columns, columns);
    }
    baseline_.balance_factor.assign(commodities(), 1.0);
}

CommodityId Balancer::output_commodity(const Facility& facility, std::size_t position) const
{
    return facility.outputs.empty() ? CommodityId(position)
                                    : facility.outputs[position].commodity;
}

/// Adds a facility's room and, at its utilisation, output to its stage and region.
void Balancer::add_facility(std::size_t index)
{
    const Facility& facility = model_.facilities[index];
    if (facility.opening) {
        return;
    }
    const double capacity = value(facility.capacity) / months_per_year;
    const double utilisation = value(facility.utilisation);
    const std::vector<double>& share = baseline_.share[index];
    for (std::size_t position = 0; position < share.size(); ++position) {
        const Index row = row_of(output_commodity(facility, position));
        const double room = capacity * share[position];
        baseline_.room[facility.stage.index()](row, column_of(facility.region)) += room;
        baseline_.output[facility.stage.index()](row, column_of(facility.region)) +=
            room * utilisation;
    }
}

void Balancer::mine()
{
    for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
        const Facility& facility = model_.facilities[index];
        std::vector<double>& share = baseline_.share[index];
        share.resize(facility.outputs.size());
        for (std::size_t position = 0; position < share.size(); ++position) {
            share[position] = value(facility.outputs[position].share);
        }
        if (facility.stage == StageId(0)) {
            add_facility(index);
        }
    }
}

/// The demand that mines have to meet: less what is recycled of it.
double Balancer::written_demand(CommodityId commodity) const
{
    double sum = 0;
    for (std::size_t region = 0; region < regions(); ++region) {
        sum += value(model_.demand[model_.cell(commodity, RegionId(region))])
               * (1 - recycled_share(model_, values_, commodity, RegionId(region)));
    }
    return sum / months_per_year;
}

/// Recycling is less than demand, at the start and at the end of its ramp.
void Balancer::check_recycling()
{
    for (std::size_t last = 0; last < model_.recycling.size(); ++last) {
        const Recycling& entry = model_.recycling[last];
        double share = 0;
        double share_end = 0;
        bool is_last = true;
        for (std::size_t index = 0; index < model_.recycling.size(); ++index) {
            const Recycling& other = model_.recycling[index];
            if (other.commodity == entry.commodity && other.region == entry.region) {
                share += value(other.share);
                share_end += value(other.share_end);
                is_last = is_last && index <= last;
            }
        }
        if (is_last && std::max(share, share_end) >= 1) {
            problems_.push_back(
                {share >= 1 ? entry.share : entry.share_end,
                 fmt::format(
                     "the recycled shares of {}'s demand for {} add up to {:.6g}{} (must "
                     "be below 1)",
                     model_.regions[entry.region.index()],
                     model_.commodities[entry.commodity.index()].name,
                     share >= 1 ? share : share_end, share >= 1 ? "" : " in the end")});
        }
    }
}

/// Puts recycling into the tables; what joins the first stage is there at once, the rest when
/// its stage has got its throughput.
void Balancer::recycle()
{
    for (const Recycling& entry : model_.recycling) {
        const Index row = row_of(entry.commodity);
        const Index column = column_of(entry.region);
        const double recycled = value(entry.share) * baseline_.consumption(row, column);
        baseline_.recycled[entry.stage.index()](row, column) += recycled;
        if (entry.stage == StageId(0)) {
            baseline_.output[0](row, column) += recycled;
        }
    }
}

/// What plants of a stage take in everywhere: what is mined and what is recycled above them.
double Balancer::passing(CommodityId commodity, std::size_t stage) const
{
    const Index row = row_of(commodity);
    double sum = baseline_.output[0].row(row).sum();
    for (std::size_t above = 1; above < stage; ++above) {
        sum += baseline_.recycled[above].row(row).sum();
    }
    return sum;
}

void Balancer::scale_mines(CommodityId commodity, double factor)
{
    baseline_.output[0].row(row_of(commodity)) *= factor;
    baseline_.room[0].row(row_of(commodity)) *= factor;
    for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
        const Facility& facility = model_.facilities[index];
        if (facility.stage != StageId(0) || facility.opening) {
            continue;
        }
        for (std::size_t position = 0; position < facility.outputs.size(); ++position) {
            if (facility.outputs[position].commodity == commodity) {
                baseline_.share[index][position] *= factor;
            }
        }
    }
}

void Balancer::balance_demand_and_supply()
{
    const bool scale_demand = model_.balance == BalanceBy::demand;
    for (std::size_t index = 0; index < commodities(); ++index) {
        const CommodityId commodity(index);
        const double supply = baseline_.output[0].row(row_of(commodity)).sum();
        const double demand = written_demand(commodity);
        const std::string& name = model_.commodities[index].name;
        if (!(supply > 0) && demand > 0) {
            problems_.push_back(
                {demand_slot(commodity),
                 fmt::format("nothing supplies the demand for {} at month 0 (no mine of it "
                             "runs; projects do not count)",
                             name)});
            continue;
        }
        if (supply > 0 && !(demand > 0)) {
            problems_.push_back(
                {supply_slot(commodity),
                 fmt::format("nobody demands the {} mined at month 0 ({:.6g} t/year)", name,
                             supply * months_per_year)});
            continue;
        }
        if (supply > 0) {
            baseline_.balance_factor[index] = scale_demand ? supply / demand : demand / supply;
        }
        const double factor = baseline_.balance_factor[index];
        for (std::size_t region = 0; region < regions(); ++region) {
            baseline_.consumption(row_of(commodity), column_of(RegionId(region))) =
                value(model_.demand[model_.cell(commodity, RegionId(region))]) / months_per_year
                * (scale_demand ? factor : 1.0);
        }
        if (!scale_demand) {
            scale_mines(commodity, factor);
        }
    }
    recycle();
}

void Balancer::fill_plants_with_basket()
{
    for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
        const Facility& facility = model_.facilities[index];
        if (facility.stage == StageId(0) || !facility.outputs.empty()) {
            continue;
        }
        double all = 0;
        for (std::size_t commodity = 0; commodity < commodities(); ++commodity) {
            all += model_.output_of(facility, CommodityId(commodity))
                       ? passing(CommodityId(commodity), facility.stage.index())
                       : 0;
        }
        std::vector<double>& share = baseline_.share[index];
        share.resize(commodities());
        for (std::size_t commodity = 0; commodity < commodities(); ++commodity) {
            share[commodity] =
                all > 0 && model_.output_of(facility, CommodityId(commodity))
                    ? passing(CommodityId(commodity), facility.stage.index()) / all
                    : 0;
        }
    }
}

void Balancer::pass_through_stages()
{
    for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
        if (model_.facilities[index].stage != StageId(0)) {
            add_facility(index);
        }
    }
    for (std::size_t stage = 1; stage < model_.stages.size(); ++stage) {
        CommodityRegionTable& output = baseline_.output[stage];
        for (std::size_t index = 0; index < commodities(); ++index) {
            const CommodityId commodity(index);
            if (stage >= model_.stages_of(commodity)) {
                continue;
            }
            const Index row = row_of(commodity);
            const double supply = passing(commodity, stage);
            const double throughput = output.row(row).sum();
            if (!(throughput > 0)) {
                if (supply > 0) {
                    problems_.push_back(
                        {supply_slot(commodity),
                         fmt::format("no plant at stage {} takes the {} mined at month 0 "
                                     "({:.6g} t/year)",
                                     model_.stages[stage], model_.commodities[index].name,
                                     supply * months_per_year)});
                }
                continue;
            }
            const double factor = supply / throughput;
            baseline_.stage_factor[stage][index] = factor;
            output.row(row) *= factor;
            for (std::size_t region = 0; region < regions(); ++region) {
                const double needed = output(row, column_of(RegionId(region)));
                const double room = baseline_.room[stage](row, column_of(RegionId(region)));
                if (needed > room * (1 + cap_slack)) {
                    problems_.push_back(
                        {plant_slot(StageId(stage), commodity, RegionId(region)),
                         fmt::format("month 0 needs more {} of {} in {} than its plants have "
                                     "room for ({:.7g} t/year needed, room for {:.7g}: what is "
                                     "mined sets the scale, so lower the mines' utilisation or "
                                     "raise this capacity)",
                                     model_.stages[stage], model_.commodities[index].name,
                                     model_.regions[region], needed * months_per_year,
                                     room * months_per_year)});
                }
            }
        }
        output += baseline_.recycled[stage];
    }
}

/// What a region takes of a layer: the intake of its next stage, or its consumption.
double Balancer::use(StageId layer, CommodityId commodity, RegionId region) const
{
    return layer == model_.last_stage(commodity)
               ? baseline_.consumption(row_of(commodity), column_of(region))
               : baseline_.throughput(StageId(layer.index() + 1), commodity, region);
}

/// Output less use: above 0 for exporters, below 0 for importers.
double Balancer::net_exports(StageId layer, CommodityId commodity, RegionId region) const
{
    const double output = baseline_.output[layer.index()](row_of(commodity), column_of(region));
    const double used = use(layer, commodity, region);
    const double net = output - used;
    return std::abs(net) > trade_rounding * std::max(output, used) ? net : 0;
}

/// The flows written for a layer, between its net exporters and importers; false if none is.
bool Balancer::read_pattern(StageId layer, CommodityId commodity, TradeTable& table) const
{
    bool any = false;
    for (const KnownTrade& known : model_.trade) {
        if (known.layer == layer && known.commodity == commodity
            && baseline_.net_exports[known.exporter.index()] > 0
            && baseline_.net_exports[known.importer.index()] < 0) {
            table(column_of(known.exporter), column_of(known.importer)) +=
                value(known.t_per_year);
            any = true;
        }
    }
    return any;
}

/// Gives exporters and importers without a written flow the product pattern.
void Balancer::complete_pattern(TradeTable& table, double total) const
{
    const auto product = [&](Index exporter, Index importer) {
        const double exports = baseline_.net_exports[static_cast<std::size_t>(exporter)];
        const double imports = -baseline_.net_exports[static_cast<std::size_t>(importer)];
        return std::max(exports, 0.0) * std::max(imports, 0.0) / total;
    };
    // Filled with a minus sign, so that filled rows do not hide empty columns.
    for (Index exporter = 0; exporter < table.rows(); ++exporter) {
        if (!(table.row(exporter) > 0).any()) {
            for (Index importer = 0; importer < table.cols(); ++importer) {
                table(exporter, importer) = -product(exporter, importer);
            }
        }
    }
    for (Index importer = 0; importer < table.cols(); ++importer) {
        if (!(table.col(importer) > 0).any()) {
            for (Index exporter = 0; exporter < table.rows(); ++exporter) {
                table(exporter, importer) = -product(exporter, importer);
            }
        }
    }
    table = table.abs();
}

/// Scales columns and rows in turn until both have their sums; the largest relative error left.
double Balancer::fit(TradeTable& table, double import_scale) const
{
    double error = 0;
    for (int round = 0; round < max_fit_rounds; ++round) {
        error = 0;
        for (Index importer = 0; importer < table.cols(); ++importer) {
            const double net = baseline_.net_exports[static_cast<std::size_t>(importer)];
            const double sum = table.col(importer).sum();
            if (net < 0) {
                const double imports = -net * import_scale;
                error = std::max(error, std::abs(sum / imports - 1));
                table.col(importer) *= sum > 0 ? imports / sum : 0.0;
            }
        }
        for (Index exporter = 0; exporter < table.rows(); ++exporter) {
            const double net = baseline_.net_exports[static_cast<std::size_t>(exporter)];
            const double sum = table.row(exporter).sum();
            if (net > 0) {
                error = std::max(error, std::abs(sum / net - 1));
                table.row(exporter) *= sum > 0 ? net / sum : 0.0;
            }
        }
        if (error <= fit_tolerance) {
            break;
        }
    }
    return error;
}

void Balancer::trade_commodity(StageId layer, CommodityId commodity)
{
    double exports = 0;
    double imports = 0;
    baseline_.net_exports.resize(regions());
    for (std::size_t region = 0; region < regions(); ++region) {
        const double net = net_exports(layer, commodity, RegionId(region));
        baseline_.net_exports[region] = net;
        (net > 0 ? exports : imports) += std::abs(net);
    }
    if (!(exports > 0) || !(imports > 0)) {
        return;
    }
    TradeTable& table = baseline_.trade[layer.index() * commodities() + commodity.index()];
    const bool known = read_pattern(layer, commodity, table);
    complete_pattern(table, imports);
    if (!known) {
        return;
    }
    const double error = fit(table, exports / imports);
    if (error > fit_tolerance) {
        const auto first = std::find_if(
            model_.trade.begin(), model_.trade.end(), [&](const KnownTrade& entry) {
                return entry.layer == layer && entry.commodity == commodity;
            });
        problems_.push_back(
            {first->t_per_year,
             fmt::format(
                 "the {} trade written for {} cannot add up to the regions' net exports "
                 "and imports (off by {:.2g} of a region's sum; an importer needs more "
                 "than the exporters written for it have)",
                 model_.stages[layer.index()], model_.commodities[commodity.index()].name,
                 error)});
    }
}

bool Balancer::is_under_measure(StageId layer, CommodityId commodity) const
{
    return std::ranges::any_of(model_.measures, [&](const Measure& measure) {
        return measure.layer == layer
               && std::ranges::find(measure.commodities, commodity)
                      != measure.commodities.end();
    });
}

void Balancer::trade(TradeTables tables)
{
    for (std::size_t layer = 0; layer < model_.stages.size(); ++layer) {
        for (std::size_t commodity = 0; commodity < commodities(); ++commodity) {
            if (layer < model_.stages_of(CommodityId(commodity))
                && (tables == TradeTables::all
                    || is_under_measure(StageId(layer), CommodityId(commodity)))) {
                trade_commodity(StageId(layer), CommodityId(commodity));
            }
        }
    }
}

/// Equation (15) in month 0, whichever month of its period that is, t of a whole month.
double Balancer::first_allowance(const Measure& measure, const StandingMeasure& standing) const
{
    const double from = std::min(standing.from, 0.0);  // later in month 0: in this month too
    QuotaPeriod period =
        quota_period(standing.from > 0 ? 0 : from, standing.until, measure.period_months, 0,
                     model_.months, value(measure.front_loading));
    const auto in_force = [&](int month) {
        return std::clamp(standing.until - month, 0.0, 1.0)
               - std::clamp(standing.from - month, 0.0, 1.0);
    };
    return period.part_in_time() * value(*measure.quota_t) * period.weight(0)
           / period.weight_from(period.first, in_force);
}

/// Tonnes that may leave in the first month, leakage included, where `flow` would.
/// \param weight  Quota tonnes per tonne.
double Balancer::effective_cap(const StandingMeasure& standing, double flow,
                               double weight) const
{
    const Measure& measure = model_.measures[standing.measure.index()];
    const double in_force =
        std::max(0.0, std::min(standing.until, 1.0) - std::max(standing.from, 0.0));
    const double allowed = measure.quota_t ? first_allowance(measure, standing) / weight
                                           : flow * (1 - value(standing.severity));
    const double legal = in_force * allowed + (1 - in_force) * flow;
    return legal + value(measure.leakage) * std::max(0.0, flow - legal);
}

/// \param flow_name  Gives the flow's name; called only if the cap is exceeded.
template <class Function>
void Balancer::check_cap(const StandingMeasure& standing, double flow, double weight,
                         Function flow_name)
{
    const double cap = effective_cap(standing, flow, weight);
    if (flow > cap * (1 + cap_slack)) {
        const Measure& measure = model_.measures[standing.measure.index()];
        problems_.push_back(
            {measure.quota_t ? *measure.quota_t : standing.severity,
             fmt::format("{} in the first month need more than this standing measure allows "
                         "({:.6g} t needed, {:.6g} t allowed)",
                         flow_name(), flow, cap)});
    }
}

void Balancer::check_measure(const StandingMeasure& standing)
{
    const Measure& measure = model_.measures[standing.measure.index()];
    const std::string& exporter = model_.regions[measure.exporter.index()];
    const std::size_t arcs =
        measure.commodities.size() * (measure.all_targets ? 1 : measure.targets.size());
    const bool pooled = measure.is_pooled() && arcs > 1;
    double weighted = 0;
    const auto count = [&](double weight, double flow, const auto& flow_name) {
        weighted += weight * flow;
        if (!pooled) {
            check_cap(standing, flow, weight, flow_name);
        }
    };
    for (std::size_t position = 0; position < measure.commodities.size(); ++position) {
        const CommodityId commodity = measure.commodities[position];
        const std::string& name = model_.commodities[commodity.index()].name;
        const double weight = value(measure.weights[position]);
        if (measure.all_targets) {
            count(weight, baseline_.exports(model_, measure.layer, commodity, measure.exporter),
                  [&] { return fmt::format("{}'s exports of {}", exporter, name); });
            continue;
        }
        const TradeTable& table =
            baseline_.trade[measure.layer.index() * commodities() + commodity.index()];
        for (const RegionId target : measure.targets) {
            count(weight, table(column_of(measure.exporter), column_of(target)), [&] {
                return fmt::format("{}'s exports of {} to {}", exporter, name,
                                   model_.regions[target.index()]);
            });
        }
    }
    if (pooled) {
        check_cap(standing, weighted, 1,
                  [&] { return fmt::format("{}'s exports under the quota", exporter); });
    }
}

void Balancer::check_standing_measures()
{
    for (const StandingMeasure& standing : model_.standing) {
        const bool in_force_at_once = standing.from < 1 && standing.until > 0;
        if (in_force_at_once
            && model_.measures[standing.measure.index()].instrument != Instrument::tax) {
            check_measure(standing);
        }
    }
}

Slot Balancer::supply_slot(CommodityId commodity) const
{
    for (const Facility& facility : model_.facilities) {
        const bool produces =
            std::any_of(facility.outputs.begin(), facility.outputs.end(),
                        [&](const Output& output) { return output.commodity == commodity; });
        if (facility.stage == StageId(0) && produces && !facility.opening) {
            return facility.capacity;
        }
    }
    return model_.commodities[commodity.index()].price;
}

Slot Balancer::demand_slot(CommodityId commodity) const
{
    for (std::size_t region = 0; region < regions(); ++region) {
        const Slot slot = model_.demand[model_.cell(commodity, RegionId(region))];
        if (value(slot) > 0) {
            return slot;
        }
    }
    return model_.commodities[commodity.index()].price;
}

/// The first plant that may take the commodity there, else who mines it.
Slot Balancer::plant_slot(StageId stage, CommodityId commodity, RegionId region) const
{
    for (std::size_t index = 0; index < model_.facilities.size(); ++index) {
        const Facility& facility = model_.facilities[index];
        if (facility.stage != stage || facility.region != region || facility.opening) {
            continue;
        }
        const std::vector<double>& share = baseline_.share[index];
        for (std::size_t position = 0; position < share.size(); ++position) {
            if (output_commodity(facility, position) == commodity && share[position] > 0) {
                return facility.capacity;
            }
        }
    }
    return supply_slot(commodity);
}

}  // namespace

double recycled_share(const Model& model, std::span<const double> values, CommodityId commodity,
                      RegionId region)
{
    double share = 0;
    for (const Recycling& entry : model.recycling) {
        if (entry.commodity == commodity && entry.region == region) {
            share += values[entry.share.index()];
        }
    }
    return share;
}

void compute_baseline(const Model& model, std::span<const double> values, Baseline& baseline,
                      std::vector<BaselineProblem>& problems, TradeTables tables)
{
    problems.clear();
    Balancer balancer(model, values, baseline, problems);
    balancer.resize();
    balancer.check_recycling();
    balancer.mine();
    if (problems.empty()) {
        balancer.balance_demand_and_supply();
    }
    if (problems.empty()) {
        balancer.fill_plants_with_basket();
        balancer.pass_through_stages();
    }
    if (problems.empty()) {
        balancer.trade(tables);
    }
    if (problems.empty()) {
        balancer.check_standing_measures();
    }
}

}  // namespace chokepoint
