#include "chokepoint/results/trial_table.hpp"

#include "chokepoint/support/elementary.hpp"
#include "csv_lines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// The losses of a year, in the order of the table's columns, and what they are undisturbed.
struct YearLoss {
    const char* metric;
    Basis basis;
    double undisturbed;
};
constexpr std::array year_losses = {YearLoss{"shortfall", Basis::aggregate, 0},
                                    YearLoss{"shortfall", Basis::occurrence, 0},
                                    YearLoss{"shortfall_share", Basis::aggregate, 0},
                                    YearLoss{"shortfall_share", Basis::occurrence, 0},
                                    YearLoss{"price_impact", Basis::occurrence, 1},
                                    YearLoss{"extra_bill", Basis::aggregate, 0},
                                    YearLoss{"extra_bill", Basis::occurrence, 0}};

std::size_t column_of(const std::vector<Column>& columns, const Column& like,
                      const YearLoss& loss)
{
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
        return column.year && column.metric == loss.metric && column.year->basis == loss.basis
               && column.year->year == like.year->year && column.commodity == like.commodity
               && column.region == like.region;
    });
    if (found == columns.end()) {
        throw std::logic_error(fmt::format("YearTable: no {} of a year", loss.metric));
    }
    return static_cast<std::size_t>(found - columns.begin());
}

/// How much a trial weighs: 1 if it was sampled plainly.
double weight_of(const FinishedTrials& trials, std::uint64_t place)
{
    return trials.log_weights.empty() ? 1 : portable_exp(trials.log_weights[place]);
}

}  // namespace

YearTable::YearTable(const std::filesystem::path& file, const std::vector<Column>& columns,
                     const std::string& policy)
    : file_(file), policy_(csv_text(policy))
{
    for (const Column& column : columns) {
        if (!column.year || column.metric != year_losses[0].metric
            || column.year->basis != year_losses[0].basis) {
            continue;
        }
        Row row{.commodity = column.commodity,
                .area = column.region,
                .unit = column.unit,
                .year = column.year->year,
                .columns = {}};
        for (const YearLoss& loss : year_losses) {
            row.columns.push_back(column_of(columns, column, loss));
        }
        rows_.push_back(std::move(row));
    }
    file_.append(
        "policy,trial,year,commodity,region,unit,shortfall,shortfall_worst_month,"
        "shortfall_share,shortfall_share_worst_month,price_impact_worst_month,extra_bill_usd,"
        "extra_bill_worst_month_usd,weight\n");
}

void YearTable::take(const FinishedTrials& trials)
{
    Lines lines;
    for (std::uint64_t place = 0; place < trials.count; ++place) {
        const auto value = [&](const Row& row, std::size_t loss) {
            return trials.values[row.columns[loss] * trials.count + place];
        };
        for (const Row& row : rows_) {
            bool is_disturbed = false;
            for (std::size_t loss = 0; loss < year_losses.size(); ++loss) {
                is_disturbed =
                    is_disturbed || value(row, loss) != year_losses[loss].undisturbed;
            }
            if (is_disturbed) {
                lines.append("{},{},{},{},{},{},{},{},{},{},{},{},{},{}", policy_,
                             trials.first + place, row.year, row.commodity, row.area, row.unit,
                             value(row, 0), value(row, 1), value(row, 2), value(row, 3),
                             value(row, 4), value(row, 5), value(row, 6),
                             weight_of(trials, place));
            }
        }
    }
    file_.append(lines.take());
}

EpisodeTable::EpisodeTable(const std::filesystem::path& file, const Model& model)
    : file_(file), model_(model), users_(users_of(model))
{
    file_.append(
        "policy,trial,commodity,region,from,months,is_open,unit,shortfall,worst_month_share,"
        "price_peak,weight\n");
}

void EpisodeTable::take(const FinishedTrials& trials)
{
    Lines lines;
    for (const Episode& episode : trials.episodes) {
        const Users& users = users_[episode.users];
        lines.append("{},{},{},{},{},{},{},{},{},{},{},{}", csv_text(model_.policy),
                     episode.trial, users.commodity, users.area,
                     month_label(model_.start, episode.first_month), episode.months,
                     episode.is_open ? 1 : 0, users.use_all ? "usd" : "t", episode.shortfall,
                     episode.worst_share, episode.price_peak,
                     weight_of(trials, episode.trial - trials.first));
    }
    file_.append(lines.take());
}

}  // namespace chokepoint
