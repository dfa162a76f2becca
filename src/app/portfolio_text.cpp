#include "chokepoint/app/portfolio_text.hpp"

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/replay_line.hpp"
#include "chokepoint/app/text_table.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t most_positions = 20;
constexpr std::size_t events_shown = 5;
constexpr std::size_t numbers_shown = 4;

std::string money(double usd)
{
    return std::isnan(usd) ? "–" : short_number(usd / million);
}

std::string money_with_error(const Figure& figure)
{
    return std::isnan(figure.estimate.value)
               ? "–"
               : with_error(figure.estimate.value / million, figure.standard_error / million);
}

std::string probability(const Figure* figure)
{
    if (figure == nullptr) {
        return "";
    }
    const Estimate& estimate = figure->estimate;
    return estimate.value == 0
               ? "< " + percent(estimate.upper)
               : percent_with_error(estimate.value,
                                    (estimate.upper - estimate.lower) / (2 * interval_z));
}

/// A figure that may be told from 0, without its error.
std::string money_told(const Figure& figure)
{
    const double value = figure.estimate.value;
    return std::isnan(value)                                      ? "–"
           : std::abs(value) > interval_z * figure.standard_error ? money(value)
                                                                  : "0";
}

void append_row(TextTable& table, const std::string& name, const std::string& value,
                const ColumnSummary& loss, const EsContribution* part)
{
    table.append({name, value, money_with_error(loss.figure("mean")),
                  money(loss.figure("var95").estimate.value),
                  money_with_error(loss.figure("es95")),
                  part == nullptr ? "" : money_with_error(part->es),
                  part == nullptr || value.empty() ? "" : money_told(part->without),
                  probability(breach_of(loss))});
}

TextTable risk_table(const Book& book, const PortfolioRisk& risk)
{
    TextTable table({{"M USD", Align::left},
                     {"value"},
                     {"mean loss"},
                     {"VaR 95 %"},
                     {"ES 95 %"},
                     {"brings"},
                     {"without"},
                     {"P(> limit)"}});
    std::vector<const PartRisk*> positions = risk.of_kind(BookPart::Kind::position);
    std::ranges::stable_sort(positions, [](const PartRisk* one, const PartRisk* other) {
        return one->contributions[0].es.estimate.value
               > other->contributions[0].es.estimate.value;
    });
    for (std::size_t at = 0; at < std::min(positions.size(), most_positions); ++at) {
        const PartRisk& part = *positions[at];
        append_row(table, part.name, money(book.positions[part.part.index].value_usd),
                   part.loss, part.contributions.data());
    }
    for (const PartRisk* desk : risk.of_kind(BookPart::Kind::desk)) {
        append_row(table, "desk " + desk->name, "", desk->loss, desk->contributions.data());
    }
    append_row(table, "all", money(risk.value_usd), risk.loss, nullptr);
    append_row(table, "largest drawdown", "", risk.drawdown, nullptr);
    return table;
}

/// Broken at commas so that no line is longer than 100 columns.
std::string wrapped(const std::string& text)
{
    constexpr std::size_t width = 98;
    std::string out, line;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t comma = std::min(text.find(", ", begin), text.size());
        const std::string piece = text.substr(begin, std::min(comma + 2, text.size()) - begin);
        if (!line.empty() && width_of(line + piece) > width) {
            out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
            line.clear();
        }
        line += piece;
        begin = comma + 2;
    }
    return out + line + "\n";
}

/// `all 40.0, desk users 30.0, …`: the limits that there are.
std::string limit_line(const PortfolioRisk& risk)
{
    std::string text;
    const auto add = [&](const std::string& name, const ColumnSummary& loss) {
        if (breach_of(loss) != nullptr) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name,
                                money(loss.column.thresholds.front()));
        }
    };
    add("all", risk.loss);
    add("drawdown", risk.drawdown);
    for (const PartRisk& part : risk.parts) {
        add(part.part.kind == BookPart::Kind::desk ? "desk " + part.name : part.name,
            part.loss);
    }
    return text.empty() ? "" : wrapped("Limits: " + text);
}

/// `dysprosium 12.3 (70 %), …`: what commodities bring to the ES.
std::string commodity_line(const PortfolioRisk& risk)
{
    std::string text;
    for (const PartRisk* part : risk.of_kind(BookPart::Kind::commodity)) {
        const EsContribution& of = part->contributions[0];
        if (std::isnan(of.es.estimate.value) || of.es.estimate.value == 0) {
            continue;
        }
        text +=
            fmt::format("{}{} {} ({})", text.empty() ? "" : ", ",
                        part->name == "none" ? "no metal" : part->name, money_with_error(of.es),
                        std::isnan(of.share) ? "–" : percent(of.share));
    }
    return text;
}

std::string default_line(const PortfolioRisk& risk)
{
    const auto disrupted = risk.of_kind(BookPart::Kind::loan_default);
    const auto calm = risk.of_kind(BookPart::Kind::calm_default);
    std::string text;
    for (std::size_t at = 0; at < disrupted.size(); ++at) {
        const Figure& mean = disrupted[at]->loss.figure("mean");
        text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", disrupted[at]->name,
                            percent_with_error(mean.estimate.value, mean.standard_error),
                            percent(calm[at]->loss.figure("mean").estimate.value));
    }
    return text.empty() ? text : wrapped("Defaults (undisturbed): " + text);
}

std::string lift_text(const ReverseStress& stress)
{
    TextTable table({{"", Align::left},
                     {"beyond"},
                     {"all trials"},
                     {"times as often [95 %]"},
                     {"number"},
                     {"of all"}});
    for (const EventLift& of : stress.events) {
        const Estimate& lift = of.lift.estimate;
        if (!of.is_told || table.size() == events_shown) {
            continue;
        }
        table.append({of.name, percent(of.beyond.estimate.value),
                      percent(of.all.estimate.value),
                      fmt::format("{} [{}, {}]", short_number(lift.value),
                                  short_number(lift.lower), short_number(lift.upper)),
                      short_number(of.events_beyond), short_number(of.events_all)});
    }
    return table.size() == 0 ? "  No event is told from chance.\n" : table.text("  ");
}

std::string number_lines(const ReverseStress& stress)
{
    std::string text;
    for (std::size_t at = 0; at < std::min(stress.numbers.size(), numbers_shown); ++at) {
        const ParameterShift& of = stress.numbers[at];
        text += fmt::format("  {}\n    mean {} beyond, {} in all ({:+.2f} ± {:.2f} sd)\n",
                            of.path, short_number(of.mean_beyond), short_number(of.mean_all),
                            of.shift.estimate.value, of.shift.standard_error);
    }
    return text;
}

std::string stress_section(const ReverseStress& stress, const RunOptions& options,
                           std::uint64_t seed)
{
    std::string text = fmt::format(
        "\nWhat separates the {} that lose {} {} M ({}):\n\n", counted(stress.beyond, "trial"),
        stress.is_limit_of_portfolio ? "more than" : "at least", money(stress.limit),
        stress.is_limit_of_portfolio ? "the limit" : "the VaR at 95 %");
    text += lift_text(stress);
    if (!stress.numbers.empty()) {
        text +=
            fmt::format("\nNumbers that differ there (of {} tested):\n", stress.numbers_tested)
            + number_lines(stress);
    }
    for (const BreachingTrial& trial : stress.mildest) {
        text += fmt::format("{}  trial {}: {} M\n",
                            &trial == &stress.mildest.front()
                                ? "\nThose of them in which the least happens:\n"
                                : "",
                            trial.trial, money(trial.loss));
    }
    if (!stress.mildest.empty()) {
        text +=
            "To see one: " + replay_line(options, {seed, stress.mildest.front().trial}) + "\n";
    }
    return text;
}

}  // namespace

std::string portfolio_text(const Model& model, const RunReport& report, const Book& book,
                           const std::optional<ReverseStress>& stress,
                           const RunOptions& options, const Provenance& provenance)
{
    const PortfolioRisk& risk = *report.portfolio;
    std::string text = fmt::format(
        "{} in {}: {}, seed {}, {} from {}\n\nLosses (positive) and gains against the "
        "undisturbed run, mean ± standard error. Brings: to the ES of\nall; without: ES of all "
        "if the position is sold, less the ES of all.\n\n",
        risk.portfolio, model.name, counted(risk.trials, "trial"), provenance.seed,
        counted(static_cast<std::uint64_t>(book.months), "month"), month_label(model.start, 0));
    const TextTable table = risk_table(book, risk);
    text += table.text("  ");
    const std::size_t positions = risk.of_kind(BookPart::Kind::position).size();
    if (positions > most_positions) {
        text += fmt::format("  and {} more positions, in portfolio.csv\n",
                            positions - most_positions);
    }
    text += "\n" + limit_line(risk);
    const std::string commodities = commodity_line(risk);
    text += commodities.empty() ? "" : wrapped("The ES comes from: " + commodities);
    text += default_line(risk);
    if (stress) {
        text += stress_section(*stress, options, provenance.seed);
    }
    text += report.warnings.empty() ? "" : "\n";
    for (const std::string& warning : report.summary.warnings) {
        text += "warning: " + warning + '\n';
    }
    for (const std::string& warning : risk.warnings) {
        text += "warning: " + warning + '\n';
    }
    return text + fmt::format("\nResults: {}\n", options.out.string());
}

std::string stress_text(const std::vector<StressedScenario>& scenarios)
{
    std::vector<TextTable::Heading> headings = {{"M USD", Align::left}};
    for (std::size_t at = 0; at < scenarios.size(); ++at) {
        headings.push_back({fmt::format("[{}]", at + 1)});
        headings.push_back({"ES 95 %"});
    }
    std::string text = "Mean loss ± standard error and ES at 95 % of each position in\n";
    for (std::size_t at = 0; at < scenarios.size(); ++at) {
        text += fmt::format("  [{}] {}, {}\n", at + 1, scenarios[at].scenario,
                            counted(scenarios[at].risk.trials, "trial"));
    }
    TextTable table(std::move(headings));
    const auto cells = [&](const std::string& name, auto loss_of) {
        std::vector<std::string> row = {name};
        for (const StressedScenario& of : scenarios) {
            const ColumnSummary* loss = loss_of(of);
            row.push_back(loss == nullptr ? "–" : money_with_error(loss->figure("mean")));
            const double tail = loss == nullptr ? 0 : loss->figure("es95").estimate.value;
            row.push_back(loss == nullptr ? "–" : std::isnan(tail) ? "few" : money(tail));
        }
        table.append(std::move(row));
    };
    const auto is_nothing = [](const BookPosition& position) {
        return position.rows == 0 && !position.missing.empty();
    };
    const std::vector<BookPosition>& positions = scenarios.front().book.positions;
    for (std::size_t at = 0; at < positions.size(); ++at) {
        cells(positions[at].name, [&](const StressedScenario& of) {
            return is_nothing(of.book.positions[at]) ? nullptr : &of.risk.parts[at].loss;
        });
    }
    const auto of_all = [&](const ColumnSummary PortfolioRisk::*summary) {
        return [&is_nothing, summary](const StressedScenario& of) {
            return std::ranges::all_of(of.book.positions, is_nothing) ? nullptr
                                                                      : &(of.risk.*summary);
        };
    };
    cells("all", of_all(&PortfolioRisk::loss));
    cells("largest drawdown", of_all(&PortfolioRisk::drawdown));
    return text + "\n" + table.text("  ")
           + "\n–: the scenario has nothing of what the position names, and \"all\" is of the others.\n"
             "few: under 20 trials in the tail, too few for a figure.\n";
}

}  // namespace chokepoint
