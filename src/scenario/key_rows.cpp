#include "key_table.hpp"

namespace chokepoint {
namespace {

using enum KeyType;

constexpr Bounds positive{.low = 0, .low_open = true};
constexpr Bounds not_negative{.low = 0};
constexpr Bounds share{.low = 0, .high = 1};
constexpr Bounds positive_share{.low = 0, .high = 1, .low_open = true};
constexpr Bounds proper_share{.low = 0, .high = 1, .low_open = true, .high_open = true};
constexpr Bounds share_below_1{.low = 0, .high = 1, .high_open = true};
constexpr Bounds above_1{.low = 1, .low_open = true};
constexpr Bounds at_least_1{.low = 1};
constexpr Bounds above_2{.low = 2, .low_open = true};
constexpr Bounds correlation{.low = -1, .high = 1};
constexpr Bounds growth_rate{.low = -1, .high = 1, .low_open = true};

constexpr Bounds between(double low, double high)
{
    return {.low = low, .high = high};
}

/// e^20 is more than any price has risen by.
constexpr Bounds log_ratio = between(-20, 20);

constexpr Bounds positive_up_to(double high)
{
    return {.low = 0, .high = high, .low_open = true};
}

constexpr SectionInfo sections[] = {
    {.name = "scenario",
     .title = "The scenario",
     .intro = "The keys at the top of the file.",
     .example = "schema: 1\n"
                "name: rare earths 2010\n"
                "start: 2009-01\n"
                "months: 72\n"
                "regions: [china, japan, usa, australia]\n"
                "alliances: {partners: [japan, usa]}\n"},
    {.name = "commodities",
     .title = "commodities",
     .intro = "One entry per traded mineral, in contained units.",
     .example = "commodities:\n"
                "  neodymium:\n"
                "    price_usd_per_kg: {fixed: 30, source: \"a price reporter, 2009\"}\n"
                "    regional_price_usd_per_kg: {china: 25}\n"
                "    demand_elasticity: {short_run: 0.1, long_run: 0.6}\n"
                "    memory: {up_per_month: 0.08, down_per_month: 0.04}\n"},
    {.name = "demand_elasticity",
     .title = "commodities.NAME.demand_elasticity",
     .intro = "By how much demand falls when the price rises, as a positive number.",
     .example = "demand_elasticity: {short_run: {triangular: [0.05, 0.12, 0.25]}, "
                "long_run: 0.6}\n"},
    {.name = "memory",
     .title = "commodities.NAME.memory",
     .intro =
         "How fast demand gets used to a price: the way from the short-run to the long-run "
         "elasticity.",
     .example = "memory: {up_per_month: 0.08, down_per_month: 0.04}\n"},
    {.name = "substitution",
     .title = "commodities.NAME.substitution",
     .intro = "Users who go over to something else for good while the remembered price (see "
              "*commodities.NAME.memory*) of their region is high.",
     .example = "substitution: {trigger_price_ratio: 3, rate_per_year: 0.1, max_share: 0.4}\n"},
    {.name = "facilities",
     .title = "facilities",
     .intro =
         "A list of mines and plants, or of country aggregates. A facility of the first stage "
         "says what it yields (`commodity` or `outputs`; with one commodity it is that one); "
         "a later one that says nothing takes the commodities in the proportions of the "
         "baseline.",
     .example =
         "facilities:\n"
         "  - name: bayan_obo\n"
         "    region: china\n"
         "    stage: mine\n"
         "    capacity_t_per_year: {normal: {mean: 60000, sd: 3000}, truncate: [0, null]}\n"
         "    utilisation: 0.9\n"
         "    outputs: {neodymium: 0.16, cerium: 0.5}\n"
         "  - {name: mount_weld, region: australia, stage: mine, commodity: neodymium,\n"
         "     capacity_t_per_year: 2000, opens: 2011-06, delay_months: 6,\n"
         "     opening_probability: 0.9, ramp_months: 12}\n",
     .shares = "growth"},
    {.name = "by_product",
     .title = "facilities.NAME.by_product",
     .intro = "A mine whose utilisation follows the prices of its outputs slowly.",
     .example = "by_product: {adjustment_per_month: 0.05, price_elasticity: 0.3}\n"},
    {.name = "induced",
     .title = "facilities.NAME.induced",
     .intro = "A project that is not there at month 0 and is decided on once the remembered "
              "price (see *commodities.NAME.memory*) in its region, weighted by the revenue of "
              "its outputs, has been high for long.",
     .example = "induced: {trigger_price_ratio: 2, after_months: 12,\n"
                "          lead_months: {triangular: [24, 48, 96]}}\n"},
    {.name = "closure",
     .title = "facilities.NAME.closure",
     .intro = "A facility that shuts while its outputs are worth little, at the prices quoted "
              "in its region over those of month 0.",
     .example = "closure: {close_below: 0.6, close_after_months: 6, reopen_above: 0.9,\n"
                "          restart_months: 4}\n"},
    {.name = "demand",
     .title = "demand",
     .intro = "Consumption by commodity, then region.",
     .example = "demand:\n"
                "  neodymium:\n"
                "    japan: {t_per_year: 6000, source: \"a survey, 2010\"}\n"
                "    usa: {t_per_year: 1500, assumption: true}\n",
     .shares = "growth"},
    {.name = "growth",
     .title = "How demand and capacity grow",
     .intro = "These keys hold for demand and for facilities, whose capacity grows. Growth "
              "begins with the first month and counts with and without events.",
     .example = "{t_per_year: 6000, growth_per_year: 0.03, growth_by_year: {2009: -0.2}}\n"},
    {.name = "trade",
     .title = "trade",
     .intro =
         "Known trade, by layer (a stage, whose output it is), commodity, exporter, importer. "
         "Only the pattern counts: it is scaled to the exporters' and importers' balances.",
     .example = "trade:\n"
                "  refine:\n"
                "    neodymium:\n"
                "      china:\n"
                "        japan: {t_per_year: 5000}\n"
                "        usa: {t_per_year: 1200}\n"},
    {.name = "stocks",
     .title = "stocks",
     .intro = "A list of inventories of users, and of plants for their own use. A commodity in "
              "a region "
              "may be covered by one entry for each of them.",
     .example = "stocks:\n"
                "  - name: users\n"
                "    commodities: all\n"
                "    regions: [japan, usa]\n"
                "    cover_months: 2\n"
                "    order_months: 3\n"
                "    panic: {max_extra_share: 0.5, build_months: 3, half_life_months: 6}\n"},
    {.name = "panic",
     .title = "stocks.NAME.panic",
     .intro = "Extra stock that users want while their supply is threatened.",
     .example = "panic: {max_extra_share: 0.5, build_months: 3, half_life_months: 6}\n"},
    {.name = "reserves",
     .title = "reserves",
     .intro =
         "A list of strategic stockpiles. It needs at least one trigger, and a stop for each.",
     .example = "reserves:\n"
                "  - name: japan_reserve\n"
                "    region: japan\n"
                "    commodity: neodymium\n"
                "    tonnes: 500\n"
                "    release_t_per_month: 60\n"
                "    trigger_price_ratio: 2\n"
                "    stop_price_ratio: 1.2\n"},
    {.name = "recycling",
     .title = "recycling",
     .intro =
         "A list of what users give back, as shares of their demand. It enters as output of "
         "its "
         "stage and counts at month 0 as supply: mines and recycling together meet demand.",
     .example = "recycling:\n"
                "  - name: magnets\n"
                "    commodity: neodymium\n"
                "    region: japan\n"
                "    share_of_demand: 0.02\n"
                "    share_of_demand_end: 0.15\n"
                "    ramp_from: 2010-01\n"
                "    ramp_until: 2014-01\n"
                "    price_elasticity: 0.3\n"},
    {.name = "standing_measures",
     .title = "standing_measures",
     .intro = "A list of duties and quotas that are in force with and without the events.",
     .example = "standing_measures:\n"
                "  - {name: duty, exporter: china, instrument: tax, tax_rate: 0.15}\n",
     .shares = "terms"},
    {.name = "hazards",
     .title = "hazards",
     .intro = "What may go wrong: events that are written down, and processes that draw them.",
     .example = "hazards:\n"
                "  outages:\n"
                "    - name: breakdown\n"
                "      facilities: {stage: refine}\n"
                "      rate_per_year: 0.3\n"
                "      repair_days: {lognormal: {median: 30, sigma: 0.8}}\n"},
    {.name = "scripted_restriction",
     .title = "hazards.scripted, type: export_restriction",
     .intro = "A restriction that happens in every trial.",
     .example = "hazards:\n"
                "  scripted:\n"
                "    - {type: export_restriction, name: quota_h2_2010, exporter: china,\n"
                "       instrument: quota, quota_t: 7976, from: 2010-07, until: 2011-01,\n"
                "       leakage: 0.3}\n",
     .shares = "terms"},
    {.name = "scripted_outage",
     .title = "hazards.scripted, type: outage",
     .intro = "An outage that happens in every trial.",
     .example = "hazards:\n"
                "  scripted:\n"
                "    - {type: outage, facility: baotou, from: 2011-03, until: 2011-06-15,\n"
                "       loss_share: 0.5}\n"},
    {.name = "tensions",
     .title = "hazards.tensions",
     .intro =
         "A list of relations that are calm or tense. A relation stays calm, and tense, for "
         "exponential times, and starts as it is found at a random date. Restrictions whose "
         "exporter is a party may come faster while it is tense.",
     .example = "hazards:\n"
                "  tensions:\n"
                "    - {name: china_and_partners, between: [china, partners],\n"
                "       becomes_tense_per_year: 0.2, becomes_calm_per_year: 0.5}\n"},
    {.name = "contagion",
     .title = "hazards.contagion",
     .intro =
         "A list of ways in which restrictions provoke restrictions (a Hawkes process): of "
         "the same exporter over its commodities, or of others that retaliate. Each event "
         "of a hazard in `from`, provoked or not, is followed by `offspring` events, on "
         "average, of each hazard in `to`. On the whole an event must provoke less than one "
         "other (the largest eigenvalue of the matrix of offspring must be below 1).",
     .example = "hazards:\n"
                "  contagion:\n"
                "    - {name: next_metal, from: cut, to: cut, offspring: 0.3,\n"
                "       mean_delay_days: 240}\n"},
    {.name = "structural",
     .title = "hazards.export_restrictions.NAME.structural",
     .intro = "The milder and longer phase that may follow the acute one at its end; over "
              "`phase_out_months` the cut falls from the one to the other. Not for taxes.",
     .example = "structural: {probability: 0.4, severity: 0.45,\n"
                "             duration_days: {lognormal: {median: 900, sigma: 0.7}}}\n"},
    {.name = "export_restrictions",
     .title = "hazards.export_restrictions",
     .intro = "A list of Poisson processes that bring restrictions.",
     .example = "hazards:\n"
                "  export_restrictions:\n"
                "    - name: cut\n"
                "      exporter: china\n"
                "      instrument: quota\n"
                "      rate_per_year: 0.1\n"
                "      severity: {beta: {mean: 0.6, sd: 0.2}}\n"
                "      duration_days: {lognormal: {median: 85, sigma: 1.2}}\n",
     .shares = "terms"},
    {.name = "terms",
     .title = "What an export restriction does",
     .intro =
         "These keys hold for standing measures, scripted restrictions and sampled ones. A "
         "quota needs exactly one of `quota_t` (tonnes) and `severity` (the share cut); a "
         "ban needs neither; licensing needs `severity` and, where it is sampled, its "
         "`structural` phase; a tax needs `tax_rate` and nothing of the others.",
     .example = "{exporter: china, commodities: [neodymium, dysprosium], instrument: ban,\n"
                " targets: partners, leakage: 0.1}\n"},
    {.name = "outages",
     .title = "hazards.outages",
     .intro = "A list of failure processes. Each facility fails and is repaired by itself; its "
              "running time is exponential with `rate_per_year`, or has the law of "
              "`running_days`. At the start each is found as at a random date: running, or "
              "under repair.",
     .example =
         "hazards:\n"
         "  outages:\n"
         "    - {name: strike, facilities: [bayan_obo, mount_weld], rate_per_year: 0.1,\n"
         "       repair_days: {weibull: {shape: 1.5, scale: 40}}, loss_share: 0.8}\n"},
    {.name = "common_causes",
     .title = "hazards.common_causes",
     .intro = "A list of shocks, such as earthquakes or power cuts, that may strike several "
              "facilities at one time. Each struck facility has its own repair time and loss.",
     .example = "hazards:\n"
                "  common_causes:\n"
                "    - {name: power_cuts, facilities: {region: china, stage: mine},\n"
                "       rate_per_year: 0.2, strike_probability: 0.6,\n"
                "       repair_days: {exponential: {mean: 10}}, loss_share: 0.5}\n"},
    {.name = "price_shocks",
     .title = "hazards.price_shocks",
     .intro = "Shocks to prices that come from outside the market of the scenario.",
     .example = "hazards:\n"
                "  price_shocks:\n"
                "    processes:\n"
                "      - {name: nd_demand, commodity: neodymium, volatility_per_year: 0.3}\n"
                "      - {name: ce_quotes, commodity: cerium, channel: quoted,\n"
                "         volatility_per_year: 0.2}\n"
                "    correlations: {nd_demand: {ce_quotes: 0.4}}\n"
                "    dependence: student_t\n"
                "    degrees_of_freedom: 4\n"},
    {.name = "price_shock",
     .title = "hazards.price_shocks.processes",
     .intro =
         "A list of processes s, each a logarithm of a price ratio. s goes back to `mean` at "
         "the speed `mean_reversion_per_year`, moves by `volatility_per_year` and jumps. "
         "`channel` says what it moves: `demand`, what users are willing to pay (with fixed "
         "supply the price rises by the factor e^s); `supply`, what the last tonne costs to "
         "mine (nothing where supply does not answer to the price within the month); "
         "`quoted`, the quoted price alone.",
     .example = "hazards:\n"
                "  price_shocks:\n"
                "    processes:\n"
                "      - name: nd_demand\n"
                "        commodity: neodymium\n"
                "        channel: demand\n"
                "        mean_reversion_per_year: 1.2\n"
                "        volatility_per_year: 0.35\n"
                "        jumps: {rate_per_year: 0.2, size: {normal: {mean: 0.2, sd: 0.3}}}\n"},
    {.name = "jumps",
     .title = "hazards.price_shocks.processes.NAME.jumps",
     .intro = "Jumps at the times of a Poisson process; mean reversion wears them off.",
     .example = "jumps: {rate_per_year: 0.2, size: {normal: {mean: 0.2, sd: 0.3}}}\n"},
    {.name = "facility_selector",
     .title = "hazards.outages.NAME.facilities, as a map",
     .intro =
         "Facilities that meet every condition given; at least one condition, and at least "
         "one facility.",
     .example = "facilities: {stage: mine, region: china}\n"},
    {.name = "observed",
     .title = "observed",
     .intro =
         "The record that the scenario is compared with: a CSV table with the columns series, "
         "commodity, region, counterpart, from, until, kind, unit, value, status, source, "
         "note. "
         "A row is a `price` in USD/kg (`mean` over the months, `spot` at some day in them, or "
         "`peak`, the highest in them) that the users of a region or alliance pay, or a "
         "`total` "
         "in t of `exports`, `imports` or `consumption`; `counterpart` is the other side of "
         "trade, or `all`. `from` is the first month, `until` the month after the last. "
         "Volumes "
         "may be of `all` commodities together. Exports are net, of the last stage "
         "of the chain; exports to, and imports from, one region are compared where a measure "
         "names that region, imports from all are not. Status, source and note are free text.",
     .example =
         "observed:\n"
         "  file: observed.csv\n"
         "  compare_from: 2010-01\n"
         "  no_model_volatility: {neodymium: {fixed: 0.34, source: \"a study, 2024\"}}\n"},
    {.name = "policy_costs",
     .title = "policy_costs",
     .intro =
         "What policies cost the treasury. The levers of policy files write these; they may stand "
         "in a scenario too.",
     .example = "policy_costs:\n"
                "  - {name: port_loan, kind: capital, usd: 2.0e8, from: 2027-01, until: 2029-01}\n"},
    {.name = "thresholds",
     .title = "thresholds",
     .intro = "From where on a month counts as one of shortfall or of high prices.",
     .example = "thresholds: {shortfall_share: 0.05, price_ratio: 2}\n"},
    {.name = "run",
     .title = "run",
     .intro = "How the scenario is run unless the command line says otherwise.",
     .example = "run: {trials: 20000, seed: 1}\n"},
};

// One row, one to four lines.
// clang-format off
constexpr KeyRow rows[] = {
    // the top of the file
    {.section = "scenario", .key = "schema", .type = whole, .bounds = between(1, 1),
     .required = true, .sentence = "the version of this format"},
    {.section = "scenario", .key = "name", .type = text, .required = true,
     .sentence = "what the scenario is called in results"},
    {.section = "scenario", .key = "description", .type = lines,
     .sentence = "what the scenario is about"},
    {.section = "scenario", .key = "extends", .type = paths,
     .sentence = "another scenario file, relative to this one, over which this file is laid, or "
                 "several"},
    {.section = "scenario", .key = "start", .type = date, .required = true,
     .sentence = "the first month"},
    {.section = "scenario", .key = "months", .type = whole, .bounds = between(1, 1200),
     .required = true, .sentence = "the horizon: how many months are simulated"},
    {.section = "scenario", .key = "regions", .type = new_names, .of = "region",
     .required = true, .sentence = "the countries or blocs that produce, trade and consume"},
    {.section = "scenario", .key = "alliances", .type = groups, .of = "region",
     .sentence = "named groups of regions"},
    {.section = "scenario", .key = "stages", .type = new_names, .of = "stage",
     .fallback = "[mine, refine]", .sentence = "the steps from the ground to the user, in order"},
    {.section = "scenario", .key = "balance", .type = choice, .of = "demand/supply",
     .fallback = "demand",
     .sentence = "which side is scaled so that supply meets demand at month 0"},
    {.section = "scenario", .key = "commodities", .type = section_map, .of = "new",
     .holds = "commodities", .required = true, .sentence = "the traded minerals"},
    {.section = "scenario", .key = "facilities", .type = entries, .holds = "facilities",
     .required = true, .sentence = "the mines and plants"},
    {.section = "scenario", .key = "demand", .type = section_map, .of = "commodity/region",
     .holds = "demand", .required = true, .sentence = "who consumes how much"},
    {.section = "scenario", .key = "trade", .type = section_map,
     .of = "stage/commodity/region/region", .holds = "trade",
     .sentence = "known trade flows at month 0"},
    {.section = "scenario", .key = "stocks", .type = entries, .holds = "stocks",
     .sentence = "inventories of the users"},
    {.section = "scenario", .key = "reserves", .type = entries, .holds = "reserves",
     .sentence = "strategic stockpiles"},
    {.section = "scenario", .key = "recycling", .type = entries, .holds = "recycling",
     .sentence = "what comes back from use"},
    {.section = "scenario", .key = "policy_costs", .type = entries, .holds = "policy_costs",
     .sentence = "what policies spend; levers write it"},
    {.section = "scenario", .key = "standing_measures", .type = entries,
     .holds = "standing_measures", .sentence = "trade measures in force with or without events"},
    {.section = "scenario", .key = "hazards", .type = section, .holds = "hazards",
     .sentence = "what may go wrong"},
    {.section = "scenario", .key = "observed", .type = section, .holds = "observed",
     .sentence = "the record to compare with"},
    {.section = "scenario", .key = "thresholds", .type = section, .holds = "thresholds",
     .sentence = "from where on shortfall and price count as high"},
    {.section = "scenario", .key = "run", .type = section, .holds = "run",
     .sentence = "trials and seed"},

    // commodities
    {.section = "commodities", .key = "price_usd_per_kg", .type = number, .unit = "USD/kg",
     .bounds = positive, .required = true, .sentence = "the reference price at month 0"},
    {.section = "commodities", .key = "regional_price_usd_per_kg", .type = number_map,
     .of = "region", .unit = "USD/kg", .bounds = positive,
     .sentence = "reference prices of regions where they differ"},
    {.section = "commodities", .key = "demand_elasticity", .type = section,
     .holds = "demand_elasticity", .required = true,
     .sentence = "by which share demand falls when the price rises by one per cent"},
    {.section = "commodities", .key = "memory", .type = section, .holds = "memory",
     .sentence = "how fast demand adjusts to a lasting price"},
    {.section = "commodities", .key = "substitution", .type = section,
     .holds = "substitution", .sentence = "what users replace while its price stays high"},
    {.section = "commodities", .key = "quoted_adjustment_per_month", .type = number,
     .unit = "1/month", .bounds = positive_share, .fallback = "1",
     .sentence = "share of the gap that assessed and contract prices close in a month"},
    {.section = "commodities", .key = "choke_price_ratio", .type = number, .unit = "ratio",
     .bounds = above_1, .fallback = "50",
     .sentence = "price, over the reference price, at which nobody buys any more"},
    {.section = "commodities", .key = "floor_price_ratio", .type = number, .unit = "ratio",
     .bounds = proper_share, .fallback = "0.02",
     .sentence = "lowest price, over the reference price"},
    {.section = "commodities", .key = "last_stage", .type = name, .of = "stage",
     .otherwise = "the last stage",
     .sentence = "where its chain ends: users take what leaves that stage"},

    {.section = "demand_elasticity", .key = "short_run", .type = number,
     .bounds = positive_up_to(5), .required = true, .sentence = "within the month"},
    {.section = "demand_elasticity", .key = "long_run", .type = number,
     .bounds = positive_up_to(5), .required = true,
     .sentence = "after full adjustment; not below short_run"},

    {.section = "memory", .key = "up_per_month", .type = number, .unit = "1/month",
     .bounds = positive_share, .fallback = "0.08",
     .sentence = "share of the gap to a higher price that the memory closes in a month"},
    {.section = "memory", .key = "down_per_month", .type = number, .unit = "1/month",
     .bounds = positive_share, .otherwise = "as `up_per_month`",
     .sentence = "the same to a lower price; not above up_per_month"},

    {.section = "substitution", .key = "trigger_price_ratio", .type = number,
     .unit = "ratio", .bounds = positive, .required = true,
     .sentence = "remembered price, over the reference price, above which users go over"},
    {.section = "substitution", .key = "rate_per_year", .type = number, .unit = "1/year",
     .bounds = positive_up_to(12), .required = true,
     .sentence = "share of the remaining users that goes over, a twelfth of it each month"},
    {.section = "substitution", .key = "max_share", .type = number, .unit = "share",
     .bounds = proper_share, .required = true,
     .sentence = "share of demand that can be replaced at all"},

    // facilities
    {.section = "facilities", .key = "name", .type = new_name, .of = "facility",
     .required = true, .sentence = "what the facility is called"},
    {.section = "facilities", .key = "region", .type = name, .of = "region", .required = true,
     .sentence = "where it stands"},
    {.section = "facilities", .key = "stage", .type = name, .of = "stage", .required = true,
     .sentence = "which step it does"},
    {.section = "facilities", .key = "capacity_t_per_year", .type = number, .unit = "t/year",
     .bounds = not_negative, .required = true, .sentence = "the nameplate output"},
    {.section = "facilities", .key = "utilisation", .type = number, .unit = "share",
     .bounds = positive_share, .fallback = "1",
     .sentence = "share of the capacity in use at month 0"},
    {.section = "facilities", .key = "supply_elasticity", .type = number,
     .bounds = not_negative, .fallback = "0",
     .sentence = "by which share output rises with the price within the month; first stage only"},
    {.section = "facilities", .key = "commodity", .type = name, .of = "commodity",
     .sentence = "the one output: short for `outputs: {that: 1}`"},
    {.section = "facilities", .key = "outputs", .type = number_map, .of = "commodity",
     .unit = "share", .bounds = positive_share,
     .otherwise = "the one commodity; later stages: the baseline's basket",
     .sentence = "tonnes of each commodity per tonne of capacity; at most 1 together"},
    {.section = "facilities", .key = "owner", .type = text,
     .sentence = "who owns it"},
    {.section = "facilities", .key = "by_product", .type = section, .holds = "by_product",
     .sentence = "utilisation follows prices slowly; first stage only"},
    {.section = "facilities", .key = "grades", .type = new_names, .of = "grade",
     .sentence = "labels that outage rates may depend on, e.g. of its dam or its country"},
    {.section = "facilities", .key = "closure", .type = section, .holds = "closure",
     .sentence = "when low prices shut it, and when it runs again"},
    {.section = "facilities", .key = "opens", .type = date, .otherwise = "open from the start",
     .sentence = "planned opening of an announced project"},
    {.section = "facilities", .key = "induced", .type = section, .holds = "induced",
     .sentence = "a project that high prices induce; not with `opens`"},
    {.section = "facilities", .key = "delay_months", .type = number, .unit = "months",
     .bounds = not_negative, .fallback = "0", .needs = "opens",
     .sentence = "how much later than planned it opens"},
    {.section = "facilities", .key = "opening_probability", .type = number,
     .unit = "probability", .bounds = share, .fallback = "1", .needs = "opens/induced",
     .sentence = "that it opens at all"},
    {.section = "facilities", .key = "ramp_months", .type = number, .unit = "months",
     .bounds = not_negative, .fallback = "0", .needs = "opens/induced",
     .sentence = "from opening to full capacity, in a straight line"},

    {.section = "by_product", .key = "adjustment_per_month", .type = number,
     .unit = "1/month", .bounds = positive_share, .required = true,
     .sentence = "share of the price gap that the utilisation takes up in a month"},
    {.section = "by_product", .key = "price_elasticity", .type = number,
     .bounds = not_negative, .required = true,
     .sentence = "by which share utilisation rises with the price in the end"},

    {.section = "induced", .key = "trigger_price_ratio", .type = number, .unit = "ratio",
     .bounds = above_1, .required = true,
     .sentence = "remembered price, over the reference price, that makes it worth while"},
    {.section = "induced", .key = "after_months", .type = number, .unit = "months",
     .bounds = at_least_1, .fallback = "12",
     .sentence = "how many such months in succession decide it"},
    {.section = "induced", .key = "lead_months", .type = number, .unit = "months",
     .bounds = not_negative, .required = true,
     .sentence = "from the decision to the opening"},
    {.section = "closure", .key = "close_below", .type = number, .unit = "ratio",
     .bounds = positive, .required = true,
     .sentence = "value of its outputs over that of month 0 below which it makes a loss"},
    {.section = "closure", .key = "close_after_months", .type = number, .unit = "months",
     .bounds = at_least_1, .required = true,
     .sentence = "how many such months in succession shut it"},
    {.section = "closure", .key = "reopen_above", .type = number, .unit = "ratio",
     .bounds = positive, .required = true,
     .sentence = "value above which it is to run again; above close_below"},
    {.section = "closure", .key = "restart_months", .type = number, .unit = "months",
     .bounds = not_negative, .required = true,
     .sentence = "from that decision to full capacity"},

    // demand and trade
    {.section = "demand", .key = "t_per_year", .type = number, .unit = "t/year",
     .bounds = not_negative, .required = true, .sentence = "consumption at month 0"},
    {.section = "growth", .key = "growth_per_year", .type = number, .unit = "1/year",
     .bounds = growth_rate, .fallback = "0", .sentence = "by which share it grows in a year"},
    {.section = "growth", .key = "growth_by_year", .type = number_map, .of = "year",
     .unit = "1/year", .bounds = growth_rate,
     .sentence = "the same for single calendar years, in place of growth_per_year"},
    {.section = "trade", .key = "t_per_year", .type = number, .unit = "t/year",
     .bounds = not_negative, .required = true, .sentence = "shipments at month 0"},

    // stocks and reserves
    {.section = "stocks", .key = "name", .type = new_name, .required = true,
     .sentence = "what the stock is called"},
    {.section = "stocks", .key = "commodities", .type = names, .of = "commodity",
     .fallback = "all", .sentence = "what is stocked"},
    {.section = "stocks", .key = "regions", .type = names, .of = "region", .fallback = "all",
     .sentence = "who stocks it"},
    {.section = "stocks", .key = "at", .type = name, .of = "stage", .otherwise = "`use`",
     .sentence = "`use` for what users keep, a later stage than the first for what its plants "
                 "keep of what they take in"},
    {.section = "stocks", .key = "cover_months", .type = number, .unit = "months",
     .bounds = positive_up_to(120), .required = true,
     .sentence = "the stock that is wanted, in months of consumption or of what the plants take "
                 "in at month 0"},
    {.section = "stocks", .key = "order_months", .type = number, .unit = "months",
     .bounds = at_least_1, .required = true,
     .sentence = "over how many months a gap to the wanted stock is closed"},
    {.section = "stocks", .key = "price_sensitivity", .type = number,
     .bounds = between(0, 20), .fallback = "0.5",
     .sentence = "by which share the wanted stock falls when the price rises"},
    {.section = "stocks", .key = "trend_sensitivity", .type = number,
     .bounds = between(0, 20), .fallback = "0",
     .sentence = "by which share it rises with the price rise of the last three months"},
    {.section = "stocks", .key = "panic", .type = section, .holds = "panic",
     .sentence = "extra stock wanted under threat"},

    {.section = "panic", .key = "max_extra_share", .type = number, .unit = "share",
     .bounds = between(0, 100), .required = true,
     .sentence = "extra stock at full threat, over the wanted stock"},
    {.section = "panic", .key = "build_months", .type = number, .unit = "months",
     .bounds = at_least_1, .required = true, .sentence = "how fast the wish grows"},
    {.section = "panic", .key = "half_life_months", .type = number, .unit = "months",
     .bounds = positive, .required = true,
     .sentence = "in how many months half of it is gone after the threat"},
    {.section = "panic", .key = "front_running_share", .type = number, .unit = "share",
     .bounds = between(0, 100), .otherwise = "as `max_extra_share`",
     .sentence = "what takes the place of `max_extra_share` while a threat is only announced"},

    {.section = "reserves", .key = "name", .type = new_name, .required = true,
     .sentence = "what the reserve is called"},
    {.section = "reserves", .key = "region", .type = name, .of = "region", .required = true,
     .sentence = "where it lies and what it buys is bought"},
    {.section = "reserves", .key = "members", .type = names, .of = "region or alliance",
     .otherwise = "its region",
     .sentence = "whose users it supplies, each by its consumption at month 0; one of them in "
                 "need is enough to open it"},
    {.section = "reserves", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "what is kept"},
    {.section = "reserves", .key = "tonnes", .type = number, .unit = "t",
     .bounds = not_negative, .required = true, .sentence = "what lies there at month 0"},
    {.section = "reserves", .key = "capacity_t", .type = number, .unit = "t",
     .bounds = not_negative, .otherwise = "as `tonnes`",
     .sentence = "what it is filled up to by purchases"},
    {.section = "reserves", .key = "release_t_per_month", .type = number, .unit = "t/month",
     .bounds = positive, .required = true, .sentence = "the fastest release"},
    {.section = "reserves", .key = "trigger_price_ratio", .type = number, .unit = "ratio",
     .bounds = positive, .sentence = "price over the reference price that starts a release"},
    {.section = "reserves", .key = "stop_price_ratio", .type = number, .unit = "ratio",
     .bounds = positive, .needs = "trigger_price_ratio",
     .sentence = "price ratio below which it ends; below the trigger"},
    {.section = "reserves", .key = "trigger_shortfall_share", .type = number,
     .unit = "share", .bounds = proper_share,
     .sentence = "shortfall over need that starts a release"},
    {.section = "reserves", .key = "stop_shortfall_share", .type = number, .unit = "share",
     .bounds = share_below_1, .needs = "trigger_shortfall_share",
     .sentence = "shortfall share below which it ends; below the trigger"},
    {.section = "reserves", .key = "decision_lag_months", .type = number, .unit = "months",
     .bounds = not_negative, .fallback = "0",
     .sentence = "how long a trigger must have been passed before the release starts"},
    {.section = "reserves", .key = "refill_t_per_month", .type = number, .unit = "t/month",
     .bounds = not_negative, .fallback = "0",
     .sentence = "purchases at the reference price while the reserve is idle and not full"},

    // recycling
    {.section = "recycling", .key = "name", .type = new_name, .required = true,
     .sentence = "what the recycling is called"},
    {.section = "recycling", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "what is recycled"},
    {.section = "recycling", .key = "region", .type = name, .of = "region", .required = true,
     .sentence = "where, and whose demand the share is of"},
    {.section = "recycling", .key = "stage", .type = name, .of = "stage",
     .otherwise = "the last stage", .sentence = "the stage whose output it joins"},
    {.section = "recycling", .key = "share_of_demand", .type = number, .unit = "share",
     .bounds = share_below_1, .required = true,
     .sentence = "recycled tonnes over the region's demand at month 0; all shares of a "
                 "commodity in a region together must stay below 1"},
    {.section = "recycling", .key = "share_of_demand_end", .type = number, .unit = "share",
     .bounds = share_below_1, .otherwise = "as `share_of_demand`", .needs = "ramp_until",
     .sentence = "the share at the end of the ramp and after"},
    {.section = "recycling", .key = "ramp_from", .type = date, .otherwise = "the start",
     .needs = "ramp_until", .sentence = "when the share begins to change, in a straight line"},
    {.section = "recycling", .key = "ramp_until", .type = date,
     .otherwise = "no ramp", .needs = "share_of_demand_end",
     .sentence = "when it has reached its end"},
    {.section = "recycling", .key = "price_elasticity", .type = number,
     .bounds = not_negative, .fallback = "0",
     .sentence = "by which share recycling rises with the price that users remember"},
    {.section = "recycling", .key = "max_factor", .type = number, .unit = "ratio",
     .bounds = at_least_1, .fallback = "2", .needs = "price_elasticity",
     .sentence = "most that prices can multiply it by"},

    // costs
    {.section = "policy_costs", .key = "name", .type = new_name, .required = true,
     .sentence = "what the cost is called"},
    {.section = "policy_costs", .key = "kind", .type = choice,
     .of = "capital/running/purchases/floor_payments", .required = true,
     .sentence = "what is paid for"},
    {.section = "policy_costs", .key = "usd", .type = number, .unit = "USD",
     .bounds = not_negative, .fallback = "0",
     .sentence = "of capital: the sum, spread evenly from `from` to `until`"},
    {.section = "policy_costs", .key = "usd_per_year", .type = number, .unit = "USD/year",
     .bounds = not_negative, .fallback = "0", .sentence = "of running costs, while they last"},
    {.section = "policy_costs", .key = "from", .type = date, .otherwise = "from the start",
     .sentence = "the first month that pays"},
    {.section = "policy_costs", .key = "until", .type = date,
     .otherwise = "capital: the month after `from`; else to the end",
     .sentence = "the month after the last that pays"},
    {.section = "policy_costs", .key = "reserve", .type = name, .of = "reserve",
     .sentence = "of purchases: the reserve that buys, at what its region pays; what it gives out "
                 "is sold at what its members pay"},
    {.section = "policy_costs", .key = "facility", .type = name, .of = "facility",
     .sentence = "of floor payments: whose output is paid for"},
    {.section = "policy_costs", .key = "commodity", .type = name, .of = "commodity",
     .sentence = "of floor payments: which of its outputs"},
    {.section = "policy_costs", .key = "floor_usd_per_kg", .type = number, .unit = "USD/kg",
     .bounds = not_negative, .fallback = "0",
     .sentence = "what its owner is sure of; the treasury adds what the quoted price lacks"},

    // restrictions
    {.section = "standing_measures", .key = "name", .type = new_name, .required = true,
     .sentence = "what the measure is called"},
    {.section = "standing_measures", .key = "severity", .type = number, .unit = "share",
     .bounds = share, .otherwise = "1 for a ban",
     .sentence = "share of the baseline flow that is cut"},
    {.section = "standing_measures", .key = "max_import_share", .type = number,
     .unit = "share", .bounds = share,
     .sentence = "most of what each target imports undisturbed that may come from the exporter: "
                 "the importers' own cap, in place of severity or quota_t"},
    {.section = "standing_measures", .key = "from", .type = date,
     .otherwise = "from the start", .sentence = "first day in force"},
    {.section = "standing_measures", .key = "until", .type = date,
     .otherwise = "to the end", .sentence = "first day no longer in force"},

    {.section = "hazards", .key = "scripted", .type = events,
     .sentence = "events that happen in every trial: restrictions and outages from date to date"},
    {.section = "hazards", .key = "tensions", .type = entries, .holds = "tensions",
     .sentence = "relations that are calm or tense, and change (Markov)"},
    {.section = "hazards", .key = "export_restrictions", .type = entries,
     .holds = "export_restrictions",
     .sentence = "restrictions at random times (Poisson, faster while tense), acute, then structural"},
    {.section = "hazards", .key = "contagion", .type = entries, .holds = "contagion",
     .sentence = "restrictions that provoke restrictions (Hawkes)"},
    {.section = "hazards", .key = "outages", .type = entries, .holds = "outages",
     .sentence = "facilities that fail and are repaired at random times (renewal)"},
    {.section = "hazards", .key = "common_causes", .type = entries, .holds = "common_causes",
     .sentence = "shocks that strike several facilities at once"},
    {.section = "hazards", .key = "price_shocks", .type = section, .holds = "price_shocks",
     .sentence = "demand, cost or quotes moved from outside: mean reversion with jumps"},

    {.section = "tensions", .key = "name", .type = new_name, .required = true,
     .sentence = "what the relation is called"},
    {.section = "tensions", .key = "between", .type = names, .of = "region or alliance",
     .required = true, .sentence = "the regions and alliances that are parties to it"},
    {.section = "tensions", .key = "becomes_tense_per_year", .type = number, .unit = "1/year",
     .bounds = positive, .required = true,
     .sentence = "how many times a year it becomes tense, per year of calm"},
    {.section = "tensions", .key = "becomes_calm_per_year", .type = number, .unit = "1/year",
     .bounds = positive, .required = true,
     .sentence = "how many times a year it calms down, per year of tension"},

    {.section = "scripted_restriction", .key = "type", .type = choice,
     .of = "export_restriction", .required = true, .sentence = "what kind of event"},
    {.section = "scripted_restriction", .key = "name", .type = new_name,
     .otherwise = "`restriction_<k>`, k its place in the list",
     .sentence = "what the event is called"},
    {.section = "scripted_restriction", .key = "severity", .type = number, .unit = "share",
     .bounds = share, .otherwise = "1 for a ban",
     .sentence = "share of the baseline flow that is cut"},
    {.section = "scripted_restriction", .key = "from", .type = date, .required = true,
     .sentence = "first day in force"},
    {.section = "scripted_restriction", .key = "until", .type = date, .required = true,
     .sentence = "first day no longer in force"},
    {.section = "scripted_restriction", .key = "announced", .type = date,
     .otherwise = "`from`", .sentence = "when buyers begin to fear it; not after from"},
    {.section = "scripted_restriction", .key = "phase_in_months", .type = number,
     .unit = "months", .bounds = not_negative, .fallback = "0",
     .sentence = "from its beginning to full force, in a straight line"},
    {.section = "scripted_restriction", .key = "phase_out_months", .type = number,
     .unit = "months", .bounds = not_negative, .fallback = "0",
     .sentence = "from its end to no force, in a straight line"},

    {.section = "scripted_outage", .key = "type", .type = choice, .of = "outage",
     .required = true, .sentence = "what kind of event"},
    {.section = "scripted_outage", .key = "name", .type = new_name,
     .otherwise = "`outage_<k>`, k its place in the list",
     .sentence = "what the event is called"},
    {.section = "scripted_outage", .key = "facility", .type = name, .of = "facility",
     .required = true, .sentence = "what is out"},
    {.section = "scripted_outage", .key = "from", .type = date, .required = true,
     .sentence = "first day of the outage"},
    {.section = "scripted_outage", .key = "until", .type = date, .required = true,
     .sentence = "first day after the outage"},
    {.section = "scripted_outage", .key = "loss_share", .type = number, .unit = "share",
     .bounds = share, .fallback = "1", .sentence = "share of the capacity that is lost"},

    {.section = "export_restrictions", .key = "name", .type = new_name, .required = true,
     .sentence = "what the hazard is called"},
    {.section = "export_restrictions", .key = "rate_per_year", .type = number,
     .unit = "1/year", .bounds = not_negative, .required = true,
     .sentence = "how many such restrictions begin in a year, on average, while all is calm"},
    {.section = "export_restrictions", .key = "tension", .type = name, .of = "tension",
     .sentence = "the relation whose tension makes them more frequent"},
    {.section = "export_restrictions", .key = "tense_factor", .type = number,
     .unit = "ratio", .bounds = not_negative, .otherwise = "must be written with `tension`",
     .needs = "tension", .sentence = "by what the rate is multiplied while it is tense"},
    {.section = "export_restrictions", .key = "keep_share", .type = number, .unit = "share",
     .bounds = share, .fallback = "1",
     .sentence = "share of these restrictions, and of what they provoke, that come all the same: "
                 "thins the events, moves none"},
    {.section = "export_restrictions", .key = "severity", .type = mark, .unit = "share",
     .bounds = share, .otherwise = "1 for a ban",
     .sentence = "share of the baseline flow that is cut"},
    {.section = "export_restrictions", .key = "duration_days", .type = mark, .unit = "days",
     .bounds = positive, .required = true, .sentence = "how long it is in force"},
    {.section = "export_restrictions", .key = "structural", .type = section,
     .holds = "structural", .sentence = "the long phase that may follow; licensing needs it"},
    {.section = "export_restrictions", .key = "targeted_probability", .type = number,
     .unit = "probability", .bounds = share, .fallback = "1", .needs = "targets",
     .sentence = "that it hits `targets` alone; else it hits all importers"},
    {.section = "export_restrictions", .key = "notice_days", .type = mark, .unit = "days",
     .bounds = not_negative, .fallback = "0",
     .sentence = "how long before its beginning buyers know of it"},
    {.section = "export_restrictions", .key = "phase_in_months", .type = number,
     .unit = "months", .bounds = not_negative, .fallback = "0",
     .sentence = "from its beginning to full force, in a straight line"},
    {.section = "export_restrictions", .key = "phase_out_months", .type = number,
     .unit = "months", .bounds = not_negative, .fallback = "0",
     .sentence = "from its end to no force, in a straight line"},

    {.section = "structural", .key = "probability", .type = number, .unit = "probability",
     .bounds = share, .otherwise = "1 for licensing; must be written otherwise",
     .sentence = "that the acute phase passes into it"},
    {.section = "structural", .key = "severity", .type = mark, .unit = "share",
     .bounds = share, .required = true, .sentence = "share of the baseline flow that is cut"},
    {.section = "structural", .key = "duration_days", .type = mark, .unit = "days",
     .bounds = positive, .required = true, .sentence = "how long it lasts after the acute one"},

    {.section = "contagion", .key = "name", .type = new_name, .required = true,
     .sentence = "what the link is called"},
    {.section = "contagion", .key = "from", .type = names, .of = "restriction",
     .required = true, .sentence = "sampled restrictions that provoke others"},
    {.section = "contagion", .key = "to", .type = names, .of = "restriction",
     .required = true, .sentence = "sampled restrictions that are provoked"},
    {.section = "contagion", .key = "offspring", .type = number, .unit = "events",
     .bounds = not_negative, .required = true,
     .sentence = "how many events of each hazard in `to` one event of `from` provokes, on average"},
    {.section = "contagion", .key = "mean_delay_days", .type = number, .unit = "days",
     .bounds = positive, .required = true,
     .sentence = "mean time to a provoked event; exponential"},

    {.section = "terms", .key = "exporter", .type = name, .of = "region", .required = true,
     .sentence = "the region whose exports are restricted"},
    {.section = "terms", .key = "commodities", .type = names, .of = "commodity",
     .fallback = "all", .sentence = "what is restricted"},
    {.section = "terms", .key = "layer", .type = name, .of = "stage",
     .otherwise = "the last stage", .sentence = "the stage whose output may not leave"},
    {.section = "terms", .key = "instrument", .type = choice, .of = "quota/ban/licensing/tax",
     .required = true, .sentence = "how exports are restricted"},
    {.section = "terms", .key = "targets", .type = names, .of = "region or alliance",
     .fallback = "all", .sentence = "the importers that are cut off"},
    {.section = "terms", .key = "exempt", .type = names, .of = "region or alliance",
     .otherwise = "nobody", .sentence = "importers that are spared, whoever the targets are"},
    {.section = "terms", .key = "quota_t", .type = number, .unit = "t", .bounds = not_negative,
     .sentence = "tonnes that may leave per period, contained; not for sampled restrictions"},
    {.section = "terms", .key = "tax_rate", .type = number, .unit = "share of the value",
     .bounds = positive, .sentence = "the duty on exports"},
    {.section = "terms", .key = "shared", .type = flag,
     .otherwise = "true with `quota_t` over several commodities",
     .sentence = "one quota over all the commodities together; one in tonnes must be shared, a "
                 "relative one holds for each commodity by itself unless it is"},
    {.section = "terms", .key = "weights", .type = number_map, .of = "commodity",
     .unit = "t/t", .bounds = positive, .otherwise = "1 each",
     .sentence = "tonnes of a shared quota that one tonne of the commodity uses up"},
    {.section = "terms", .key = "period_months", .type = whole, .unit = "months",
     .bounds = between(1, 120), .otherwise = "one period, as long as the measure",
     .needs = "quota_t", .sentence = "the allowance is renewed this often"},
    {.section = "terms", .key = "front_loading", .type = number, .bounds = between(0, 100),
     .fallback = "0", .needs = "quota_t",
     .sentence = "how much of the allowance goes early: weight exp(-front_loading × t/period)"},
    {.section = "terms", .key = "leakage", .type = number, .unit = "share", .bounds = share,
     .fallback = "0", .sentence = "share of what is cut that leaks out all the same"},

    // outages
    {.section = "outages", .key = "name", .type = new_name, .required = true,
     .sentence = "what the hazard is called"},
    {.section = "outages", .key = "facilities", .type = selector, .of = "facility",
     .holds = "facility_selector", .required = true, .sentence = "what may fail"},
    {.section = "outages", .key = "rate_per_year", .type = number, .unit = "1/year",
     .bounds = not_negative, .otherwise = "must be written, or `running_days`",
     .sentence = "failures of one facility per year of running time"},
    {.section = "outages", .key = "running_days", .type = mark, .unit = "days",
     .bounds = positive, .otherwise = "exponential with `rate_per_year`",
     .sentence = "how long a facility runs after a repair until it fails"},
    {.section = "outages", .key = "grade_factors", .type = number_map, .of = "grade",
     .unit = "ratio", .bounds = positive, .otherwise = "1 each",
     .sentence = "by what a facility of a grade fails more often; several grades multiply"},
    {.section = "outages", .key = "keep_share", .type = number, .unit = "share",
     .bounds = share, .fallback = "1",
     .sentence = "share of the failures that come all the same: thins them, moves none"},
    {.section = "outages", .key = "keep_share_by_grade", .type = number_map, .of = "grade",
     .unit = "share", .bounds = share, .otherwise = "1 each",
     .sentence = "the same for facilities of a grade; several grades multiply"},
    {.section = "outages", .key = "start", .type = choice, .of = "steady/running",
     .fallback = "steady",
     .sentence = "how facilities are found at the start: as at a random date, or all running"},
    {.section = "outages", .key = "repair_days", .type = mark, .unit = "days",
     .bounds = positive, .required = true, .sentence = "how long the repair takes"},
    {.section = "outages", .key = "loss_share", .type = mark, .unit = "share",
     .bounds = share, .fallback = "1", .sentence = "share of the capacity that is lost"},

    {.section = "common_causes", .key = "name", .type = new_name, .required = true,
     .sentence = "what the cause is called"},
    {.section = "common_causes", .key = "facilities", .type = selector, .of = "facility",
     .holds = "facility_selector", .required = true, .sentence = "what it may strike"},
    {.section = "common_causes", .key = "rate_per_year", .type = number, .unit = "1/year",
     .bounds = not_negative, .required = true, .sentence = "shocks a year"},
    {.section = "common_causes", .key = "strike_probability", .type = number,
     .unit = "probability", .bounds = share, .fallback = "1",
     .sentence = "that a shock strikes a facility; each is struck or spared by itself"},
    {.section = "common_causes", .key = "keep_share", .type = number, .unit = "share",
     .bounds = share, .fallback = "1",
     .sentence = "share of the strikes that do damage all the same: thins them, moves none"},
    {.section = "common_causes", .key = "repair_days", .type = mark, .unit = "days",
     .bounds = positive, .required = true, .sentence = "how long a struck facility is out"},
    {.section = "common_causes", .key = "loss_share", .type = mark, .unit = "share",
     .bounds = share, .fallback = "1", .sentence = "share of the capacity that is lost"},

    // price shocks
    {.section = "price_shocks", .key = "processes", .type = entries, .holds = "price_shock",
     .required = true, .sentence = "the processes"},
    {.section = "price_shocks", .key = "correlations", .type = plain_table,
     .of = "price shock", .bounds = correlation, .otherwise = "0 each",
     .sentence = "correlations between the monthly innovations of processes, each pair once"},
    {.section = "price_shocks", .key = "dependence", .type = choice, .of = "gaussian/student_t",
     .fallback = "gaussian",
     .sentence = "the joint law of the monthly innovations; student_t ones are extreme together"},
    {.section = "price_shocks", .key = "degrees_of_freedom", .type = number,
     .bounds = above_2, .fallback = "4",
     .sentence = "of student_t: the fewer, the fatter the tails"},

    {.section = "price_shock", .key = "name", .type = new_name, .required = true,
     .sentence = "what the process is called"},
    {.section = "price_shock", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "whose price it moves"},
    {.section = "price_shock", .key = "regions", .type = names, .of = "region",
     .fallback = "all", .sentence = "of which users or mines"},
    {.section = "price_shock", .key = "channel", .type = choice, .of = "demand/supply/quoted",
     .fallback = "demand", .sentence = "what it moves"},
    {.section = "price_shock", .key = "start", .type = number, .unit = "ln ratio",
     .bounds = log_ratio, .fallback = "0", .sentence = "where it stands at the start"},
    {.section = "price_shock", .key = "mean", .type = number, .unit = "ln ratio",
     .bounds = log_ratio, .fallback = "0", .sentence = "what it goes back to"},
    {.section = "price_shock", .key = "mean_reversion_per_year", .type = number,
     .unit = "1/year", .bounds = not_negative, .fallback = "0",
     .sentence = "speed of going back; 0 for a random walk"},
    {.section = "price_shock", .key = "drift_per_year", .type = number,
     .unit = "ln ratio/year", .bounds = log_ratio, .fallback = "0",
     .sentence = "steady rise"},
    {.section = "price_shock", .key = "volatility_per_year", .type = number,
     .unit = "1/sqrt(year)", .bounds = between(0, 10), .fallback = "0",
     .sentence = "standard deviation of a year's move without mean reversion"},
    {.section = "price_shock", .key = "jumps", .type = section, .holds = "jumps",
     .sentence = "sudden moves"},
    {.section = "jumps", .key = "rate_per_year", .type = number, .unit = "1/year",
     .bounds = between(0, 1000), .required = true, .sentence = "jumps a year, on average"},
    {.section = "jumps", .key = "size", .type = mark, .unit = "ln ratio", .required = true,
     .sentence = "by how much the logarithm of the price jumps"},

    {.section = "facility_selector", .key = "stage", .type = name, .of = "stage",
     .sentence = "only facilities of this stage"},
    {.section = "facility_selector", .key = "region", .type = name, .of = "region",
     .sentence = "only facilities of this region"},
    {.section = "facility_selector", .key = "commodity", .type = name, .of = "commodity",
     .sentence = "only facilities that put out this commodity"},

    // the record, thresholds, settings
    {.section = "observed", .key = "file", .type = text, .required = true,
     .sentence = "a table of the record, relative to the scenario file"},
    {.section = "observed", .key = "compare_from", .type = date, .otherwise = "the start",
     .sentence = "points that begin earlier are not compared, such as those that set the prices of "
                 "month 0"},
    {.section = "observed", .key = "no_model_volatility", .type = number_map, .of = "commodity",
     .unit = "ln ratio", .bounds = positive,
     .sentence = "standard deviation of the price's logarithm over 12 months: the random walk "
                 "that a hindcast is compared with"},
    {.section = "observed", .key = "weights", .type = number_map, .of = "commodity",
     .unit = "t/t", .bounds = positive, .otherwise = "1 each",
     .sentence = "recorded tonnes of volumes over all commodities that one tonne of the commodity "
                 "stands for"},
    {.section = "thresholds", .key = "shortfall_share", .type = plain, .unit = "share",
     .bounds = proper_share, .fallback = "0.05",
     .sentence = "shortfall over need above which a month is counted"},
    {.section = "thresholds", .key = "price_ratio", .type = plain, .unit = "ratio",
     .bounds = above_1, .fallback = "2",
     .sentence = "price over the undisturbed price above which a month is counted"},
    {.section = "run", .key = "trials", .type = whole, .bounds = between(1, 1e9),
     .fallback = "10000", .sentence = "how many trials"},
    {.section = "run", .key = "seed", .type = whole, .fallback = "1",
     .sentence = "the seed of the random numbers (0 to 2^64 - 1)"},
    {.section = "run", .key = "sampling", .type = choice, .of = "plain/sobol",
     .fallback = "plain",
     .sentence = "how uncertain numbers are drawn: independently, or evenly by Sobol' points"},
    {.section = "run", .key = "importance", .type = text,
     .sentence = "a VaR, quantile or ES that is wanted from fewer trials, e.g. "
                 "`es99(shortfall_share,all,world)`; a pilot run finds how to draw bad trials more "
                 "often"},
    {.section = "run", .key = "tilt", .type = number_map, .of = "draw", .bounds = positive,
     .sentence = "factors by which draws are tilted in nine of ten trials, by the names of "
                 "`tilt.json`, e.g. `{china_ban/onsets/1: 2}`: above 1 more onsets, below 1 larger "
                 "marks and numbers"},
};
// clang-format on

constexpr EventKind kinds[] = {
    {"scripted", "export_restriction", "scripted_restriction", "restriction_"},
    {"scripted", "outage", "scripted_outage", "outage_"},
};

}  // namespace

std::span<const SectionInfo> scenario_sections()
{
    return sections;
}

std::span<const KeyRow> scenario_rows()
{
    return rows;
}

std::span<const EventKind> scripted_kinds()
{
    return kinds;
}

}  // namespace chokepoint
