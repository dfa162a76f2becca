#include <map>
#include <utility>

#include <fmt/format.h>

#include "bind.hpp"
#include "messages.hpp"

namespace chokepoint {
namespace {

ShockChannel channel_of(const std::string& word)
{
    return word == "quoted"   ? ShockChannel::quoted
           : word == "supply" ? ShockChannel::supply
                              : ShockChannel::demand;
}

void bind_process(const Section& section, const std::string& name, PriceShocksEntry& shocks)
{
    introduce(name, section, section.reading().price_shocks);
    PriceShockEntry shock;
    shock.name = name;
    shock.place = section.place();
    shock.commodity = section.name("commodity");
    shock.regions = section.names("regions");
    shock.channel = channel_of(section.choice("channel"));
    shock.start = section.number("start");
    shock.mean = section.number("mean");
    shock.mean_reversion_per_year = section.number("mean_reversion_per_year");
    shock.drift_per_year = section.number("drift_per_year");
    shock.volatility_per_year = section.number("volatility_per_year");
    if (section.has("jumps")) {
        const Section jumps = section.section("jumps");
        shock.jumps = {jumps.number("rate_per_year"), jumps.mark("size")};
    }
    if (section.has("mean") && !section.has("mean_reversion_per_year")) {
        section.error("mean", "means nothing without \"mean_reversion_per_year\"");
    }
    shocks.processes.push_back(std::move(shock));
}

/// Each pair once, none with itself.
void bind_correlations(const Section& section, PriceShocksEntry& shocks)
{
    std::map<std::pair<std::string, std::string>, Place> known;
    for (const PlainInTable& entry : section.plain_table("correlations")) {
        Reading& reading = section.reading();
        if (entry.row == entry.column) {
            reading.error(entry.place, entry.path,
                          "is the correlation of a process with itself (leave it out)");
            continue;
        }
        const auto [first, is_new] =
            known.emplace(std::minmax(entry.row, entry.column), entry.place);
        if (!is_new) {
            reading.error(entry.place, entry.path,
                          fmt::format("is given twice (first at {})", shown(first->second)));
            continue;
        }
        shocks.correlations.push_back(
            {entry.row, entry.column, entry.value, entry.place, entry.path});
    }
}

}  // namespace

void bind_price_shocks(const Section& hazards, Scenario& scenario)
{
    PriceShocksEntry& shocks = scenario.price_shocks;
    shocks.place = hazards.place();
    if (!hazards.has("price_shocks")) {
        return;
    }
    const Section section = hazards.section("price_shocks");
    shocks.place = section.place();
    if (const YamlNode* written = section.node("processes");
        written == nullptr || !written->is_list()) {
        section.reading().price_shocks.mark_incomplete();
    }
    section.each_entry("processes", [&](const Section& process, const std::string& name) {
        bind_process(process, name, shocks);
    });
    bind_correlations(section, shocks);
    shocks.dependence = section.choice("dependence") == "student_t" ? Dependence::student_t
                                                                    : Dependence::gaussian;
    shocks.degrees_of_freedom = section.number("degrees_of_freedom");
    if (section.has("degrees_of_freedom") && shocks.dependence != Dependence::student_t) {
        section.error("degrees_of_freedom", "means nothing without \"dependence: student_t\"");
    }
}

}  // namespace chokepoint
