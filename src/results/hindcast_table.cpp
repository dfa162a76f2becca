#include "chokepoint/results/hindcast_table.hpp"

#include "csv_lines.hpp"

#include <cmath>
#include <limits>
#include <string_view>

namespace chokepoint {
namespace {

constexpr double empty_cell = std::numeric_limits<double>::quiet_NaN();

const char* series_name(RecordSeries series)
{
    switch (series) {
        case RecordSeries::price:
            return "price";
        case RecordSeries::exports:
            return "exports";
        case RecordSeries::imports:
            return "imports";
        case RecordSeries::consumption:
            break;
    }
    return "consumption";
}

const char* kind_name(RecordKind kind)
{
    switch (kind) {
        case RecordKind::mean:
            return "mean";
        case RecordKind::spot:
            return "spot";
        case RecordKind::peak:
            return "peak";
        case RecordKind::total:
            break;
    }
    return "total";
}

/// `YYYY-MM` of a date.
std::string month_of(const Date& date)
{
    return to_string(date).substr(0, std::string_view("YYYY-MM").size());
}

const char* unit_of(const RecordPoint& point)
{
    return point.series == RecordSeries::price ? "USD/kg" : "t";
}

/// A text as a field: in quotes where it must be.
std::string field(const std::string& text)
{
    if (text.find_first_of(",\"\n\r") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char letter : text) {
        quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    }
    return quoted + '"';
}

/// What identifies a row, before its figures.
struct RowHead {
    const char* figure;
    std::string series, commodity, region, counterpart, from, until, kind, unit;
};

RowHead head_of(const char* figure, const RecordPoint& point)
{
    return {figure,
            series_name(point.series),
            point.commodity,
            point.region,
            point.counterpart,
            month_of(point.from),
            month_of(point.until),
            kind_name(point.kind),
            unit_of(point)};
}

class Table {
public:
    explicit Table(const Hindcast& hindcast) : hindcast_(hindcast) {}

    std::string text()
    {
        for (const PointScore& score : hindcast_.points) {
            row(head_of("point", *score.point), score.seen, &score.forecast, score.crps,
                score.crps_no_model, *score.point, "");
        }
        for (const PeakScore& peak : hindcast_.peaks) {
            RowHead head{"peak",
                         "price",
                         peak.commodity,
                         peak.area,
                         "",
                         month_of(peak.from),
                         month_of(peak.until),
                         "peak",
                         "USD/kg"};
            row(head, peak.seen, &peak.height, empty_cell, empty_cell, {}, "");
            head.figure = "peak_month";
            head.unit = "month";
            row(head, empty_cell, &peak.month, empty_cell, empty_cell, {}, "");
        }
        for (const GapScore& gap : hindcast_.gaps) {
            row({"gap", "price", gap.commodity, gap.dear, gap.cheap, month_of(gap.from), "", "",
                 "ratio"},
                gap.seen, &gap.forecast, empty_cell, empty_cell, {}, "");
        }
        for (const LeftOutPoint& point : hindcast_.left_out) {
            row(head_of("left_out", *point.point), point.point->value, nullptr, empty_cell, empty_cell,
                *point.point, point.reason);
        }
        return lines_.take();
    }

private:
    void row(const RowHead& head, double seen, const Spread* spread, double crps,
             double crps_no_model, const RecordPoint& point, const std::string& reason)
    {
        const Spread nothing{.median = empty_cell,
                             .range50 = {empty_cell, empty_cell},
                             .range80 = {empty_cell, empty_cell},
                             .range95 = {empty_cell, empty_cell}};
        const Spread& of = spread != nullptr ? *spread : nothing;
        lines_.append("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
                      head.figure, head.series, head.commodity, head.region, head.counterpart,
                      head.from, head.until, head.kind, head.unit, Cell{seen}, Cell{of.median},
                      Cell{of.range95[0]}, Cell{of.range80[0]}, Cell{of.range50[0]},
                      Cell{of.range50[1]}, Cell{of.range80[1]}, Cell{of.range95[1]}, Cell{crps},
                      Cell{crps_no_model}, hindcast_.trials, field(point.status),
                      field(point.source), field(reason));
    }

    const Hindcast& hindcast_;
    Lines lines_{
        "figure,series,commodity,region,counterpart,from,until,kind,unit,seen,median,p2.5,p10,"
        "p25,p75,p90,p97.5,crps_log,crps_log_no_model,n,status,source,left_out"};
};

}  // namespace

std::string hindcast_csv(const Hindcast& hindcast)
{
    return Table(hindcast).text();
}

std::string scores_csv(const std::vector<Hindcast>& hindcasts)
{
    Lines lines(
        "scenario,series,points,in50,in80,in95,width80_ratio,crps_log,crps_log_no_model,"
        "crps_ratio,enough_points_for_skill,trials");
    const auto append = [&](const Hindcast& hindcast, const char* series,
                            const Coverage& coverage) {
        const auto count = [&](std::size_t inside, double beyond) {
            return Cell{has_range(hindcast.trials, beyond) ? static_cast<double>(inside)
                                                           : empty_cell};
        };
        lines.append("{},{},{},{},{},{},{},{},{},{},{},{}", field(hindcast.scenario), series,
                     coverage.points, count(coverage.in50, 0.25), count(coverage.in80, 0.1),
                     count(coverage.in95, 0.025), Cell{coverage.width80}, Cell{coverage.crps},
                     Cell{coverage.crps_no_model}, Cell{coverage.skill_ratio()},
                     coverage.points >= least_points_for_skill, hindcast.trials);
    };
    for (const Hindcast& hindcast : hindcasts) {
        append(hindcast, "price", hindcast.prices);
        append(hindcast, "volume", hindcast.volumes);
    }
    return lines.take();
}

}  // namespace chokepoint
