// The keys of policy files: one section for each lever (docs/policy-format.md).

#include "key_table.hpp"

namespace chokepoint {
namespace {

using enum KeyType;

constexpr Bounds positive{.low = 0, .low_open = true};
constexpr Bounds not_negative{.low = 0};
constexpr Bounds share{.low = 0, .high = 1};
constexpr Bounds proper_share{.low = 0, .high = 1, .low_open = true, .high_open = true};
constexpr Bounds share_below_1{.low = 0, .high = 1, .high_open = true};
constexpr Bounds at_least_1{.low = 1};
constexpr Bounds up_to_12{.low = 0, .high = 12, .low_open = true};
constexpr Bounds horizon{.low = 1, .high = 1200};

constexpr SectionInfo sections[] = {
    {.name = "policy",
     .title = "The policy",
     .intro = "The keys at the top of the file.",
     .example = "schema: 1\n"
                "policy: Japanese stockpile\n"
                "levers:\n"
                "  - {name: sixty_days, type: stockpile, regions: [japan], days: 60, buy_months: 24,\n"
                "     trigger_shortfall_share: 0.05}\n"},
    {.name = "lever",
     .title = "Every lever",
     .intro = "What each lever may have: a name, and what it costs beside what follows from what it "
              "does.",
     .example = "capital_usd: 2.0e8\ncapital_from: 2027-01\ncapital_until: 2029-01\n"},
    {.name = "lever_project",
     .title = "A new facility",
     .intro = "Of a lever that builds one. It is called as the lever; a key means what it means among "
              "the scenario's facilities.",
     .example = "region: usa\nstage: refine\noutputs: {dysprosium: 0.8, terbium: 0.2}\n"
                "capacity_t_per_year: 500\nopens: 2028-01\n"},
    {.name = "joint_investment",
     .title = "joint_investment",
     .intro = "Joint investment funds: a new facility in a friendly region, or a project of the "
              "scenario brought forward and made surer.",
     .example = "- {type: joint_investment, name: fund, project: rare_earth_nolans, months_earlier: 12,\n"
                "   opening_probability: 0.9, capital_usd: 2.0e8}\n",
     .shares = "lever/lever_project"},
    {.name = "diversify",
     .title = "diversify",
     .intro = "Importers that take no more than a share of what they import from one supplier: a "
              "standing cap on each arc (`max_import_share`). Capacity elsewhere is the business of "
              "other levers.",
     .example = "- {type: diversify, importers: [europe], suppliers: [china], max_share: 0.65, from: "
                "2030-01}\n",
     .shares = "lever"},
    {.name = "guarantee",
     .title = "guarantee",
     .intro = "A price floor for private firms: the treasury adds what the quoted price lacks, and the "
              "facility does not shut for low prices while it has one. Of projects it may make the "
              "opening surer and sooner.",
     .example = "- {type: guarantee, facilities: [rare_earth_mountain_pass], commodity: "
                "praseodymium_neodymium,\n   floor_usd_per_kg: 110, from: 2026-01, until: 2036-01}\n",
     .shares = "lever"},
    {.name = "esg_standard",
     .title = "esg_standard",
     .intro = "Transparent and sustainable frameworks: fewer outages, by cause and by the facilities' "
              "grades (the same failures, thinned); importers that exclude suppliers of a lower grade; "
              "more and surer investment.",
     .example = "- {type: esg_standard, outages: [mine_stops], keep_share: 0.8}\n",
     .shares = "lever"},
    {.name = "lever_recycling",
     .title = "recycling",
     .intro = "Recycling and circular economy: collection and recovery that grow from nothing to a "
              "share of the demand of month 0, in each region and commodity.",
     .example = "- {type: recycling, regions: [japan], commodities: [dysprosium], share_of_demand_end: "
                "0.15,\n   ramp_from: 2027-01, ramp_until: 2032-01}\n",
     .shares = "lever"},
    {.name = "processing_hub",
     .title = "processing_hub",
     .intro = "A regional processing hub: a new plant beyond the first stage.",
     .example = "- {type: processing_hub, region: usa, stage: refine, outputs: {dysprosium: 1},\n"
                "   capacity_t_per_year: 500, opens: 2028-01, capital_usd: 4.0e8}\n",
     .shares = "lever/lever_project"},
    {.name = "alliance",
     .title = "alliance",
     .intro = "Mutual aid: members spare each other in their export restrictions, share reserves, and "
              "release them together; diplomacy may make restrictions rarer.",
     .example = "- {type: alliance, members: [partners], pooled_reserves: [japan_reserve]}\n",
     .shares = "lever"},
    {.name = "lever_substitution",
     .title = "substitution",
     .intro = "A drive to replace a material: users go over to something else at a pace, up to a share; "
              "above a price, or without one from the start (a lower intensity).",
     .example = "- {type: substitution, commodities: [dysprosium], rate_per_year: 0.05, max_share: 0.3}\n",
     .shares = "lever"},
    {.name = "stockpile",
     .title = "stockpile",
     .intro = "A strategic reserve in each region and commodity, empty at first: purchases fill it and "
              "move the market while they do; purchases and releases are paid at simulated prices.",
     .example = "- {type: stockpile, regions: [japan], days: 60, buy_months: 24, "
                "trigger_shortfall_share: 0.05}\n",
     .shares = "lever"},
    {.name = "mining_practice",
     .title = "mining_practice",
     .intro = "Green mining and resource mapping: fewer outages by cause (the same failures, thinned), "
              "and projects that take less time from discovery to production.",
     .example = "- {type: mining_practice, outages: [mine_stops], keep_share: 0.8}\n",
     .shares = "lever"},
};

// One row, one to four lines.
// clang-format off
constexpr KeyRow rows[] = {
    {.section = "policy", .key = "schema", .type = whole, .bounds = {.low = 1, .high = 1},
     .required = true, .sentence = "the version of this format"},
    {.section = "policy", .key = "policy", .type = text, .required = true,
     .sentence = "what the policy is called in results"},
    {.section = "policy", .key = "description", .type = lines,
     .sentence = "what the policy is about"},
    {.section = "policy", .key = "levers", .type = events, .required = true,
     .sentence = "what it does"},

    {.section = "lever", .key = "name", .type = new_name,
     .otherwise = "`<type>_<k>`, k its place in the list",
     .sentence = "what the lever is called, and what it adds to the scenario"},
    {.section = "lever", .key = "capital_usd", .type = number, .unit = "USD",
     .bounds = not_negative, .sentence = "capital spent, whatever becomes of it"},
    {.section = "lever", .key = "capital_from", .type = date, .otherwise = "the start",
     .needs = "capital_usd", .sentence = "the first month that pays capital"},
    {.section = "lever", .key = "capital_until", .type = date,
     .otherwise = "the month after `capital_from`", .needs = "capital_usd",
     .sentence = "the month after the last: the sum is spread evenly"},
    {.section = "lever", .key = "running_usd_per_year", .type = number, .unit = "USD/year",
     .bounds = not_negative, .sentence = "running costs"},
    {.section = "lever", .key = "running_from", .type = date, .otherwise = "the start",
     .needs = "running_usd_per_year", .sentence = "the first month that has them"},
    {.section = "lever", .key = "running_until", .type = date, .otherwise = "the end",
     .needs = "running_usd_per_year", .sentence = "the month after the last that has them"},

    {.section = "lever_project", .key = "region", .type = name, .of = "region",
     .sentence = "where it stands"},
    {.section = "lever_project", .key = "stage", .type = name, .of = "stage",
     .sentence = "which step it does"},
    {.section = "lever_project", .key = "commodity", .type = name, .of = "commodity",
     .sentence = "the one output: short for `outputs: {that: 1}`"},
    {.section = "lever_project", .key = "outputs", .type = number_map, .of = "commodity",
     .unit = "share", .bounds = {.low = 0, .high = 1, .low_open = true},
     .sentence = "tonnes of each commodity per tonne of capacity"},
    {.section = "lever_project", .key = "capacity_t_per_year", .type = number, .unit = "t/year",
     .bounds = not_negative, .sentence = "the nameplate output"},
    {.section = "lever_project", .key = "utilisation", .type = number, .unit = "share",
     .bounds = {.low = 0, .high = 1, .low_open = true}, .fallback = "1",
     .sentence = "share of the capacity in use"},
    {.section = "lever_project", .key = "owner", .type = text, .sentence = "who owns it"},
    {.section = "lever_project", .key = "opens", .type = date,
     .sentence = "planned opening; of a project of the scenario, the new one"},
    {.section = "lever_project", .key = "delay_months", .type = number, .unit = "months",
     .bounds = not_negative, .sentence = "how much later than planned it opens"},
    {.section = "lever_project", .key = "opening_probability", .type = number,
     .unit = "probability", .bounds = share, .sentence = "that it opens at all"},
    {.section = "lever_project", .key = "ramp_months", .type = number, .unit = "months",
     .bounds = not_negative, .sentence = "from opening to full capacity, in a straight line"},

    {.section = "joint_investment", .key = "type", .type = choice, .of = "joint_investment",
     .required = true, .sentence = "which lever"},
    {.section = "joint_investment", .key = "project", .type = name, .of = "facility",
     .sentence = "a project of the scenario that it helps; without one it builds a facility"},
    {.section = "joint_investment", .key = "months_earlier", .type = whole, .unit = "months",
     .bounds = horizon, .needs = "project", .sentence = "how much earlier that is to open"},

    {.section = "processing_hub", .key = "type", .type = choice, .of = "processing_hub",
     .required = true, .sentence = "which lever"},

    {.section = "diversify", .key = "type", .type = choice, .of = "diversify",
     .required = true, .sentence = "which lever"},
    {.section = "diversify", .key = "importers", .type = names, .of = "region or alliance",
     .required = true, .sentence = "who limits its imports; all are not meant, so name them"},
    {.section = "diversify", .key = "suppliers", .type = names, .of = "region",
     .required = true, .sentence = "from whom no more than the share is taken, each"},
    {.section = "diversify", .key = "commodities", .type = names, .of = "commodity",
     .fallback = "all", .sentence = "of what"},
    {.section = "diversify", .key = "layer", .type = name, .of = "stage",
     .otherwise = "the last stage", .sentence = "the stage whose output is imported"},
    {.section = "diversify", .key = "max_share", .type = number, .unit = "share",
     .bounds = share, .required = true,
     .sentence = "most of what an importer takes in, undisturbed, from one supplier"},
    {.section = "diversify", .key = "from", .type = date, .required = true,
     .sentence = "first day in force; after the first month"},

    {.section = "guarantee", .key = "type", .type = choice, .of = "guarantee",
     .required = true, .sentence = "which lever"},
    {.section = "guarantee", .key = "facilities", .type = names, .of = "facility",
     .required = true, .sentence = "whose output is guaranteed"},
    {.section = "guarantee", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "which output"},
    {.section = "guarantee", .key = "floor_usd_per_kg", .type = number, .unit = "USD/kg",
     .bounds = not_negative, .required = true,
     .sentence = "the price that its owner is sure of"},
    {.section = "guarantee", .key = "from", .type = date, .otherwise = "the start",
     .sentence = "the first month with the floor"},
    {.section = "guarantee", .key = "until", .type = date, .otherwise = "the end",
     .sentence = "the month after the last"},
    {.section = "guarantee", .key = "opening_probability", .type = number,
     .unit = "probability", .bounds = share,
     .sentence = "of the projects among the facilities: that they open"},
    {.section = "guarantee", .key = "delay_months", .type = number, .unit = "months",
     .bounds = not_negative, .sentence = "of the same: how much later than planned"},

    {.section = "esg_standard", .key = "type", .type = choice, .of = "esg_standard",
     .required = true, .sentence = "which lever"},
    {.section = "esg_standard", .key = "outages", .type = names, .of = "outage",
     .sentence = "hazards that it makes rarer"},
    {.section = "esg_standard", .key = "keep_share", .type = number, .unit = "share",
     .bounds = share, .needs = "outages",
     .sentence = "share of their failures that come all the same"},
    {.section = "esg_standard", .key = "keep_share_by_grade", .type = number_map, .of = "grade",
     .unit = "share", .bounds = share, .needs = "outages",
     .sentence = "the same for facilities of a grade"},
    {.section = "esg_standard", .key = "importers", .type = names, .of = "region or alliance",
     .needs = "exclude", .sentence = "who keeps the standard"},
    {.section = "esg_standard", .key = "exclude", .type = names, .of = "region",
     .needs = "importers", .sentence = "suppliers of a lower grade, from which they buy nothing"},
    {.section = "esg_standard", .key = "commodities", .type = names, .of = "commodity",
     .fallback = "all", .sentence = "of what they buy nothing there"},
    {.section = "esg_standard", .key = "layer", .type = name, .of = "stage",
     .otherwise = "the last stage", .sentence = "the stage whose output that is"},
    {.section = "esg_standard", .key = "from", .type = date, .needs = "exclude",
     .sentence = "when they begin to exclude; after the first month"},
    {.section = "esg_standard", .key = "projects", .type = names, .of = "facility",
     .sentence = "projects that meet the standard"},
    {.section = "esg_standard", .key = "opening_probability", .type = number,
     .unit = "probability", .bounds = share, .needs = "projects",
     .sentence = "that they open"},
    {.section = "esg_standard", .key = "delay_months", .type = number, .unit = "months",
     .bounds = not_negative, .needs = "projects", .sentence = "how much later than planned"},
    {.section = "esg_standard", .key = "investment_factor", .type = plain, .unit = "ratio",
     .bounds = at_least_1, .needs = "projects",
     .sentence = "by what investment in them grows: each has a second part beside it of so much "
                 "more of its capacity (its median)"},

    {.section = "lever_recycling", .key = "type", .type = choice, .of = "recycling",
     .required = true, .sentence = "which lever"},
    {.section = "lever_recycling", .key = "regions", .type = names,
     .of = "region or alliance", .required = true, .sentence = "where"},
    {.section = "lever_recycling", .key = "commodities", .type = names, .of = "commodity",
     .required = true, .sentence = "what is recycled"},
    {.section = "lever_recycling", .key = "stage", .type = name, .of = "stage",
     .otherwise = "the last stage", .sentence = "the stage whose output it joins"},
    {.section = "lever_recycling", .key = "share_of_demand_end", .type = number,
     .unit = "share", .bounds = share_below_1, .required = true,
     .sentence = "recycled tonnes in the end, over the region's demand"},
    {.section = "lever_recycling", .key = "ramp_from", .type = date, .otherwise = "the start",
     .sentence = "when it begins"},
    {.section = "lever_recycling", .key = "ramp_until", .type = date, .required = true,
     .sentence = "when it has reached its end"},
    {.section = "lever_recycling", .key = "price_elasticity", .type = number,
     .bounds = not_negative, .fallback = "0",
     .sentence = "by which share it rises with the price that users remember"},
    {.section = "lever_recycling", .key = "max_factor", .type = number, .unit = "ratio",
     .bounds = at_least_1, .needs = "price_elasticity",
     .sentence = "most that prices can multiply it by"},

    {.section = "alliance", .key = "type", .type = choice, .of = "alliance", .required = true,
     .sentence = "which lever"},
    {.section = "alliance", .key = "members", .type = names, .of = "region or alliance",
     .required = true, .sentence = "the allies"},
    {.section = "alliance", .key = "exempt", .type = flag, .otherwise = "true",
     .sentence = "whether members spare each other in their restrictions"},
    {.section = "alliance", .key = "pooled_reserves", .type = names, .of = "reserve",
     .sentence = "reserves that all members may draw on"},
    {.section = "alliance", .key = "trigger_price_ratio", .type = number, .unit = "ratio",
     .bounds = positive, .needs = "pooled_reserves",
     .sentence = "coordinated release: the price ratio that starts it"},
    {.section = "alliance", .key = "trigger_shortfall_share", .type = number, .unit = "share",
     .bounds = proper_share, .needs = "pooled_reserves",
     .sentence = "the same by a member's shortfall over need"},
    {.section = "alliance", .key = "decision_lag_months", .type = number, .unit = "months",
     .bounds = not_negative, .needs = "pooled_reserves",
     .sentence = "how long the members take to agree on it"},
    {.section = "alliance", .key = "restrictions", .type = names, .of = "restriction",
     .needs = "keep_share", .sentence = "restrictions that diplomacy makes rarer"},
    {.section = "alliance", .key = "keep_share", .type = number, .unit = "share",
     .bounds = share, .needs = "restrictions",
     .sentence = "share of these that come all the same"},

    {.section = "lever_substitution", .key = "type", .type = choice, .of = "substitution",
     .required = true, .sentence = "which lever"},
    {.section = "lever_substitution", .key = "commodities", .type = names, .of = "commodity",
     .required = true, .sentence = "what is replaced"},
    {.section = "lever_substitution", .key = "trigger_price_ratio", .type = number,
     .unit = "ratio", .bounds = positive, .otherwise = "from the start, at any price",
     .sentence = "remembered price, over the reference price, above which users go over"},
    {.section = "lever_substitution", .key = "rate_per_year", .type = number,
     .unit = "1/year", .bounds = up_to_12, .required = true,
     .sentence = "share of the remaining users that goes over in a year"},
    {.section = "lever_substitution", .key = "max_share", .type = number, .unit = "share",
     .bounds = proper_share, .required = true, .sentence = "share that can be replaced at all"},

    {.section = "stockpile", .key = "type", .type = choice, .of = "stockpile",
     .required = true, .sentence = "which lever"},
    {.section = "stockpile", .key = "regions", .type = names, .of = "region or alliance",
     .required = true, .sentence = "where one is kept, in each"},
    {.section = "stockpile", .key = "commodities", .type = names, .of = "commodity",
     .fallback = "all", .sentence = "of what, each; of `all`, where there are users"},
    {.section = "stockpile", .key = "days", .type = plain, .unit = "days",
     .bounds = positive, .otherwise = "must be written, or `tonnes`",
     .sentence = "its size in days of the region's demand at month 0"},
    {.section = "stockpile", .key = "tonnes", .type = plain, .unit = "t", .bounds = positive,
     .sentence = "its size, the same in each"},
    {.section = "stockpile", .key = "filled_share", .type = plain, .unit = "share",
     .bounds = share, .fallback = "0", .sentence = "what lies there at month 0, over its size; paid for at the reference price"},
    {.section = "stockpile", .key = "buy_months", .type = plain, .unit = "months",
     .bounds = at_least_1, .required = true,
     .sentence = "how many months purchases at the reference price take to fill it"},
    {.section = "stockpile", .key = "release_months", .type = plain, .unit = "months",
     .bounds = at_least_1, .fallback = "6",
     .sentence = "how many months the fastest release takes to empty it"},
    {.section = "stockpile", .key = "members", .type = names, .of = "region or alliance",
     .otherwise = "its region", .sentence = "whose users each of them supplies"},
    {.section = "stockpile", .key = "trigger_price_ratio", .type = number, .unit = "ratio",
     .bounds = positive, .sentence = "price over the reference price that starts a release"},
    {.section = "stockpile", .key = "stop_price_ratio", .type = number, .unit = "ratio",
     .bounds = positive, .otherwise = "halfway from the trigger to 1",
     .needs = "trigger_price_ratio", .sentence = "price ratio below which it ends"},
    {.section = "stockpile", .key = "trigger_shortfall_share", .type = number,
     .unit = "share", .bounds = proper_share,
     .sentence = "shortfall over need that starts a release"},
    {.section = "stockpile", .key = "stop_shortfall_share", .type = number, .unit = "share",
     .bounds = share_below_1, .otherwise = "half the trigger",
     .needs = "trigger_shortfall_share", .sentence = "shortfall share below which it ends"},
    {.section = "stockpile", .key = "decision_lag_months", .type = number, .unit = "months",
     .bounds = not_negative, .fallback = "0",
     .sentence = "how long a trigger must have been passed before the release starts"},

    {.section = "mining_practice", .key = "type", .type = choice, .of = "mining_practice",
     .required = true, .sentence = "which lever"},
    {.section = "mining_practice", .key = "outages", .type = names, .of = "outage",
     .needs = "keep_share", .sentence = "failures that it makes rarer"},
    {.section = "mining_practice", .key = "common_causes", .type = names,
     .of = "common cause", .needs = "keep_share", .sentence = "the same of common causes"},
    {.section = "mining_practice", .key = "keep_share", .type = number, .unit = "share",
     .bounds = share, .needs = "outages/common_causes",
     .sentence = "share of them that come all the same"},
    {.section = "mining_practice", .key = "projects", .type = names, .of = "facility",
     .sentence = "projects that take less time"},
    {.section = "mining_practice", .key = "months_earlier", .type = whole, .unit = "months",
     .bounds = horizon, .needs = "projects",
     .sentence = "of announced ones: how much earlier they open"},
    {.section = "mining_practice", .key = "lead_months", .type = number, .unit = "months",
     .bounds = not_negative, .needs = "projects",
     .sentence = "of ones that prices induce: from the decision to the opening"},
};
// clang-format on

constexpr EventKind kinds[] = {
    {"levers", "joint_investment", "joint_investment", "joint_investment_"},
    {"levers", "diversify", "diversify", "diversify_"},
    {"levers", "guarantee", "guarantee", "guarantee_"},
    {"levers", "esg_standard", "esg_standard", "esg_standard_"},
    {"levers", "recycling", "lever_recycling", "recycling_"},
    {"levers", "processing_hub", "processing_hub", "processing_hub_"},
    {"levers", "alliance", "alliance", "alliance_"},
    {"levers", "substitution", "lever_substitution", "substitution_"},
    {"levers", "stockpile", "stockpile", "stockpile_"},
    {"levers", "mining_practice", "mining_practice", "mining_practice_"},
};

}  // namespace

std::span<const SectionInfo> policy_sections()
{
    return sections;
}

std::span<const KeyRow> policy_rows()
{
    return rows;
}

std::span<const EventKind> lever_kinds()
{
    return kinds;
}

}  // namespace chokepoint
