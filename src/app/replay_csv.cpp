#include "chokepoint/app/replay.hpp"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// A ratio in full precision; nothing where there is none.
std::string csv_cell(double ratio)
{
    return std::isnan(ratio) ? "" : fmt::format("{}", ratio);
}

}  // namespace

std::string replay_csv(const Replay& replay)
{
    std::string text =
        "month,commodity,region,price_ratio,price_impact,quoted_ratio,need_t,served_t,"
        "shortfall_t,"
        "stock_t,exports_t\n";
    for (const MonthRow& row : replay.months) {
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{},{},{},{},{}\n",
                       row.month, row.commodity, row.region, csv_cell(row.price),
                       csv_cell(row.impact), csv_cell(row.quoted), row.need_t, row.served_t,
                       row.shortfall_t, row.stock_t, row.exports_t);
    }
    return text;
}

}  // namespace chokepoint
