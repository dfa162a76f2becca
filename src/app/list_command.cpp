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

constexpr std::array distributions = {
    Entry{"3.5", "a fixed number, the same in every trial"},
    Entry{"{fixed: x}", "the same, where notes are to stand beside it"},
    Entry{"{uniform: [low, high]}", "every value between two bounds is as likely"},
    Entry{"{triangular: [low, mode, high]}", "between two bounds, likeliest at the mode"},
    Entry{"{normal: {mean: m, sd: s}}", "the bell curve"},
    Entry{"{lognormal: {median: m, sigma: s}}", "m times e^(s Z), Z a standard normal number"},
    Entry{"{lognormal: {p5: a, p95: b}}", "the same by its 5 % and 95 % quantiles"},
    Entry{"{beta: {a: x, b: y}}", "between 0 and 1, by its shape"},
    Entry{"{beta: {mean: m, sd: s}}", "the same by mean and standard deviation"},
    Entry{"{exponential: {mean: m}}", "waiting times without memory"},
    Entry{"{weibull: {shape: k, scale: l}}",
          "waiting times that age (k > 1) or settle (k < 1)"},
    Entry{"{poisson: {mean: m}}", "a count of independent events"},
    Entry{"{bernoulli: p}", "1 with probability p, else 0"},
    Entry{"{discrete: {values: [..], weights: [..]}}", "one of some values, by weight"},
    Entry{"{gamma: {shape: a, scale: b}}", "positive, skewed to the right; mean a b"},
    Entry{"{gamma: {mean: m, sd: s}}", "the same by mean and standard deviation"},
    Entry{
        "{pert: [low, mode, high]}",
        "a beta law between two bounds, likeliest at the mode; mean (low + 4 mode + high) / 6"},
    Entry{"{empirical: [x1, x2, ..]}", "a sample, evenly spread between neighbouring values"},
    Entry{"{student_t: {location: m, scale: s, nu: n}}",
          "the bell curve with heavy tails; nu greater than 1"},
    Entry{"truncate: [low, high]", "beside any law: only values between the bounds"},
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

template <std::size_t count>
std::string entries_text(const std::array<Entry, count>& entries)
{
    TextTable table({{"name", Align::left}, {"meaning", Align::left}});
    for (const Entry& entry : entries) {
        table.append({entry.name, entry.sentence});
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
        table.append({metric, "usd", "trials", "with --portfolio: see docs/portfolio-format.md"});
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
            put_out(entries_text(distributions));
            break;
        case Listing::metrics:
            put_out(metrics_text());
            break;
        case Listing::hazards:
            put_out(entries_text(hazards));
            break;
    }
    return ExitCode::done;
}

}  // namespace chokepoint
