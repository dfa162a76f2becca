#include "csv_tables.hpp"

#include "csv_lines.hpp"

#include <cmath>

namespace chokepoint {
namespace {

bool is_probability(const Figure& figure)
{
    return figure.statistic.starts_with("probability");
}

/// Shares of trials, and what has no unit, whatever the column's is.
const char* unit_of(const Figure& figure, const Column& column)
{
    if (is_probability(figure) || figure.statistic == "parameter_share") {
        return "share";
    }
    const bool has_none = figure.statistic == "skew" || figure.statistic == "tail_index";
    return has_none ? "1" : column.unit.c_str();
}

}  // namespace

std::string metrics_csv(const RunSummary& summary)
{
    const std::string policy = csv_text(summary.policy);
    Lines lines("policy,metric,commodity,region,unit,statistic,value,lower,upper,n");
    for (const ColumnSummary& column : summary.columns) {
        for (const Figure& figure : column.figures) {
            lines.append("{},{},{},{},{},{},{},{},{},{}", policy, column.column.metric,
                         column.column.commodity, column.column.region,
                         unit_of(figure, column.column), figure.statistic,
                         Cell{figure.estimate.value}, Cell{figure.estimate.lower},
                         Cell{figure.estimate.upper}, figure.n);
        }
    }
    return lines.take();
}

std::string histograms_csv(const RunSummary& summary)
{
    const std::string policy = csv_text(summary.policy);
    Lines lines("policy,metric,commodity,region,unit,from,to,share,lower,upper");
    for (const Histogram& histogram : summary.histograms) {
        for (const Histogram::Bin& bin : histogram.bins) {
            lines.append("{},{},{},{},{},{},{},{},{},{}", policy, histogram.column.metric,
                         histogram.column.commodity, histogram.column.region,
                         histogram.column.unit, bin.from, bin.to, Cell{bin.share.value},
                         Cell{bin.share.lower}, Cell{bin.share.upper});
        }
    }
    return lines.take();
}

std::string exceedance_csv(const RunSummary& summary)
{
    const std::string policy = csv_text(summary.policy);
    Lines lines(
        "policy,metric,commodity,region,unit,basis,year,return_period,value,lower,upper,n");
    for (const ExceedanceCurve& curve : summary.exceedance) {
        const std::string beginning =
            fmt::format("{},{},{},{},{},{},{},", policy, curve.metric, curve.commodity,
                        curve.region, curve.unit, basis_name(curve.basis),
                        curve.year ? fmt::format("{}", *curve.year) : std::string("all"));
        for (const ExceedancePoint& point : curve.points) {
            const Estimate& estimate = point.figure.estimate;
            lines.append("{}{},{},{},{},{}", beginning, point.return_period,
                         Cell{estimate.value}, Cell{estimate.lower}, Cell{estimate.upper},
                         point.figure.n);
        }
    }
    return lines.take();
}

std::string paths_csv(const Model& model, const RunSummary& summary)
{
    const std::string policy = csv_text(model.policy);
    Lines lines("policy,series,commodity,region,month,unit,statistic,value,lower,upper");
    for (const BandSummary& band : summary.bands) {
        const Series& series = summary.series[band.series];
        const std::string beginning =
            fmt::format("{},{},{},{},{},{},", policy, series.series, series.commodity,
                        series.region, month_label(model.start, band.month), series.unit);
        for (const Figure& figure : band.figures) {
            lines.append_to(beginning, figure.statistic, figure.estimate);
        }
    }
    return lines.take();
}

std::string chokepoints_csv(const Model& model, const std::vector<Chokepoint>& chokepoints)
{
    const std::string policy = csv_text(model.policy);
    Lines lines(
        "policy,commodity,layer,from,to,p_binding,marginal_value_usd_per_t,"
        "marginal_value_tail_usd_per_t,rent_usd,kind,p_ever_binding,flow_t_per_month,"
        "p_binding_lower,p_binding_upper,marginal_value_lower,marginal_value_upper,"
        "marginal_value_tail_lower,marginal_value_tail_upper,rent_lower,rent_upper,n,n_tail,"
        "tax_revenue_usd,tax_revenue_lower,tax_revenue_upper");
    for (const Chokepoint& row : chokepoints) {
        const Estimate& binding = row.binding.estimate;
        const Estimate& value = row.marginal_value.estimate;
        const Estimate& tail = row.tail_marginal_value.estimate;
        const Estimate& rent = row.rent.estimate;
        const Estimate& tax = row.tax_revenue.estimate;
        lines.append(
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            policy, model.commodities[row.arc.commodity.index()].name,
            model.stages[row.arc.stage.index()], model.regions[row.arc.from.index()],
            arc_target(model, row.arc), Cell{binding.value}, Cell{value.value},
            Cell{tail.value}, Cell{rent.value}, kind_name(row.arc.kind),
            Cell{row.ever_binding.estimate.value}, Cell{row.flow.estimate.value},
            Cell{binding.lower}, Cell{binding.upper}, Cell{value.lower}, Cell{value.upper},
            Cell{tail.lower}, Cell{tail.upper}, Cell{rent.lower}, Cell{rent.upper},
            row.binding.n, row.tail_marginal_value.n, Cell{tax.value}, Cell{tax.lower},
            Cell{tax.upper});
    }
    return lines.take();
}

std::string events_csv(const RunSummary& summary)
{
    const std::string policy = csv_text(summary.policy);
    Lines lines("policy,type,cause,name,figure,unit,statistic,value,lower,upper,n");
    const auto append = [&](const EventTally& tally, const char* figure, const char* unit,
                            const Moments& moments) {
        if (moments.count == 0) {
            return;
        }
        const Estimate mean = normal_estimate(
            moments.mean, moments.standard_error() / std::sqrt(summary.worth_of_copies));
        lines.append("{},{},{},{},{},{},mean,{},{},{},{}", policy, tally.type, tally.cause,
                     tally.name, figure, unit, Cell{mean.value}, Cell{mean.lower},
                     Cell{mean.upper}, moments.count);
        lines.append("{},{},{},{},{},{},sd,{},,,{}", policy, tally.type, tally.cause,
                     tally.name, figure, unit, Cell{moments.sd()}, moments.count);
    };
    for (const EventTally& tally : summary.events) {
        append(tally, "events_per_trial", "events", tally.per_trial);
        append(tally, "duration", "months", tally.duration_months);
        append(tally, "severity", tally.type == "price_jump" ? "ln_ratio" : "share",
               tally.severity);
    }
    return lines.take();
}

}  // namespace chokepoint
