// What was unusual in a trial's draws, what happened, what bound.

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/app/trial_story.hpp"
#include "chokepoint/app/wrapped_text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "replay_pieces.hpp"

namespace chokepoint {
namespace {

std::size_t most_events(const std::string& type)
{
    static const std::map<std::string, std::size_t> limits = {
        {"export_restriction", 10}, {"outage", 8}, {"facility", 4}, {"price_jump", 4}};
    const auto limit = limits.find(type);
    return limit == limits.end() ? 4 : limit->second;
}

/// An uncertain number with its place in its own law: the probability of less and half of that
/// of the same.
struct Draw {
    std::string path;
    double value, place;
};

std::vector<Draw> draws_of(const Replay& replay)
{
    std::vector<Draw> draws;
    for (const Slot slot : replay.model.uncertain_parameters) {
        const ParameterInfo& info = replay.model.parameters[slot.index()];
        const double value = replay.parameters[slot];
        const double below = std::nextafter(value, -std::numeric_limits<double>::infinity());
        draws.push_back({info.path, value,
                         (info.distribution.cdf(value) + info.distribution.cdf(below)) / 2});
    }
    return draws;
}

TextTable draw_table(const std::vector<Draw>& draws)
{
    TextTable table({{"number", Align::left}, {"drawn"}, {"lower in"}});
    for (const Draw& draw : draws) {
        table.append(
            {draw.path, short_number(draw.value), fmt::format("{:.1f} %", 100 * draw.place)});
    }
    return table;
}

bool is_standing(const EventText& event)
{
    return event.cause == cause_name(Cause::standing);
}

std::string event_lines(const Replay& replay, const std::vector<EventText>& events)
{
    std::string text;
    for (const EventText& event : events) {
        text += wrapped(fmt::format("{}: {} ({}, {})",
                                    period_text(replay.model.start, event.from, event.until),
                                    event.sentence, event.name, event.cause),
                        "  ", "      ");
    }
    return text;
}

}  // namespace

std::string draws_text(const Replay& replay, std::size_t most)
{
    std::vector<Draw> draws = draws_of(replay);
    if (draws.empty()) {
        return "";
    }
    const std::size_t count = draws.size();
    if (count <= most) {
        return "\nNumbers drawn, and in how many of all trials they are lower:\n"
               + draw_table(draws).text("  ");
    }
    std::ranges::stable_sort(draws, std::ranges::greater{},
                             [](const Draw& draw) { return std::abs(draw.place - 0.5); });
    draws.resize(most);
    return fmt::format(
               "\nThe most unusual of {} numbers drawn, and in how many of all trials "
               "they are lower:\n",
               count)
           + draw_table(draws).text("  ");
}

std::vector<EventText> events_shown(const Replay& replay)
{
    std::map<std::string, std::vector<double>> weights;
    for (const EventText& event : replay.events) {
        if (!is_standing(event)) {
            weights[event.type].push_back(event.weight);
        }
    }
    std::map<std::string, double> least;
    for (auto& [type, of_type] : weights) {
        std::ranges::sort(of_type, std::ranges::greater{});
        least[type] = of_type[std::min(of_type.size(), most_events(type)) - 1];
    }
    std::vector<EventText> shown;
    std::map<std::string, std::size_t> count;
    for (const EventText& event : replay.events) {
        if (!is_standing(event) && event.weight >= least[event.type]
            && count[event.type] < most_events(event.type)) {
            shown.push_back(event);
            ++count[event.type];
        }
    }
    return shown;
}

std::string events_text(const Replay& replay, const std::vector<EventText>& events)
{
    const auto standing =
        static_cast<std::size_t>(std::ranges::count_if(replay.events, is_standing));
    if (replay.events.empty() || (events.empty() && standing == replay.events.size())) {
        return "\nNo events.\n";
    }
    std::string text = "\nWhat happened:\n" + event_lines(replay, events);
    if (events.size() < replay.events.size()) {
        const std::size_t others = replay.events.size() - events.size() - standing;
        text += others > 0 ? fmt::format("  … and {} of less weight ({})\n",
                                         counted(others, "event"), all_there)
                           : "";
    }
    return text;
}

std::string spells_text(const Replay& replay, std::size_t most)
{
    if (replay.spells.empty()) {
        return "\nNothing bound harder than in the undisturbed run.\n";
    }
    std::string text =
        "\nWhat bound harder than in the undisturbed run, the costliest first:\n";
    const std::size_t shown = std::min(most, replay.spells.size());
    for (std::size_t position = 0; position < shown; ++position) {
        text +=
            wrapped(spell_sentence(replay.model, replay.parameters, replay.spells[position]),
                    "  ", "      ");
    }
    if (shown < replay.spells.size()) {
        text += fmt::format("  … and {} more ({})\n", replay.spells.size() - shown, all_there);
    }
    return text;
}

}  // namespace chokepoint
