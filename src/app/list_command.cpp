#include "chokepoint/app/commands.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

/// As much of a description as fits beside the rest, to the end of a word.
std::string first_words(const std::string& description, std::size_t most)
{
    const std::string line = description.substr(0, description.find('\n'));
    if (line.size() <= most) {
        return line;
    }
    return line.substr(0, line.rfind(' ', most)) + " …";
}

std::string kinds_text(const char* heading, const std::vector<KindInfo>& kinds)
{
    TextTable table({{heading, Align::left}, {"what it is", Align::left}});
    for (const KindInfo& kind : kinds) {
        table.append({kind.name, first_words(kind.sentence, 90)});
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

/// What a scenario calls itself, or that it has errors.
std::pair<std::string, std::string> title_of(const fs::path& file)
{
    try {
        const Scenario scenario = read_scenario(file);
        return {scenario.name, first_words(scenario.description, 60)};
    } catch (const InputError&) {
        return {"", fmt::format("has errors: see chokepoint validate {}", file.string())};
    } catch (const FileError&) {
        return {"", "cannot be opened"};
    }
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
            put_out(kinds_text("lever", lever_catalogue()));
            break;
        case Listing::scenarios:
            put_out(scenarios_text(options.folder));
            break;
        case Listing::distributions:
            put_out(kinds_text("distribution", law_catalogue()));
            break;
        case Listing::metrics:
            put_out(metrics_text());
            break;
        case Listing::hazards:
            put_out(kinds_text("hazard", hazard_catalogue()));
            break;
    }
    return ExitCode::done;
}

}  // namespace chokepoint
