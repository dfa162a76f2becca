#include "chokepoint/app/mechanism_text.hpp"

#include "chokepoint/app/number_text.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

/// The lines of one part of the model, at nominal values.
class MechanismText {
public:
    explicit MechanismText(const Model& model) : model_(model) {}

    std::string text() const
    {
        return part("Projects", model_.facilities,
                    [&](const Facility& facility) { return project(facility); })
               + part("Recycling", model_.recycling,
                      [&](const Recycling& entry) { return recycling(entry); })
               + part("Restrictions that provoke others", model_.contagion,
                      [&](const Contagion& link) { return contagion(link); })
               + part("Price processes", model_.price_shocks,
                      [&](const PriceShock& shock) { return price_shock(shock); });
    }

private:
    /// A heading and a line for each entry that has something to say.
    template <class Entries, class Line>
    static std::string part(std::string_view heading, const Entries& entries, Line line)
    {
        std::string lines;
        for (const auto& entry : entries) {
            if (const std::string words = line(entry); !words.empty()) {
                lines += "  " + words + '\n';
            }
        }
        return lines.empty() ? "" : fmt::format("\n{}:\n{}", heading, lines);
    }

    double nominal(Slot slot) const { return model_.parameters[slot.index()].nominal; }
    std::string number(Slot slot) const { return short_number(nominal(slot)); }
    std::string month(double time) const
    {
        return month_label(model_.start, static_cast<int>(std::floor(time)));
    }

    std::string project(const Facility& facility) const
    {
        if (!facility.opening) {
            return "";
        }
        const Opening& opening = *facility.opening;
        std::string text = fmt::format(
            "{} ({}, {}), {} t/yr: ", facility.name, model_.regions[facility.region.index()],
            model_.stages[facility.stage.index()], number(facility.capacity));
        if (opening.induced) {
            text += fmt::format(
                "{} months after {} months of remembered prices above {} times month 0's",
                number(opening.induced->lead_months), number(opening.induced->after_months),
                number(opening.induced->trigger_price_ratio));
        } else {
            text += fmt::format("planned for {}", month(opening.month));
            if (nominal(opening.delay) > 0) {
                text += fmt::format(", {} months late", number(opening.delay));
            }
        }
        if (nominal(opening.probability) < 1) {
            text += fmt::format(", with probability {}", number(opening.probability));
        }
        if (nominal(opening.ramp) > 0) {
            text += fmt::format(", full {} months later", number(opening.ramp));
        }
        return text;
    }

    std::string recycling(const Recycling& entry) const
    {
        std::string text =
            fmt::format("{}: {} of {}'s demand for {} joins {}", entry.name,
                        percent(nominal(entry.share)), model_.regions[entry.region.index()],
                        model_.commodities[entry.commodity.index()].name,
                        model_.stages[entry.stage.index()]);
        if (entry.ramp_until > entry.ramp_from) {
            text += fmt::format(", {} from {} on after a ramp that begins in {}",
                                percent(nominal(entry.share_end)), month(entry.ramp_until),
                                month(entry.ramp_from));
        }
        if (nominal(entry.price_elasticity) > 0) {
            text += fmt::format("; rises by {} % for 1 % of remembered price, at most {} times",
                                number(entry.price_elasticity), number(entry.max_factor));
        }
        return text;
    }

    const std::string& name_of(std::size_t hazard) const
    {
        return model_.measures[model_.restriction_hazards[hazard].measure.index()].name;
    }

    std::string contagion(const Contagion& link) const
    {
        return fmt::format("{} > {}: {} events, {} days later, on average", name_of(link.from),
                           name_of(link.to), number(link.offspring),
                           number(link.mean_delay_days));
    }

    /// What a process moves, each commodity with its regions.
    std::string cells_text(const PriceShock& shock) const
    {
        std::vector<std::string> regions;
        for (const std::size_t cell : shock.cells) {
            regions.push_back(model_.regions[cell % model_.regions.size()]);
        }
        const std::string& commodity =
            model_.commodities[shock.cells.front() / model_.regions.size()].name;
        return regions.size() == model_.regions.size()
                   ? commodity
                   : fmt::format("{} in {}", commodity, fmt::join(regions, ", "));
    }

    static const char* channel_word(ShockChannel channel)
    {
        switch (channel) {
            case ShockChannel::demand:
                return "what users pay for";
            case ShockChannel::supply:
                return "what it costs to mine";
            case ShockChannel::quoted:
                return "the quoted price of";
        }
        return "";
    }

    std::string price_shock(const PriceShock& shock) const
    {
        std::string text = fmt::format("{}: {} {}, volatility {} a year", shock.name,
                                       channel_word(shock.channel), cells_text(shock),
                                       number(shock.volatility_per_year));
        if (nominal(shock.mean_reversion_per_year) > 0) {
            text += fmt::format(", back to {} in ln at {} a year", number(shock.mean),
                                number(shock.mean_reversion_per_year));
        }
        if (nominal(shock.drift_per_year) != 0) {
            text += fmt::format(", drift {} a year", number(shock.drift_per_year));
        }
        if (shock.jumps) {
            text += fmt::format(", {} jumps a year of {} in the mean",
                                number(shock.jumps->rate_per_year),
                                short_number(shock.jumps->size.mean));
        }
        return text;
    }

    const Model& model_;
};

}  // namespace

std::string mechanism_text(const Model& model)
{
    return MechanismText(model).text();
}

}  // namespace chokepoint
