#include "cross_check.hpp"

#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "bind.hpp"
#include "messages.hpp"

namespace chokepoint {
namespace {

constexpr std::size_t most_pairs = 1'000'000;
constexpr int most_warnings = 20;

/// The commodities that facilities of each stage put out; `any` if one takes whatever comes.
struct StageOutput {
    std::unordered_set<std::string> commodities;
    bool any = false;

    bool has(const std::string& commodity) const
    {
        return any || commodities.contains(commodity);
    }
};

std::unordered_map<std::string, StageOutput> output_by_stage(const Scenario& scenario,
                                                             const Reading& reading)
{
    std::unordered_map<std::string, StageOutput> outputs;
    for (const FacilityEntry& facility : scenario.facilities) {
        if (!has_capacity(facility)) {
            continue;
        }
        StageOutput& output = outputs[facility.stage];
        output.any = output.any || facility.outputs.empty();
        for (const OutputEntry& entry : facility.outputs) {
            output.commodities.insert(entry.commodity);
            // A misspelt output may stand for any commodity.
            output.any = output.any || !reading.commodities.has(entry.commodity);
        }
    }
    return outputs;
}

/// Every commodity runs through all stages to the end of its chain.
void check_chain(const Scenario& scenario, Reading& reading)
{
    const auto outputs = output_by_stage(scenario, reading);
    if (!reading.facilities.is_complete() || !reading.stages.is_complete()
        || outputs.contains("")) {
        return;
    }
    for (const CommodityEntry& commodity : scenario.commodities) {
        for (const std::string& stage : scenario.stages) {
            const auto found = outputs.find(stage);
            if (!chain_reaches(commodity.name, stage, scenario)) {
                break;
            }
            if (found != outputs.end() && found->second.has(commodity.name)) {
                continue;
            }
            const bool first = stage == scenario.stages.front();
            reading.error(
                reading.commodities.first_place(commodity.name),
                "commodities." + commodity.name,
                first ? "no facility yields it (needs one at the first stage, "
                            + in_quotes(stage) + ")"
                      : fmt::format("no facility at stage {} treats it", in_quotes(stage)));
            break;
        }
    }
}

void check_demand(const Scenario& scenario, Reading& reading)
{
    if (!reading.demand_is_known) {
        return;
    }
    std::unordered_set<std::string> demanded;
    for (const DemandEntry& entry : scenario.demand) {
        if (entry.t_per_year.path.empty() || entry.t_per_year.distribution.upper() > 0) {
            demanded.insert(entry.commodity);
        }
    }
    for (const CommodityEntry& commodity : scenario.commodities) {
        if (!demanded.contains(commodity.name)) {
            reading.error(reading.commodities.first_place(commodity.name),
                          "commodities." + commodity.name,
                          "nobody demands it (needs an entry in \"demand\")");
        }
    }
}

const std::vector<std::string>& expanded(const Names& names,
                                         const std::vector<std::string>& every)
{
    return names.all ? every : names.names;
}

/// Who keeps a stock: stage (empty for users), commodity and region.
using StockKeeper = std::tuple<std::string, std::string, std::string>;

/// The first keeper that a stock shares with an earlier one, after which the rest of the stock
/// is not looked at.
void check_stock(const StockEntry& stock, const Scenario& scenario,
                 std::map<StockKeeper, std::string>& covered,
                 const std::vector<std::string>& commodities, Reading& reading)
{
    for (const std::string& commodity : expanded(stock.commodities, commodities)) {
        for (const std::string& region : expanded(stock.regions, scenario.regions)) {
            const auto [first, is_new] =
                covered.try_emplace({stock.at, commodity, region}, stock.name);
            if (!is_new) {
                reading.error(stock.place,
                              stock.name.empty() ? "stocks" : "stocks." + stock.name,
                              fmt::format("{} in {} is covered already (by {})", commodity,
                                          region, in_quotes(first->second)));
                return;
            }
        }
    }
}

void check_stocks(const Scenario& scenario, Reading& reading)
{
    std::vector<std::string> commodities;
    for (const CommodityEntry& commodity : scenario.commodities) {
        commodities.push_back(commodity.name);
    }
    std::map<StockKeeper, std::string> covered;
    for (const StockEntry& stock : scenario.stocks) {
        check_stock(stock, scenario, covered, commodities, reading);
    }
}

/// A region in which nothing happens is probably a slip.
void warn_of_idle_regions(const Scenario& scenario, Reading& reading)
{
    std::unordered_set<std::string> busy;
    for (const FacilityEntry& facility : scenario.facilities) {
        if (facility.region.empty()) {
            return;  // it may be any; the reason is among the errors
        }
        busy.insert(facility.region);
    }
    for (const DemandEntry& entry : scenario.demand) {
        busy.insert(entry.region);
    }
    int warnings = 0;
    for (const std::string& region : scenario.regions) {
        if (!busy.contains(region) && ++warnings <= most_warnings) {
            reading.warning(
                reading.regions.first_place(region), "regions",
                fmt::format("{} neither produces nor consumes anything", in_quotes(region)));
        }
    }
    if (warnings > most_warnings) {
        reading.warning(scenario.place, "regions",
                        fmt::format("{} more regions neither produce nor consume anything",
                                    warnings - most_warnings));
    }
}

}  // namespace

void cross_check(const Scenario& scenario, Reading& reading)
{
    check_chain(scenario, reading);
    check_demand(scenario, reading);
    const std::size_t pairs = scenario.commodities.size() * scenario.regions.size();
    if (pairs > most_pairs) {
        reading.error(scenario.place, "",
                      fmt::format("too many commodities times regions ({}; at most {})", pairs,
                                  most_pairs));
        return;
    }
    check_stocks(scenario, reading);
    warn_of_idle_regions(scenario, reading);
}

}  // namespace chokepoint
