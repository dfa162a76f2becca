#include "chokepoint/results/portfolio_files.hpp"

#include "csv_lines.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace chokepoint {
namespace {

bool is_default(const BookPart& part)
{
    return part.kind == BookPart::Kind::loan_default
           || part.kind == BookPart::Kind::calm_default;
}

const char* scope_of(BookPart::Kind kind)
{
    switch (kind) {
        case BookPart::Kind::position:
            return "position";
        case BookPart::Kind::desk:
            return "desk";
        case BookPart::Kind::commodity:
            return "commodity";
        case BookPart::Kind::loan_default:
            return "loan_default";
        case BookPart::Kind::calm_default:
            return "loan_default_undisturbed";
    }
    return "";
}

std::string desk_of(const Book& book, const BookPart& part)
{
    const bool is_position = part.kind == BookPart::Kind::position || is_default(part);
    return is_position && book.positions[part.index].desk
               ? book.desks[*book.positions[part.index].desk].name
               : "";
}

std::string type_of(const Book& book, const BookPart& part)
{
    const bool is_position = part.kind == BookPart::Kind::position || is_default(part);
    return is_position ? to_string(book.positions[part.index].kind) : "";
}

void append_figure(Lines& lines, const std::string& beginning, const Column& column,
                   const Figure& figure)
{
    const bool is_share =
        figure.statistic.starts_with("probability") || figure.statistic == "parameter_share";
    const bool has_no_unit = figure.statistic == "skew" || figure.statistic == "tail_index";
    lines.append("{}{},{},{},{},{},{}", beginning,
                 is_share      ? std::string("share")
                 : has_no_unit ? std::string("1")
                               : column.unit,
                 figure.statistic, Cell{figure.estimate.value}, Cell{figure.estimate.lower},
                 Cell{figure.estimate.upper}, figure.n);
}

void append_column(Lines& lines, const std::string& beginning, const ColumnSummary& summary)
{
    for (const Figure& figure : summary.figures) {
        append_figure(lines, beginning, summary.column, figure);
    }
}

/// Of a default only how likely it is.
void append_default(Lines& lines, const std::string& beginning, const ColumnSummary& summary)
{
    Figure figure = summary.figure("mean");
    figure.statistic = "probability_of_default";
    append_figure(lines, beginning, summary.column, figure);
}

}  // namespace

std::string portfolio_csv(const Book& book, const PortfolioRisk& risk,
                          const std::string& policy)
{
    const std::string of_policy = csv_text(policy);
    Lines lines("policy,scope,name,desk,type,unit,statistic,value,lower,upper,n");
    append_column(lines, fmt::format("{},total,all,,,", of_policy), risk.loss);
    append_column(lines, fmt::format("{},drawdown,all,,,", of_policy), risk.drawdown);
    for (const PartRisk& part : risk.parts) {
        const std::string beginning =
            fmt::format("{},{},{},{},{},", of_policy, scope_of(part.part.kind), part.name,
                        desk_of(book, part.part), type_of(book, part.part));
        if (is_default(part.part)) {
            append_default(lines, beginning, part.loss);
        } else {
            append_column(lines, beginning, part.loss);
        }
    }
    return lines.take();
}

std::string contributions_csv(const Book& book, const PortfolioRisk& risk,
                              const std::string& policy)
{
    const std::string of_policy = csv_text(policy);
    Lines lines("policy,scope,name,desk,type,unit,statistic,value,lower,upper,share,n");
    for (const PartRisk& part : risk.parts) {
        if (is_default(part.part)) {
            continue;
        }
        const std::string beginning =
            fmt::format("{},{},{},{},{},usd,", of_policy, scope_of(part.part.kind), part.name,
                        desk_of(book, part.part), type_of(book, part.part));
        for (const EsContribution& of : part.contributions) {
            const Estimate& es = of.es.estimate;
            lines.append("{}{}_contribution,{},{},{},{},{}", beginning, of.es.statistic,
                         Cell{es.value}, Cell{es.lower}, Cell{es.upper}, Cell{of.share},
                         of.es.n);
            const Estimate& without = of.without.estimate;
            if (part.part.kind == BookPart::Kind::position) {
                lines.append("{}{}_change_without,{},{},{},,{}", beginning, of.es.statistic,
                             Cell{without.value}, Cell{without.lower}, Cell{without.upper},
                             of.without.n);
            }
        }
    }
    return lines.take();
}

std::string reverse_stress_csv(const ReverseStress& stress, const std::string& policy)
{
    const std::string of_policy = csv_text(policy);
    Lines lines("policy,kind,name,type,cause,statistic,value,lower,upper,n");
    lines.append("{},limit,{},,,loss_usd,{},,,{}", of_policy, stress.metric, stress.limit,
                 stress.trials);
    lines.append("{},limit,{},,,trials_beyond,{},,,{}", of_policy, stress.metric, stress.beyond,
                 stress.trials);
    const auto append = [&](const std::string& beginning, const Figure& figure) {
        lines.append("{}{},{},{},{},{}", beginning, figure.statistic,
                     Cell{figure.estimate.value}, Cell{figure.estimate.lower},
                     Cell{figure.estimate.upper}, figure.n);
    };
    for (const EventLift& lift : stress.events) {
        const std::string beginning =
            fmt::format("{},event,{},{},{},", of_policy, lift.name, lift.type, lift.cause);
        for (const Figure* figure : {&lift.beyond, &lift.all, &lift.lift}) {
            append(beginning, *figure);
        }
        lines.append("{}events_beyond,{},,,{}", beginning, lift.events_beyond, stress.beyond);
        lines.append("{}events,{},,,{}", beginning, lift.events_all, stress.trials);
        lines.append("{}is_told,{},,,{}", beginning, lift.is_told ? 1 : 0, stress.beyond);
    }
    for (const ParameterShift& number : stress.numbers) {
        const std::string beginning =
            fmt::format("{},number,{},,,", of_policy, csv_text(number.path));
        append(beginning, number.shift);
        lines.append("{}mean_beyond,{},,,{}", beginning, number.mean_beyond, stress.beyond);
        lines.append("{}mean,{},,,{}", beginning, number.mean_all, stress.trials);
    }
    for (const BreachingTrial& trial : stress.mildest) {
        const std::string beginning = fmt::format("{},trial,{},,,", of_policy, trial.trial);
        lines.append("{}loss_usd,{},,,1", beginning, trial.loss);
        lines.append("{}event_months,{},,,1", beginning, trial.event_months);
    }
    return lines.take();
}

std::string stress_csv(const std::vector<StressedScenario>& scenarios)
{
    constexpr std::array<std::string_view, 6> told = {"mean", "p50",  "var95",
                                                      "es95", "es99", "probability_above"};
    Lines lines("scenario,scope,name,desk,type,unit,statistic,value,lower,upper,n,missing");
    for (const StressedScenario& of : scenarios) {
        const auto append = [&](const std::string& beginning, const ColumnSummary& loss,
                                const std::string& missing) {
            for (const Figure& figure : loss.figures) {
                const bool is_told = std::ranges::any_of(told, [&](std::string_view name) {
                    return figure.statistic == name
                           || (name == told.back() && figure.statistic.starts_with(name));
                });
                if (is_told) {
                    lines.append("{}{},{},{},{},{},{},{}", beginning,
                                 figure.statistic.starts_with("prob") ? "share" : "usd",
                                 figure.statistic, Cell{figure.estimate.value},
                                 Cell{figure.estimate.lower}, Cell{figure.estimate.upper},
                                 figure.n, missing);
                }
            }
        };
        const std::string scenario = csv_text(of.scenario);
        append(fmt::format("{},total,all,,,", scenario), of.risk.loss, "");
        append(fmt::format("{},drawdown,all,,,", scenario), of.risk.drawdown, "");
        for (const PartRisk& part : of.risk.parts) {
            if (is_default(part.part)) {
                continue;
            }
            std::string missing;
            if (part.part.kind == BookPart::Kind::position) {
                missing = csv_text(fmt::format(
                    "{}", fmt::join(of.book.positions[part.part.index].missing, "; ")));
            }
            append(fmt::format("{},{},{},{},{},", scenario, scope_of(part.part.kind), part.name,
                               desk_of(of.book, part.part), type_of(of.book, part.part)),
                   part.loss, missing);
        }
    }
    return lines.take();
}

}  // namespace chokepoint
