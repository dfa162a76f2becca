#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "chokepoint/scenario/experiment.hpp"
#include "chokepoint/scenario/portfolio.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "key_table.hpp"
#include "laws.hpp"

namespace chokepoint {
namespace {

constexpr std::string_view introduction = R"(# Scenario files

A scenario is one YAML document (UTF-8) with `schema: 1`. This page is made from the reader's
own table of keys; a test compares the two.

Problems are reported all at once, as `<file>:<line>:<column>: error: <key path>: <problem>`,
with the line they stand in. Unknown keys, keys used twice, wrong types and values out of range
are errors. YAML's tags, merge keys (`<<`) and aliases of lists and maps are not supported.

## Names, dates, words

Names (of regions, commodities, stages, facilities and entries of lists) are made of lower-case
letters, digits and `_`, begin with a letter and have at most 60 letters. `all`, `world`,
`source`, `assumption` and `note` are reserved. A list of names may be given as a single name,
and as `all` where the table says so. Dates are `YYYY-MM` (its first day) or `YYYY-MM-DD`.
Flags are `true` or `false`.

## Numbers

A number is written plainly (`0.16`, `1e5`; not in quotes, no leading zeros, finite), or as a
map with one law. It is then drawn once per trial, from a stream of its own that is named after
its key path. What the table calls *drawn for every event* is written in the same way and drawn
anew for each event.

)";

constexpr std::string_view experiment_introduction = R"(# Experiment files

An experiment runs one scenario at many points: `chokepoint experiment FILE`. This page is made
from the reader's own table of keys; a test compares the two. Names and numbers are written as in
[scenario files](scenario-format.md).

| design | points | what comes of it |
|---|---|---|
| `grid` | every combination of the inputs' values | a table |
| `one_at_a_time` | the scenario as it is, then each input alone at its ends, or at each of its values | a tornado |
| `latin_hypercube` | `points` of them: each input's values in as many equal shares, one in each | rank correlations |
| `sobol` | `points` of a scrambled Sobol' sequence | rank correlations |
| `morris` | `trajectories` of steps of one input each [morris1991] | mu_star (how much an input matters) and sigma (how unevenly) |
| `saltelli` | `points` rows of one Sobol' sequence with twice as many columns as inputs, mixed column by column [saltelli2010] | first-order and total Sobol' indices |

Sobol' indices share out a variance among *independent* inputs. Where inputs depend on one
another, as the scenario's own uncertain numbers may, rank correlations are told instead.
)";

constexpr std::string_view after_laws = R"(
`truncate: [lowest, highest]` beside a law conditions it on that interval; either end may be
`null`. The bounds of a key hold for everything that its law can yield: a law without an end
needs `truncate` where the key has a bound.

```yaml
capacity_t_per_year: {normal: {mean: 60000, sd: 3000}, truncate: [0, null], source: "a report, 2010"}
```

## Notes

Every map may hold `source` (a text: publisher and year), `assumption` (`true` where the figure
is judgement) and `note` (a text). They are kept in the resolved scenario and change nothing.

## `extends`

`extends: other.yaml` lays this file over another one, `extends: [one.yaml, two.yaml]` over several,
each of which is laid over those before it: maps merge by key, lists of named
entries by `name` (all lists of maps but `hazards.scripted`, which is appended), everything else
is replaced, numbers as a whole. An empty list (`stocks: []`, `scripted: []`)
takes all entries of the base away. A file that several others extend is laid once, below them all,
so that files made over one base go together. The path is relative to the file it is written in; at most 8
files may extend one another in a chain, 64 in all.

## `--set`

`--set path.to.key=value` sets one value after all files are read; it may be given several
times. The value is YAML (`0.5`, `[china, japan]`, `{uniform: [1, 2]}`). Entries of lists are
addressed by name: `facilities.bayan_obo.capacity_t_per_year=0`,
`hazards.scripted.quota_h2_2010.quota_t=9000`.
)";

constexpr std::string_view policy_introduction = R"(# Policy files

*Made from the key table by the program's own reader; a test holds it to the code.*

A policy is a list of levers. `chokepoint run SCENARIO --policy FILE` lays it over the scenario, after
`extends` and `--set`; several policies, and several levers of one, go on top of one another in their
order. Each lever changes the scenario as its section says and writes what it costs to
[policy_costs](scenario-format.md#policy_costs); scenario.resolved.yaml shows the outcome. A lever that
reaches nothing is an error. The reference run, against which shortfall and price impact are measured,
stays that of the scenario without policies.

Numbers, dates, notes and names are written as in [scenarios](scenario-format.md); a number may be a
distribution unless its type says otherwise. Money is in USD of the scenario's base year, undiscounted.
)";

constexpr std::string_view portfolio_introduction = R"(# Portfolio files

*Made from the key table by the program's own reader; a test holds it to the code.*

A portfolio is a list of positions. `chokepoint run SCENARIO --portfolio FILE` values them in every trial
on the trial's own prices and outputs, against the undisturbed run of the same trial: what is reported is
what the disruptions cost or bring, not what the positions are worth. Losses are positive. Results are in
USD of the scenario's base year; other moneys are turned into it at fixed rates.

Positions may come from a table: `positions: book.csv`. Its first line names keys, with a point before a
key below a key (`betas.nickel`, `facilities.kuantan.share`); an empty cell is a key that is not written.

Prices are *quoted* ones, which follow the market with a lag; a position names the region whose price
counts. Numbers are fixed: what is uncertain is the scenario's. Dates, notes and names are written as in
[scenarios](scenario-format.md).
)";

/// Text that may stand in a cell of a Markdown table.
std::string cell(std::string_view text)
{
    std::string escaped;
    for (const char letter : text) {
        escaped += letter == '|' ? "\\|" : std::string(1, letter);
    }
    return escaped;
}

std::string law_meaning(const LawInfo& law)
{
    return law.also.empty() ? std::string(law.meaning)
                            : fmt::format("{}; also `{}`, {}", law.meaning, law.also,
                                          law.also_meaning);
}

std::string law_table()
{
    std::string text = "| written | meaning |\n|---|---|\n";
    for (const LawInfo& law : all_laws()) {
        text += fmt::format("| `{}` | {} |\n", law.written, cell(law_meaning(law)));
    }
    return text;
}

/// The key's type, with a reference to the section of what it holds.
std::string type_cell(const KeyRow& row)
{
    std::string text = type_words(row);
    if (row.type == KeyType::section_map) {
        std::string levels = row.of == "new" ? "its name" : std::string(row.of);
        for (std::size_t at = levels.find('/'); at != levels.npos; at = levels.find('/', at)) {
            levels.replace(at, 1, ", then ");
        }
        text = "a map by " + levels;
    }
    if (!row.holds.empty()) {
        text += fmt::format("; see *{}*", section_info(row.holds).title);
    }
    return cell(text);
}

std::string bounds_cell(const KeyRow& row)
{
    const std::string phrase = row.bounds.phrase();
    return phrase.empty() ? "" : "must " + phrase;
}

std::string default_cell(const KeyRow& row)
{
    if (row.required) {
        return "**required**";
    }
    return row.fallback.empty() ? cell(row.otherwise) : fmt::format("`{}`", row.fallback);
}

std::string meaning_cell(const KeyRow& row)
{
    std::string text(row.sentence);
    if (!row.needs.empty()) {
        text += fmt::format("; only with `{}`", fmt::join(split_words(row.needs), "` or `"));
    }
    return cell(text);
}

std::string section_text(const SectionInfo& section)
{
    std::string text = fmt::format("\n## {}\n\n{}\n", section.title, section.intro);
    for (const std::string& shared : split_words(section.shares)) {
        text += fmt::format("The keys of *{}* stand here too.\n", section_info(shared).title);
    }
    text += "\n| key | type | unit | bounds | default | meaning |\n|---|---|---|---|---|---|\n";
    for (const KeyRow& row : all_rows()) {
        if (row.section == section.name) {
            text +=
                fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", row.key, type_cell(row),
                            row.unit, bounds_cell(row), default_cell(row), meaning_cell(row));
        }
    }
    return text + fmt::format("\n```yaml\n{}```\n", section.example);
}

}  // namespace

std::string scenario_format_page()
{
    std::string page(introduction);
    page += law_table();
    page += after_laws;
    for (const SectionInfo& section : scenario_sections()) {
        page += section_text(section);
    }
    return page;
}

std::string experiment_format_page()
{
    std::string page(experiment_introduction);
    for (const SectionInfo& section : experiment_sections()) {
        page += section_text(section);
    }
    return page;
}

std::string policy_format_page()
{
    std::string page(policy_introduction);
    for (const SectionInfo& section : policy_sections()) {
        page += section_text(section);
    }
    return page;
}

std::string portfolio_format_page()
{
    std::string page(portfolio_introduction);
    for (const SectionInfo& section : portfolio_sections()) {
        page += section_text(section);
    }
    return page;
}

}  // namespace chokepoint
