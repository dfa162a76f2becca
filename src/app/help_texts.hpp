#pragma once

// What help says: what the program is, and below the options of each command examples and what
// a user has to know.

namespace chokepoint {

inline constexpr const char* about =
    "Monte Carlo simulator of supply disruptions in critical minerals: who cuts what, when, "
    "for\n"
    "how long, and what it does to shortfall and prices.";

inline constexpr const char* main_examples =
    "Examples:\n"
    "  chokepoint run scenarios/first_steps.yaml\n"
    "  chokepoint explain scenarios/rare_earths_2010.yaml\n"
    "  chokepoint run --help";

inline constexpr const char* run_examples =
    "Examples:\n"
    "  chokepoint run scenarios/rare_earths_2010.yaml\n"
    "  chokepoint run scenarios/rare_earths_2010.yaml --trials 50000 --seed 7 --out "
    "results/big\n"
    "  chokepoint run scenarios/first_steps.yaml --set run.trials=500 --json --quiet\n"
    "  chokepoint run scenarios/first_steps.yaml --trials 1000000 \\\n"
    "      --until 'es99(shortfall_share,all,world) < 2%' --worst shortfall_share\n"
    "  chokepoint run scenarios/first_steps.yaml --set "
    "facilities.congo_mines.utilisation=0.8\n"
    "  chokepoint run scenarios/first_steps.yaml --keep-trials metrics --out results/kept\n"
    "  chokepoint run scenarios/rare_earths.yaml --portfolio "
    "scenarios/portfolios/rare_earth_fund.yaml\n\n"
    "The same scenario, trials and seed give the same results, byte for byte, with any number "
    "of\n"
    "threads. Finished trials are kept in the folder's parts/ while the run goes on: after "
    "Ctrl-C\n"
    "or a crash the same command with --resume runs what is missing. Shards run anywhere:\n\n"
    "  chokepoint run scenarios/first_steps.yaml --shard 1/2 --out results/one\n"
    "  chokepoint run scenarios/first_steps.yaml --shard 2/2 --out results/two\n"
    "  chokepoint merge results/one results/two --out results/whole";

inline constexpr const char* experiment_examples =
    "Examples:\n"
    "  chokepoint experiment scenarios/experiments/elasticity_and_length.yaml\n"
    "  chokepoint experiment scenarios/experiments/screening.yaml --trials 400 --resume\n\n"
    "What varies and which figures are kept stand in the file (docs/experiment-format.md). "
    "Points\n"
    "that have been computed are not run again.";

inline constexpr const char* merge_examples =
    "Examples:\n"
    "  chokepoint merge results/first_steps-* --out results/whole\n\n"
    "Every trial must be in one of the shards exactly, and all must be of one run. The "
    "results\n"
    "are those of the run in one piece, byte for byte.";

inline constexpr const char* compare_examples =
    "Examples:\n"
    "  chokepoint compare scenarios/rare_earths.yaml \\\n"
    "      --policy scenarios/policies/jogmec_stockpile_60_days.yaml \\\n"
    "      --policy scenarios/policies/magnet_recycling.yaml\n"
    "  chokepoint compare scenarios/lithium.yaml \\\n"
    "      --policy scenarios/policies/msp_argentina_lithium.yaml \\\n"
    "      scenarios/policies/us_processing_loans.yaml\n"
    "  chokepoint compare scenarios/rare_earths.yaml --chokepoints 5 --trials 2000\n\n"
    "Every policy meets the same trials: the same crises at the same times. Policies that "
    "compose\n"
    "stand in one file, or are run together by chokepoint run.";

inline constexpr const char* attribute_examples =
    "Examples:\n"
    "  chokepoint attribute scenarios/rare_earths.yaml --trials 2000\n"
    "  chokepoint attribute scenarios/first_steps.yaml --by hazard \\\n"
    "      --metric 'shortfall_share(all,world)'\n\n"
    "Runs every combination of the hazards, 2^k runs, on the same random numbers.";

inline constexpr const char* stress_examples =
    "Examples:\n"
    "  chokepoint stress scenarios/portfolios/battery_metals_fund.yaml \\\n"
    "      --scenario scenarios/lithium.yaml scenarios/stress/drc_cobalt_suspension.yaml\n"
    "  chokepoint stress scenarios/portfolios/rare_earth_fund.yaml --scenario "
    "scenarios/stress\n\n"
    "Positions of which a scenario has nothing count as nothing there. Each scenario gets a "
    "folder of\nresults in --out, beside stress.csv.";

inline constexpr const char* hindcast_examples =
    "Examples:\n"
    "  chokepoint hindcast scenarios/hindcasts\n"
    "  chokepoint hindcast scenarios/rare_earths_2010.yaml --trials 2000\n\n"
    "A scenario needs `observed`, the record that its run is held against. Of a folder every\n"
    "scenario with a record is taken. Each gets a folder of results with hindcast.csv.";

inline constexpr const char* validate_examples =
    "Examples:\n"
    "  chokepoint validate scenarios/*.yaml\n"
    "  chokepoint validate scenarios/first_steps.yaml --set months=120\n\n"
    "--set changes every file that is given.";

inline constexpr const char* explain_examples =
    "Examples:\n"
    "  chokepoint explain scenarios/rare_earths_2010.yaml\n"
    "  chokepoint explain scenarios/first_steps.yaml --set balance=supply";

inline constexpr const char* replay_examples =
    "Examples:\n"
    "  chokepoint replay scenarios/rare_earths_2010.yaml --trial 4711\n"
    "  chokepoint replay scenarios/first_steps.yaml --trial 12 --seed 7 --format csv > "
    "months.csv\n\n"
    "Trials count from 0. csv gives the months, json everything in full precision, --full\n"
    "everything as text.";

inline constexpr const char* report_examples =
    "Examples:\n"
    "  chokepoint report results/rare_earths\n\n"
    "Every command that writes results writes report.html with them; this makes it anew.";

inline constexpr const char* diff_examples =
    "Examples:\n"
    "  chokepoint diff results/before results/after\n"
    "  chokepoint diff results/before results/after --metric price_peak --all\n"
    "  chokepoint diff results/before results/after --json\n\n"
    "A shift is held against the 95 % intervals of both figures, the runs taken for\n"
    "independent. Among thousands of figures some always lie far apart: those are called "
    "moved\n"
    "of which, on average, at most 5 % are chance (Benjamini-Hochberg).";

inline constexpr const char* schema_examples =
    "Examples:\n"
    "  chokepoint schema scenario > scenario.schema.json\n\n"
    "Editors with a YAML language server then know the keys of a file that begins with\n"
    "  # yaml-language-server: $schema=scenario.schema.json\n"
    "What depends on more than one value only `chokepoint validate` finds.";

inline constexpr const char* new_examples =
    "Examples:\n"
    "  chokepoint new tungsten\n"
    "  chokepoint run tungsten.yaml\n\n"
    "The file explains each of its lines. Nothing that is there is overwritten.";

inline constexpr const char* list_examples =
    "Examples:\n"
    "  chokepoint list scenarios\n"
    "  chokepoint list metrics";

}  // namespace chokepoint
