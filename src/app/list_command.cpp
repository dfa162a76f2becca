#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

struct Entry {
    const char* name;
    const char* sentence;
};

constexpr std::array hazards = {
    Entry{"standing_measures", "duties and quotas in force in both runs of a trial"},
    Entry{"hazards.scripted, type: export_restriction",
          "a quota, ban, licensing or tax from date to date"},
    Entry{"hazards.scripted, type: outage", "a facility loses capacity from date to date"},
    Entry{"hazards.tensions", "relations that are calm or tense, and change (Markov)"},
    Entry{"hazards.export_restrictions",
          "restrictions at random times (Poisson, faster while tense), acute, then structural"},
    Entry{"hazards.contagion", "restrictions that provoke restrictions (Hawkes)"},
    Entry{"hazards.outages", "facilities fail and are repaired at random times (renewal)"},
    Entry{"hazards.common_causes", "shocks that strike several facilities at once"},
    Entry{"hazards.price_shocks",
          "demand, cost or quotes move from outside: mean reversion with jumps"},
};

std::string hazards_text()
{
    TextTable table({{"name", Align::left}, {"meaning", Align::left}});
    for (const Entry& entry : hazards) {
        table.append({entry.name, entry.sentence});
    }
    return table.text();
}

std::string distributions_text()
{
    TextTable table({{"name", Align::left}, {"meaning", Align::left}});
    for (const WrittenLaw& law : law_catalogue()) {
        table.append({law.written, law.meaning});
    }
    return table.text();
}

std::string metrics_text()
{
    TextTable table({{"metric", Align::left},
                     {"unit", Align::left},
                     {"of", Align::left},
                     {"meaning", Align::left}});
    for (const Column& column : metric_catalogue()) {
        const char* const of = column.arc ? "arcs" : column.year ? "years" : "trials";
        table.append({column.metric, column.unit, of, column.sentence});
    }
    for (const char* metric : {"portfolio_loss", "portfolio_drawdown"}) {
        table.append(
            {metric, "usd", "trials", "with --portfolio: see docs/portfolio-format.md"});
    }
    return table.text()
           + "\nThose of trials stand in metrics.csv, and are what --until, --importance, --worst "
             "and\n--metric take; those of years in exceedance.csv, those of arcs in "
             "chokepoints.csv.\n";
}

/// As much of a description as fits beside the rest, to the end of a word.
std::string first_words(const std::string& description)
{
    constexpr std::size_t most = 60;
    const std::string line = description.substr(0, description.find('\n'));
    if (line.size() <= most) {
        return line;
    }
    return line.substr(0, line.rfind(' ', most)) + " …";
}

/// What a scenario calls itself, or that it has errors.
std::pair<std::string, std::string> title_of(const fs::path& file)
{
    try {
        const Scenario scenario = read_scenario(file);
        return {scenario.name, first_words(scenario.description)};
    } catch (const InputError&) {
        return {"", fmt::format("has errors: see chokepoint validate {}", file.string())};
    } catch (const FileError&) {
        return {"", "cannot be opened"};
    }
}

std::string levers_text()
{
    TextTable table({{"lever", Align::left}, {"what it does", Align::left}});
    for (const LeverInfo& lever : lever_catalogue()) {
        table.append({lever.type, first_words(lever.sentence)});
    }
    return table.text();
}

std::string scenarios_text(const fs::path& folder)
{
    TextTable table(
        {{"file", Align::left}, {"name", Align::left}, {"description", Align::left}});
    for (const fs::path& file : scenario_files(folder)) {
        const auto [name, description] = title_of(file);
        table.append({file.string(), name, description});
    }
    return table.text();
}

}  // namespace

ExitCode list_command(const ListOptions& options)
{
    switch (options.what) {
        case Listing::levers:
            put_out(levers_text());
            break;
        case Listing::scenarios:
            put_out(scenarios_text(options.folder));
            break;
        case Listing::distributions:
            put_out(distributions_text());
            break;
        case Listing::metrics:
            put_out(metrics_text());
            break;
        case Listing::hazards:
            put_out(hazards_text());
            break;
    }
    return ExitCode::done;
}

}  // namespace chokepoint
