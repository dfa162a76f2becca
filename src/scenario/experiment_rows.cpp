// The keys of experiment files (docs/experiment-format.md).

#include "key_table.hpp"

namespace chokepoint {
namespace {

using enum KeyType;

constexpr Bounds at_least_1{.low = 1, .high = 1e6};
constexpr Bounds at_least_2{.low = 2, .high = 1000};

constexpr SectionInfo sections[] = {
    {.name = "experiment",
     .title = "The experiment",
     .intro = "The keys at the top of the file.",
     .example = "schema: 1\n"
                "experiment: elasticity and length\n"
                "base: ../first_steps.yaml\n"
                "design: grid\n"
                "trials: 2000\n"
                "vary:\n"
                "  - {name: elasticity, path: commodities.cobalt.demand_elasticity.short_run,\n"
                "     values: [0.1, 0.2, 0.3]}\n"
                "metrics: ['mean(shortfall_share)', 'es95(price_peak)']\n"},
    {.name = "vary",
     .title = "vary",
     .intro = "What differs from point to point: one of `values`, `range`, `distribution` and "
              "`policies`. A point sets the key of the base scenario at `path`, as `--set` does.",
     .example = "- {name: length, path: hazards.export_restrictions.congo_quota.rate_per_year, "
                "range: [0.1, 0.4]}\n"},
};

constexpr KeyRow rows[] = {
    {.section = "experiment", .key = "schema", .type = whole, .bounds = {.low = 1, .high = 1},
     .required = true, .sentence = "version of the format"},
    {.section = "experiment", .key = "experiment", .type = text, .otherwise = "the file's name",
     .sentence = "what the experiment is called"},
    {.section = "experiment", .key = "base", .type = text, .required = true,
     .sentence = "the scenario file; the path is relative to the file it is written in"},
    {.section = "experiment", .key = "policies", .type = paths, .otherwise = "none",
     .sentence = "policy files laid over the scenario at every point, in this order"},
    {.section = "experiment", .key = "portfolio", .type = text, .otherwise = "none",
     .sentence = "a portfolio file whose positions are valued in every trial: its losses are "
                 "metrics, e.g. `es95(portfolio_loss)`"},
    {.section = "experiment", .key = "design", .type = choice,
     .of = "grid/one_at_a_time/latin_hypercube/sobol/morris/saltelli", .required = true,
     .sentence = "which points are run"},
    {.section = "experiment", .key = "points", .type = whole, .bounds = at_least_1,
     .fallback = "64",
     .sentence = "of latin_hypercube and sobol: how many points; of saltelli: how many rows, "
                 "each of which makes as many points as there are inputs, and two; best a power "
                 "of 2"},
    {.section = "experiment", .key = "trajectories", .type = whole,
     .bounds = {.low = 2, .high = 1e5}, .fallback = "10",
     .sentence = "of morris: how many, each of as many points as there are inputs, and one"},
    {.section = "experiment", .key = "levels", .type = whole, .bounds = at_least_2,
     .fallback = "4",
     .sentence = "of morris: how many values each input takes, an even number"},
    {.section = "experiment", .key = "replicates", .type = whole,
     .bounds = {.low = 1, .high = 1000}, .fallback = "1",
     .sentence = "how often each point is run, with one seed after the other"},
    {.section = "experiment", .key = "trials", .type = whole, .bounds = {.low = 1, .high = 1e9},
     .otherwise = "the scenario's", .sentence = "trials of each point"},
    {.section = "experiment", .key = "seed", .type = whole, .bounds = {.low = 0, .high = 1e18},
     .fallback = "1", .sentence = "of the design; trials have the scenario's own"},
    {.section = "experiment", .key = "common_random_numbers", .type = flag, .fallback = "true",
     .sentence = "whether all points meet the same trials, so that luck cancels between them; "
                 "if not, each point has a seed of its own"},
    {.section = "experiment", .key = "vary", .type = entries, .holds = "vary", .required = true,
     .sentence = "the inputs"},
    {.section = "experiment", .key = "metrics", .type = paths, .required = true,
     .sentence = "the figures that are kept, as `statistic(metric,commodity,region)`"},

    {.section = "vary", .key = "name", .type = new_name, .required = true,
     .sentence = "what the input is called"},
    {.section = "vary", .key = "path", .type = paths, .otherwise = "not with `policies`",
     .sentence = "the key of the scenario, as for `--set`, or a list of keys that get the same value"},
    {.section = "vary", .key = "values", .type = values,
     .sentence = "what it takes, written as in the scenario"},
    {.section = "vary", .key = "range", .type = range,
     .sentence = "evenly between"},
    {.section = "vary", .key = "scale", .type = choice, .of = "linear/log",
     .fallback = "linear", .needs = "range",
     .sentence = "`log`: evenly in the logarithm"},
    {.section = "vary", .key = "distribution", .type = number,
     .sentence = "a law; a design draws from it evenly in probability (morris: its ends "
                 "are the 2.5 % and 97.5 % quantiles; one_at_a_time: its 5 % and 95 % quantiles)"},
    {.section = "vary", .key = "steps", .type = whole, .bounds = at_least_2, .fallback = "5",
     .needs = "range/distribution", .sentence = "of a grid: how many values"},
    {.section = "vary", .key = "policies", .type = values,
     .sentence = "of each value, a policy file, a list of them, or `none`"},
};

}  // namespace

std::span<const SectionInfo> experiment_sections()
{
    return sections;
}

std::span<const KeyRow> experiment_rows()
{
    return rows;
}

}  // namespace chokepoint
