// The keys of portfolio files: one section for each kind of position (docs/portfolio-format.md).

#include "key_table.hpp"

namespace chokepoint {
namespace {

using enum KeyType;

constexpr Bounds positive{.low = 0, .low_open = true};
constexpr Bounds not_negative{.low = 0};
constexpr Bounds share{.low = 0, .high = 1};
constexpr Bounds positive_share{.low = 0, .high = 1, .low_open = true};
constexpr Bounds rate{.low = -0.5, .high = 1};
constexpr Bounds months{.low = 1, .high = 1200};
constexpr Bounds above_2{.low = 2, .low_open = true};
constexpr Bounds beta{.low = -100, .high = 100};
constexpr Bounds deviation{.low = 0, .high = 10};

constexpr SectionInfo sections[] = {
    {.name = "portfolio",
     .title = "The portfolio",
     .intro = "The keys at the top of the file.",
     .example = "schema: 1\n"
                "portfolio: rare-earth fund\n"
                "price_region: japan\n"
                "max_loss: 5.0e7\n"
                "positions:\n"
                "  - {name: magnets, type: equity, value: 2.0e7, betas: {praseodymium_neodymium: -0.4}}\n"},
    {.name = "currency",
     .title = "Currencies",
     .intro = "What a unit of another money is worth: fixed, it does not move with the trial.",
     .example = "currencies:\n  - {name: aud, usd: 0.65, source: a bank, assumption: true}\n"},
    {.name = "desk",
     .title = "Desks",
     .intro = "Positions that are looked at together.",
     .example = "desks:\n  - {name: equities, max_loss: 3.0e7}\n"},
    {.name = "noise",
     .title = "A return of its own",
     .intro = "A return that has nothing to do with the metals: one draw for each trial over the time "
              "to the mark, normal or, with degrees of freedom, Student-t with the same standard "
              "deviation. It has no drift.",
     .example = "noise: {sd_per_year: 0.35, degrees_of_freedom: 4}\n"},
    {.name = "position",
     .title = "Every position",
     .intro = "What each position may have.",
     .example = "name: lynas\ndesk: equities\n"},
    {.name = "equity",
     .title = "equity",
     .intro = "Shares of a company. Where its facilities are named, it gains and loses what they earn "
              "more or less than in the undisturbed run, month by month; else its value follows the "
              "quoted prices of commodities: value x beta x the difference of the price's logarithm "
              "from that of the undisturbed run, at the mark. Shares are worth nothing at worst: held, "
              "they lose at most their value; sold short (a negative value), they gain at most it.",
     .example = "- {type: equity, name: miner, value: 1.0e8, revenue_shares: {nickel: 0.6, cobalt: "
                "0.1},\n   other_revenue_share: 0.3, beta: 0.5, market_beta: 1.1, noise: {sd_per_year: "
                "0.3}}\n",
     .shares = "position"},
    {.name = "stake",
     .title = "A stake in a facility",
     .intro = "A share of what a facility earns: output at the quoted price, less its unit cost. A price "
              "floor that a policy guarantees to the facility counts.",
     .example = "facilities:\n  rare_earth_kuantan: {share: 0.02, unit_cost_usd_per_kg: 20}\n"},
    {.name = "physical",
     .title = "physical",
     .intro = "Metal in a warehouse: tonnes x the difference of the quoted price, at the mark.",
     .example = "- {type: physical, name: dysprosium_oxide, commodity: dysprosium, tonnes: 12}\n",
     .shares = "position"},
    {.name = "futures",
     .title = "futures",
     .intro = "The same without the metal; negative tonnes are sold.",
     .example = "- {type: futures, name: short_nickel, commodity: nickel, tonnes: -5000}\n",
     .shares = "position"},
    {.name = "offtake",
     .title = "offtake",
     .intro = "A contract over tonnes a year at a fixed price. From a facility no more comes than it "
              "makes.",
     .example = "- {type: offtake, name: ndpr, commodity: praseodymium_neodymium, tonnes_per_year: "
                "2000,\n   price_usd_per_kg: 75, facility: rare_earth_kuantan}\n",
     .shares = "position"},
    {.name = "loan_terms",
     .title = "Terms of a loan",
     .intro = "Repaid in equal monthly instalments. The loan is in default from the first month, after "
              "a time of grace, in which the cash of the last `cover_months` falls below `min_cover` "
              "times their instalments; then a share of the balance is recovered. Cash is output x "
              "(quoted price - unit cost), and a price floor that a policy guarantees.",
     .example = "facility: rare_earth_nolans\nprincipal: 5.0e8\ninterest_per_year: 0.08\nterm_months: "
                "84\n"},
    {.name = "project_loan",
     .title = "project_loan",
     .intro = "A loan to a project. The loss is what is paid less than in the undisturbed run.",
     .example = "- {type: project_loan, name: nolans, facility: rare_earth_nolans, principal: 5.0e8,\n"
                "   interest_per_year: 0.08, term_months: 84, recovery_share: 0.4}\n",
     .shares = "position/loan_terms"},
    {.name = "guarantee_position",
     .title = "guarantee",
     .intro = "A guarantee that was given for a project's loan: a fee comes in while the loan is "
              "served, a share of what is not recovered goes out when it is not.",
     .example = "- {type: guarantee, name: export_credit, facility: rare_earth_nolans, principal: "
                "5.0e8,\n   interest_per_year: 0.08, term_months: 84, guaranteed_share: 0.8, "
                "fee_per_year: 0.01}\n",
     .shares = "position/loan_terms"},
    {.name = "price_guarantee",
     .title = "price_guarantee",
     .intro = "A price floor that was given to a facility: what the quoted price lacks is paid on what "
              "it makes.",
     .example = "- {type: price_guarantee, name: floor, facility: rare_earth_mountain_pass,\n"
                "   commodity: praseodymium_neodymium, price_usd_per_kg: 110, share: 0.5}\n",
     .shares = "position"},
    {.name = "consumer",
     .title = "consumer",
     .intro = "A company that uses commodities: it buys as much less as the users of its region, pays "
              "the quoted price, hands a share of what that costs more on to its customers, and loses "
              "its margin on what it cannot make for want of the input that is shortest.",
     .example = "- {type: consumer, name: car_maker, inputs: {dysprosium: {tonnes_per_year: 60}},\n"
                "   pass_through: 0.3, margin_per_year: 2.0e9, region: japan}\n",
     .shares = "position"},
    {.name = "input",
     .title = "An input",
     .intro = "What a consumer takes in of a commodity.",
     .example = "inputs:\n  dysprosium: {tonnes_per_year: 60, hedge_ratio: 0.5}\n"},
    {.name = "cash",
     .title = "cash",
     .intro = "Money that no price moves.",
     .example = "- {type: cash, name: cash, value: 5.0e6}\n",
     .shares = "position"},
};

// One row, one to four lines.
// clang-format off
constexpr KeyRow rows[] = {
    {.section = "portfolio", .key = "schema", .type = whole, .bounds = {.low = 1, .high = 1},
     .required = true, .sentence = "the version of this format"},
    {.section = "portfolio", .key = "portfolio", .type = text, .required = true,
     .sentence = "what the portfolio is called in results"},
    {.section = "portfolio", .key = "description", .type = lines,
     .sentence = "what it is about"},
    {.section = "portfolio", .key = "currencies", .type = entries, .holds = "currency",
     .sentence = "other moneys than usd, at fixed rates"},
    {.section = "portfolio", .key = "currency", .type = name, .of = "currency",
     .fallback = "usd", .sentence = "the money of limits, and of positions that name no other"},
    {.section = "portfolio", .key = "discount_per_year", .type = plain, .unit = "1/year",
     .bounds = rate, .fallback = "0",
     .sentence = "rate by which cash flows are discounted to the start; marks are not"},
    {.section = "portfolio", .key = "until", .type = date, .otherwise = "the scenario's end",
     .sentence = "the month after the last that counts; what comes later is left out"},
    {.section = "portfolio", .key = "price_region", .type = name, .of = "region",
     .sentence = "whose quoted prices count where a position names no region"},
    {.section = "portfolio", .key = "max_loss", .type = plain, .unit = "money",
     .bounds = positive, .sentence = "limit of the whole portfolio's loss"},
    {.section = "portfolio", .key = "max_drawdown", .type = plain, .unit = "money",
     .bounds = positive, .sentence = "limit of the fall from the best month to a later one"},
    {.section = "portfolio", .key = "market", .type = section, .holds = "noise",
     .sentence = "return of the stock market, which positions share by their `market_beta`"},
    {.section = "portfolio", .key = "desks", .type = entries, .holds = "desk",
     .sentence = "positions that are looked at together"},
    {.section = "portfolio", .key = "positions", .type = events, .of = "file", .required = true,
     .sentence = "what is held: a list, or the path of a CSV file with a row for each position, its "
                 "columns called as the keys (`betas.nickel` for a key below a key)"},

    {.section = "currency", .key = "name", .type = new_name, .required = true,
     .sentence = "its code"},
    {.section = "currency", .key = "usd", .type = plain, .unit = "USD", .bounds = positive,
     .required = true, .sentence = "what one unit is worth"},

    {.section = "desk", .key = "name", .type = new_name, .required = true,
     .sentence = "what the desk is called"},
    {.section = "desk", .key = "max_loss", .type = plain, .unit = "money", .bounds = positive,
     .sentence = "limit of its loss"},

    {.section = "noise", .key = "sd_per_year", .type = plain, .unit = "1/sqrt(year)",
     .bounds = deviation, .required = true, .sentence = "standard deviation of a year's return"},
    {.section = "noise", .key = "degrees_of_freedom", .type = plain, .bounds = above_2,
     .otherwise = "normal", .sentence = "of Student's law: the fewer, the fatter the tails"},

    {.section = "position", .key = "name", .type = new_name,
     .otherwise = "`<type>_<k>`, k its place in the list",
     .sentence = "what the position is called"},
    {.section = "position", .key = "desk", .type = name, .of = "desk",
     .sentence = "which desk holds it"},
    {.section = "position", .key = "currency", .type = name, .of = "currency",
     .otherwise = "the portfolio's", .sentence = "the money of its value and limit"},
    {.section = "position", .key = "max_loss", .type = plain, .unit = "money",
     .bounds = positive, .sentence = "limit of its loss"},

    {.section = "equity", .key = "type", .type = choice, .of = "equity", .required = true,
     .sentence = "which kind"},
    {.section = "equity", .key = "value", .type = plain, .unit = "money", .required = true,
     .sentence = "what the shares are worth at the start; negative: short"},
    {.section = "equity", .key = "betas", .type = number_map, .of = "commodity",
     .bounds = beta, .sentence = "what the value follows, fixed numbers by commodity"},
    {.section = "equity", .key = "revenue_shares", .type = number_map, .of = "commodity",
     .unit = "share", .bounds = positive_share,
     .sentence = "revenue by commodity, fixed numbers, in place of betas"},
    {.section = "equity", .key = "other_revenue_share", .type = plain, .unit = "share",
     .bounds = share, .fallback = "0", .needs = "revenue_shares",
     .sentence = "revenue from other things; with the others it makes 1"},
    {.section = "equity", .key = "beta", .type = plain, .bounds = beta, .fallback = "1",
     .needs = "revenue_shares", .sentence = "of the value to its revenue's prices"},
    {.section = "equity", .key = "facilities", .type = section_map, .of = "facility",
     .holds = "stake", .sentence = "shares of what facilities earn"},
    {.section = "equity", .key = "region", .type = name, .of = "region",
     .otherwise = "the portfolio's `price_region`", .sentence = "whose quoted prices betas follow"},
    {.section = "equity", .key = "hedge_ratio", .type = plain, .unit = "share",
     .bounds = share, .fallback = "0",
     .sentence = "share of what prices do that is hedged: of betas, and of facilities on their "
                 "output in the undisturbed run"},
    {.section = "equity", .key = "market_beta", .type = plain, .bounds = beta, .fallback = "0",
     .sentence = "of the value to the stock market's return"},
    {.section = "equity", .key = "noise", .type = section, .holds = "noise",
     .sentence = "a return of its own"},
    {.section = "equity", .key = "mark", .type = date, .otherwise = "the end",
     .sentence = "when betas are valued: the month before this date"},

    {.section = "stake", .key = "share", .type = plain, .unit = "share",
     .bounds = positive_share, .fallback = "1", .sentence = "of what the facility earns"},
    {.section = "stake", .key = "unit_cost_usd_per_kg", .type = plain, .unit = "USD/kg",
     .bounds = not_negative, .required = true,
     .sentence = "what a kg of its output costs to make, all commodities together"},
    {.section = "stake", .key = "price_region", .type = name, .of = "region",
     .otherwise = "where it stands", .sentence = "whose quoted price it gets"},

    {.section = "physical", .key = "type", .type = choice, .of = "physical", .required = true,
     .sentence = "which kind"},
    {.section = "physical", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "which metal"},
    {.section = "physical", .key = "region", .type = name, .of = "region",
     .otherwise = "the portfolio's `price_region`", .sentence = "whose quoted price counts"},
    {.section = "physical", .key = "tonnes", .type = plain, .unit = "t", .bounds = positive,
     .required = true, .sentence = "how much, contained"},
    {.section = "physical", .key = "hedge_ratio", .type = plain, .unit = "share",
     .bounds = share, .fallback = "0", .sentence = "share that is sold forward"},
    {.section = "physical", .key = "mark", .type = date, .otherwise = "the end",
     .sentence = "when it is valued: the month before this date"},

    {.section = "futures", .key = "type", .type = choice, .of = "futures", .required = true,
     .sentence = "which kind"},
    {.section = "futures", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "which metal"},
    {.section = "futures", .key = "region", .type = name, .of = "region",
     .otherwise = "the portfolio's `price_region`", .sentence = "whose quoted price counts"},
    {.section = "futures", .key = "tonnes", .type = plain, .unit = "t", .required = true,
     .sentence = "how much, contained; negative: sold"},
    {.section = "futures", .key = "mark", .type = date, .otherwise = "the end",
     .sentence = "when it is settled: the month before this date"},

    {.section = "offtake", .key = "type", .type = choice, .of = "offtake", .required = true,
     .sentence = "which kind"},
    {.section = "offtake", .key = "side", .type = choice, .of = "buyer/seller",
     .fallback = "buyer", .sentence = "which side is held"},
    {.section = "offtake", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "which metal"},
    {.section = "offtake", .key = "tonnes_per_year", .type = plain, .unit = "t/year",
     .bounds = positive, .required = true, .sentence = "what is contracted, contained"},
    {.section = "offtake", .key = "price_usd_per_kg", .type = plain, .unit = "USD/kg",
     .bounds = positive, .otherwise = "the reference price",
     .sentence = "the fixed price"},
    {.section = "offtake", .key = "facility", .type = name, .of = "facility",
     .sentence = "where it comes from; without one it always comes"},
    {.section = "offtake", .key = "region", .type = name, .of = "region",
     .otherwise = "the portfolio's `price_region`",
     .sentence = "whose quoted price the contract is worth"},
    {.section = "offtake", .key = "from", .type = date, .otherwise = "the start",
     .sentence = "the first month of delivery"},
    {.section = "offtake", .key = "until", .type = date, .otherwise = "the end",
     .sentence = "the month after the last"},

    {.section = "loan_terms", .key = "facility", .type = name, .of = "facility",
     .required = true, .sentence = "whose cash serves the loan"},
    {.section = "loan_terms", .key = "principal", .type = plain, .unit = "money",
     .bounds = positive, .required = true, .sentence = "what is owed at the start"},
    {.section = "loan_terms", .key = "interest_per_year", .type = plain, .unit = "1/year",
     .bounds = share, .required = true, .sentence = "nominal rate, a twelfth a month"},
    {.section = "loan_terms", .key = "term_months", .type = whole, .unit = "months",
     .bounds = months, .required = true, .sentence = "how many instalments"},
    {.section = "loan_terms", .key = "unit_cost_usd_per_kg", .type = plain, .unit = "USD/kg",
     .bounds = not_negative, .required = true,
     .sentence = "what a kg of the facility's output costs to make, all commodities together"},
    {.section = "loan_terms", .key = "cash_share", .type = plain, .unit = "share",
     .bounds = positive_share, .fallback = "1",
     .sentence = "of the facility's cash, to serve this loan"},
    {.section = "loan_terms", .key = "price_region", .type = name, .of = "region",
     .otherwise = "where it stands", .sentence = "whose quoted price the facility gets"},
    {.section = "loan_terms", .key = "min_cover", .type = plain, .unit = "ratio",
     .bounds = positive, .fallback = "1", .sentence = "cash over instalments below which it defaults"},
    {.section = "loan_terms", .key = "cover_months", .type = whole, .unit = "months",
     .bounds = {.low = 1, .high = 120}, .fallback = "12",
     .sentence = "over how many months cash is counted"},
    {.section = "loan_terms", .key = "grace_months", .type = whole, .unit = "months",
     .bounds = {.low = 0, .high = 1200}, .fallback = "12",
     .sentence = "months from the start in which it cannot default"},
    {.section = "loan_terms", .key = "recovery_share", .type = plain, .unit = "share",
     .bounds = share, .fallback = "0", .sentence = "share of the balance that comes back"},

    {.section = "project_loan", .key = "type", .type = choice, .of = "project_loan",
     .required = true, .sentence = "which kind"},

    {.section = "guarantee_position", .key = "type", .type = choice, .of = "guarantee",
     .required = true, .sentence = "which kind"},
    {.section = "guarantee_position", .key = "guaranteed_share", .type = plain,
     .unit = "share", .bounds = positive_share, .fallback = "1",
     .sentence = "share of the lender's loss that is paid"},
    {.section = "guarantee_position", .key = "fee_per_year", .type = plain, .unit = "1/year",
     .bounds = share, .fallback = "0", .sentence = "fee over the guaranteed balance"},

    {.section = "price_guarantee", .key = "type", .type = choice, .of = "price_guarantee",
     .required = true, .sentence = "which kind"},
    {.section = "price_guarantee", .key = "facility", .type = name, .of = "facility",
     .required = true, .sentence = "who has the floor"},
    {.section = "price_guarantee", .key = "commodity", .type = name, .of = "commodity",
     .required = true, .sentence = "for which of its outputs"},
    {.section = "price_guarantee", .key = "price_usd_per_kg", .type = plain, .unit = "USD/kg",
     .bounds = positive, .required = true, .sentence = "the floor"},
    {.section = "price_guarantee", .key = "share", .type = plain, .unit = "share",
     .bounds = positive_share, .fallback = "1", .sentence = "of the output that is covered"},
    {.section = "price_guarantee", .key = "region", .type = name, .of = "region",
     .otherwise = "where it stands", .sentence = "whose quoted price counts"},
    {.section = "price_guarantee", .key = "from", .type = date, .otherwise = "the start",
     .sentence = "the first month"},
    {.section = "price_guarantee", .key = "until", .type = date, .otherwise = "the end",
     .sentence = "the month after the last"},

    {.section = "consumer", .key = "type", .type = choice, .of = "consumer", .required = true,
     .sentence = "which kind"},
    {.section = "consumer", .key = "value", .type = plain, .unit = "money",
     .bounds = not_negative, .fallback = "0",
     .sentence = "what the holding is worth, for the record; it may lose more"},
    {.section = "consumer", .key = "share", .type = plain, .unit = "share",
     .bounds = positive_share, .fallback = "1", .sentence = "of the company that is held"},
    {.section = "consumer", .key = "region", .type = name, .of = "region",
     .otherwise = "the portfolio's `price_region`", .sentence = "where it buys"},
    {.section = "consumer", .key = "inputs", .type = section_map, .of = "commodity",
     .holds = "input", .required = true, .sentence = "what it takes in"},
    {.section = "consumer", .key = "pass_through", .type = plain, .unit = "share",
     .bounds = share, .fallback = "0", .sentence = "share of dearer inputs that customers pay"},
    {.section = "consumer", .key = "margin_per_year", .type = plain, .unit = "money/year",
     .bounds = not_negative, .fallback = "0",
     .sentence = "margin on what it makes with these inputs, lost with the output"},
    {.section = "consumer", .key = "lost_output", .type = plain, .unit = "ratio",
     .bounds = share, .fallback = "1",
     .sentence = "share of output lost per share of the shortest input that is wanting"},

    {.section = "input", .key = "tonnes_per_year", .type = plain, .unit = "t/year",
     .bounds = positive, .required = true, .sentence = "in the undisturbed run, contained"},
    {.section = "input", .key = "hedge_ratio", .type = plain, .unit = "share",
     .bounds = share, .fallback = "0",
     .sentence = "share of it that is bought at the price of the undisturbed run"},

    {.section = "cash", .key = "type", .type = choice, .of = "cash", .required = true,
     .sentence = "which kind"},
    {.section = "cash", .key = "value", .type = plain, .unit = "money", .required = true,
     .sentence = "how much"},
};
// clang-format on

constexpr EventKind kinds[] = {
    {"positions", "equity", "equity", "equity_"},
    {"positions", "physical", "physical", "physical_"},
    {"positions", "futures", "futures", "futures_"},
    {"positions", "offtake", "offtake", "offtake_"},
    {"positions", "project_loan", "project_loan", "project_loan_"},
    {"positions", "guarantee", "guarantee_position", "guarantee_"},
    {"positions", "price_guarantee", "price_guarantee", "price_guarantee_"},
    {"positions", "consumer", "consumer", "consumer_"},
    {"positions", "cash", "cash", "cash_"},
};

}  // namespace

std::span<const SectionInfo> portfolio_sections()
{
    return sections;
}

std::span<const KeyRow> portfolio_rows()
{
    return rows;
}

std::span<const EventKind> position_kinds()
{
    return kinds;
}

}  // namespace chokepoint
