#include "chokepoint/metrics/shortfall_meter.hpp"

#include "chokepoint/market/state.hpp"
#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/lanes.hpp"
#include "chokepoint/market/rows.hpp"
#include "chokepoint/support/lane_rows.hpp"
#include "year_columns.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace chokepoint {
namespace {

constexpr std::size_t figures_per_area = 5;
constexpr std::uint64_t months_to_recover = 3;

/// What is counted of the months of an area, in one word. The lowest two bits: months since the
/// last above the threshold; the next 30: months since the first above it, that one included.
/// Neither counts on once three months in a row were calm. The upper half: months above.
using MonthCounts = std::uint64_t;
constexpr MonthCounts calm_bits = 3;
constexpr int spell_shift = 2, above_shift = 32;

[[gnu::always_inline]] inline MonthCounts count_month(MonthCounts counts, bool is_above)
{
    constexpr MonthCounts lower_half = (MonthCounts{1} << above_shift) - 1;
    constexpr MonthCounts spell_month = MonthCounts{1} << spell_shift;
    const MonthCounts spell = counts & lower_half;
    const MonthCounts if_above = (spell & ~calm_bits) + spell_month;
    const MonthCounts if_calm = spell > 0 ? spell + spell_month + 1 : 0;
    const MonthCounts next = is_above ? if_above : if_calm;
    const MonthCounts now = (spell & calm_bits) == months_to_recover ? spell : next;
    return (counts - spell) + now + (is_above ? MonthCounts{1} << above_shift : 0);
}

double months_above(MonthCounts counts)
{
    return static_cast<double>(counts >> above_shift);
}

double months_to_recovery(MonthCounts counts)
{
    const auto spell = static_cast<std::uint32_t>(counts);
    const bool has_recovered = (spell & calm_bits) == months_to_recover;
    if (spell > 0 && !has_recovered) {
        return std::numeric_limits<double>::infinity();
    }
    return has_recovered ? static_cast<double>((spell >> spell_shift) - months_to_recover) : 0;
}

/// Equation (25) of one cell.
CHOKEPOINT_LANE_LOOPS
void find_shortfall(std::size_t lanes, const double* __restrict reference_consumption,
                    const double* __restrict need_factor, const double* __restrict consumption,
                    double* __restrict need, double* __restrict shortfall)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        need[lane] = reference_consumption[lane] * need_factor[lane];
        const double gap = need[lane] - consumption[lane];
        shortfall[lane] = gap > 0 ? gap : 0;
    }
}

/// The same where users may go over to something else.
CHOKEPOINT_LANE_LOOPS
void find_shortfall_beside_substitutes(std::size_t lanes,
                                       const double* __restrict reference_consumption,
                                       const double* __restrict need_factor,
                                       const double* __restrict consumption,
                                       const double* __restrict substituted,
                                       const double* __restrict reference_substituted,
                                       double* __restrict need, double* __restrict shortfall)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        need[lane] = reference_consumption[lane] * need_factor[lane];
        const double replaced = replaced_share(substituted[lane], reference_substituted[lane]);
        const double gap = need[lane] - (consumption[lane] + need[lane] * replaced);
        shortfall[lane] = gap > 0 ? gap : 0;
    }
}

/// Some cells of a group: their rows of what they need and lack.
struct NeedyCells {
    static constexpr std::size_t at_once = 4;
    std::size_t count;  ///< `at_once` or 1
    const double* usd_per_t[at_once];
    const double* need[at_once];
    const double* shortfall[at_once];
};

/// Adds to the sums of a group, in tonnes or in USD. Several cells at once, since fetching a
/// sum takes longer than adding to it.
template <std::size_t cells, bool in_usd>
[[gnu::always_inline]] inline void add_cells(std::size_t lanes, const NeedyCells& of,
                                             double* __restrict need_sum,
                                             double* __restrict shortfall_sum)
{
    const NeedyCells rows = of;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        double need = need_sum[lane];
        double shortfall = shortfall_sum[lane];
        for (std::size_t cell = 0; cell < cells; ++cell) {
            const double factor = in_usd ? rows.usd_per_t[cell][lane] : 1;
            need += factor * rows.need[cell][lane];
            shortfall += factor * rows.shortfall[cell][lane];
        }
        need_sum[lane] = need;
        shortfall_sum[lane] = shortfall;
    }
}

CHOKEPOINT_LANE_LOOPS
void add_cells_in_tonnes(std::size_t lanes, const NeedyCells& of, double* __restrict need_sum,
                         double* __restrict shortfall_sum)
{
    if (of.count == NeedyCells::at_once) {
        add_cells<NeedyCells::at_once, false>(lanes, of, need_sum, shortfall_sum);
    } else {
        add_cells<1, false>(lanes, of, need_sum, shortfall_sum);
    }
}

CHOKEPOINT_LANE_LOOPS
void add_cells_in_usd(std::size_t lanes, const NeedyCells& of, double* __restrict need_sum,
                      double* __restrict shortfall_sum)
{
    if (of.count == NeedyCells::at_once) {
        add_cells<NeedyCells::at_once, true>(lanes, of, need_sum, shortfall_sum);
    } else {
        add_cells<1, true>(lanes, of, need_sum, shortfall_sum);
    }
}

CHOKEPOINT_LANE_LOOPS
void divide_stock(std::size_t lanes, const double* __restrict stock,
                  const double* __restrict need, double* __restrict cover)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        cover[lane] = need[lane] > 0 ? stock[lane] / need[lane] : 0;
    }
}

/// Another month of an area.
CHOKEPOINT_LANE_LOOPS
void follow_shortfall(std::size_t lanes, double threshold, const double* __restrict need,
                      const double* __restrict shortfall, double* __restrict share,
                      double* __restrict total_need, double* __restrict total_shortfall,
                      double* __restrict worst_share, MonthCounts* __restrict counts)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const double now = need[lane] > 0 ? shortfall[lane] / need[lane] : 0;
        share[lane] = now;
        total_need[lane] += need[lane];
        total_shortfall[lane] += shortfall[lane];
        worst_share[lane] = worst_share[lane] < now ? now : worst_share[lane];
        counts[lane] = count_month(counts[lane], now > threshold);
    }
}

/// Another month of an area's year.
CHOKEPOINT_LANE_LOOPS
void follow_year(std::size_t lanes, const double* __restrict need,
                 const double* __restrict shortfall, const double* __restrict share,
                 double* __restrict year_need, double* __restrict year_shortfall,
                 double* __restrict worst, double* __restrict worst_share)
{
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        year_need[lane] += need[lane];
        year_shortfall[lane] += shortfall[lane];
        worst[lane] = worst[lane] < shortfall[lane] ? shortfall[lane] : worst[lane];
        worst_share[lane] = worst_share[lane] < share[lane] ? share[lane] : worst_share[lane];
    }
}

class ShortfallMeter final : public Meter {
public:
    explicit ShortfallMeter(const Model& model);

    std::vector<Column> columns() const override;
    std::vector<Series> series() const override;
    std::unique_ptr<Gauge> gauge() const override;

private:
    class ShortfallGauge;

    bool keep_stock(const Users& users) const;

    const Model& model_;
    std::vector<Users> users_;             ///< By area.
    std::vector<std::size_t> used_cells_;  ///< Those with users.
    /// By area: the places of what it uses and of its stock cover among the series; 0 of those
    /// that have none.
    std::vector<std::size_t> consumption_series_, cover_series_;
    std::size_t months_, years_;
};

ShortfallMeter::ShortfallMeter(const Model& model)
    : model_(model),
      users_(users_of(model)),
      months_(static_cast<std::size_t>(model.months)),
      years_(years_of(model))
{
    for (std::size_t cell = 0; cell < model.cells(); ++cell) {
        if (model.demand[cell] != zero_slot) {
            used_cells_.push_back(cell);
        }
    }
    std::size_t next_series = users_.size();
    for (const Users& users : users_) {
        consumption_series_.push_back(users.use_all ? 0 : next_series++);
    }
    for (const Users& users : users_) {
        cover_series_.push_back(keep_stock(users) ? next_series++ : 0);
    }
}

std::vector<Column> ShortfallMeter::columns() const
{
    std::vector<Column> columns;
    for (const Users& users : users_) {
        columns.push_back({"shortfall_total", users.commodity, users.area,
                           users.use_all ? "usd" : "t",
                           "need that is not served, summed over the horizon"});
        columns.push_back({.metric = "shortfall_share",
                           .commodity = users.commodity,
                           .region = users.area,
                           .unit = "share",
                           .sentence = "need that is not served, as a share of all need",
                           .thresholds = {0.01, 0.05, 0.10, 0.20}});
        columns.push_back({"shortfall_worst_month_share", users.commodity, users.area, "share",
                           "largest share of a month's need that is not served"});
        columns.push_back({"shortfall_months_above", users.commodity, users.area, "months",
                           "months whose shortfall passes thresholds.shortfall_share"});
        columns.push_back({.metric = "recovery_months",
                           .commodity = users.commodity,
                           .region = users.area,
                           .unit = "months",
                           .sentence =
                               "months from the first above the threshold to the first of "
                               "three below it; 0 if none is above",
                           .horizon = static_cast<double>(months_)});
    }
    for (const Users& users : users_) {
        const char* unit = users.use_all ? "usd" : "t";
        append_years({.metric = "shortfall",
                      .commodity = users.commodity,
                      .region = users.area,
                      .unit = unit,
                      .sentence = "need of a year, or of its worst month, that is not served"},
                     {Basis::occurrence, Basis::aggregate}, years_, columns);
        append_years({.metric = "shortfall_share",
                      .commodity = users.commodity,
                      .region = users.area,
                      .unit = "share",
                      .sentence = "the same as a share of need"},
                     {Basis::occurrence, Basis::aggregate}, years_, columns);
    }
    return columns;
}

std::vector<Series> ShortfallMeter::series() const
{
    std::vector<Series> series;
    for (const Users& users : users_) {
        series.push_back({"shortfall_share", users.commodity, users.area, "share",
                          "need of the month that is not served"});
    }
    for (const Users& users : users_) {
        if (!users.use_all) {
            series.push_back({"consumption", users.commodity, users.area, "t_per_month",
                              "what users use"});
        }
    }
    for (const Users& users : users_) {
        if (keep_stock(users)) {
            series.push_back({"stock_cover", users.commodity, users.area, "months",
                              "users' stock in months of need"});
        }
    }
    return series;
}

/// Whether there is stock to report; that of all commodities adds up to nothing.
bool ShortfallMeter::keep_stock(const Users& users) const
{
    return !users.use_all
           && std::any_of(users.cells.begin(), users.cells.end(),
                          [&](std::size_t cell) { return model_.stock_policy_of[cell] >= 0; });
}

class ShortfallMeter::ShortfallGauge final : public Gauge {
public:
    explicit ShortfallGauge(const ShortfallMeter& meter) : meter_(meter) {}

    void start(std::span<const LaneTrial> trials) override;
    void add(const LaneMonth& month, std::span<double> series) override;
    void finish(std::span<double> figures) override;

private:
    /// An area's month: a cell's own, or the sum over a group.
    struct Sums {
        const double* need;
        const double* shortfall;
    };

    void find_shortfalls(const LaneMonth& month);
    Sums sum_over(const Users& users);
    void sum_tonnes(const Users& users, std::span<const double> by_cell, double* sum) const;
    void write_figures(std::size_t area, double* figures) const;

    const ShortfallMeter& meter_;
    std::size_t lanes_ = 0;
    LaneRows usd_per_t_;                                   ///< By cell.
    LaneRows need_, shortfall_;                            ///< By cell, of the month.
    LaneRows total_need_, total_shortfall_, worst_share_;  ///< By area.
    RowsByLane<MonthCounts> counts_;                       ///< By area.
    /// By area and year: sums, and the largest of a month.
    LaneRows year_need_, year_shortfall_, year_worst_, year_worst_share_;
    LaneRows group_need_, group_shortfall_, group_stock_;  ///< One row: of the group at work.
};

std::unique_ptr<Gauge> ShortfallMeter::gauge() const
{
    return std::make_unique<ShortfallGauge>(*this);
}

void ShortfallMeter::ShortfallGauge::start(std::span<const LaneTrial> trials)
{
    const Model& model = meter_.model_;
    lanes_ = trials.size();
    for (LaneRows* by_cell : {&usd_per_t_, &need_, &shortfall_}) {
        by_cell->reset(model.cells(), lanes_);
    }
    for (LaneRows* by_area : {&total_need_, &total_shortfall_, &worst_share_}) {
        by_area->reset(meter_.users_.size(), lanes_);
    }
    counts_.reset(meter_.users_.size(), lanes_);
    for (LaneRows* by_year :
         {&year_need_, &year_shortfall_, &year_worst_, &year_worst_share_}) {
        by_year->reset(meter_.users_.size() * meter_.years_, lanes_);
    }
    for (LaneRows* of_group : {&group_need_, &group_shortfall_, &group_stock_}) {
        of_group->reset(1, lanes_);
    }
    for (const std::size_t cell : meter_.used_cells_) {
        const CommodityId commodity(cell / model.regions.size());
        const RegionId region(cell % model.regions.size());
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            usd_per_t_[cell][lane] =
                usd_per_tonne(model, trials[lane].parameters->values, commodity, region);
        }
    }
}

void ShortfallMeter::ShortfallGauge::find_shortfalls(const LaneMonth& month)
{
    const RunMonth& reference = month.reference;
    const RunMonth& disrupted = month.disrupted;
    for (const std::size_t cell : meter_.used_cells_) {
        const std::size_t at = cell * lanes_;
        if (disrupted.substituted.empty()) {
            find_shortfall(lanes_, &reference.consumption[at], &disrupted.need_factor[at],
                           &disrupted.consumption[at], need_[cell], shortfall_[cell]);
        } else {
            find_shortfall_beside_substitutes(
                lanes_, &reference.consumption[at], &disrupted.need_factor[at],
                &disrupted.consumption[at], &disrupted.substituted[at],
                &reference.substituted[at], need_[cell], shortfall_[cell]);
        }
    }
}

/// In tonnes, or of all commodities in USD.
ShortfallMeter::ShortfallGauge::Sums ShortfallMeter::ShortfallGauge::sum_over(
    const Users& users)
{
    if (users.cells.size() == 1 && !users.use_all) {
        return {need_[users.cells.front()], shortfall_[users.cells.front()]};
    }
    double* const need = group_need_[0];
    double* const shortfall = group_shortfall_[0];
    std::fill_n(need, lanes_, 0.0);
    std::fill_n(shortfall, lanes_, 0.0);
    const auto add = users.use_all ? add_cells_in_usd : add_cells_in_tonnes;
    const std::size_t count = users.cells.size();
    for (std::size_t index = 0; index < count;) {
        NeedyCells some{};
        some.count = count - index < NeedyCells::at_once ? 1 : NeedyCells::at_once;
        for (std::size_t place = 0; place < some.count; ++place) {
            const std::size_t cell = users.cells[index++];
            some.usd_per_t[place] = usd_per_t_[cell];
            some.need[place] = need_[cell];
            some.shortfall[place] = shortfall_[cell];
        }
        add(lanes_, some, need, shortfall);
    }
    return {need, shortfall};
}

void ShortfallMeter::ShortfallGauge::sum_tonnes(const Users& users,
                                                std::span<const double> by_cell,
                                                double* sum) const
{
    std::copy_n(&by_cell[users.cells.front() * lanes_], lanes_, sum);
    for (const std::size_t cell : std::span(users.cells).subspan(1)) {
        chokepoint::add(lanes_, &by_cell[cell * lanes_], sum);
    }
}

void ShortfallMeter::ShortfallGauge::add(const LaneMonth& month, std::span<double> series)
{
    find_shortfalls(month);
    for (std::size_t area = 0; area < meter_.users_.size(); ++area) {
        const Users& users = meter_.users_[area];
        const Sums sums = sum_over(users);
        follow_shortfall(lanes_, meter_.model_.shortfall_threshold_share, sums.need,
                         sums.shortfall, &series[area * lanes_], total_need_[area],
                         total_shortfall_[area], worst_share_[area], counts_[area]);
        if (const std::size_t year = year_of(month.month); year < meter_.years_) {
            const std::size_t row = area * meter_.years_ + year;
            follow_year(lanes_, sums.need, sums.shortfall, &series[area * lanes_],
                        year_need_[row], year_shortfall_[row], year_worst_[row],
                        year_worst_share_[row]);
        }
        if (meter_.consumption_series_[area] > 0) {
            sum_tonnes(users, month.disrupted.consumption,
                       &series[meter_.consumption_series_[area] * lanes_]);
        }
        if (meter_.cover_series_[area] > 0) {
            sum_tonnes(users, month.disrupted.stock, group_stock_[0]);
            divide_stock(lanes_, group_stock_[0], sums.need,
                         &series[meter_.cover_series_[area] * lanes_]);
        }
    }
}

/// \param figures  [figure * lanes + lane]
void ShortfallMeter::ShortfallGauge::write_figures(std::size_t area, double* figures) const
{
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        const double total = total_shortfall_[area][lane];
        const double need = total_need_[area][lane];
        const MonthCounts counts = counts_[area][lane];
        figures[0 * lanes_ + lane] = total;
        figures[1 * lanes_ + lane] = need > 0 ? total / need : 0;
        figures[2 * lanes_ + lane] = worst_share_[area][lane];
        figures[3 * lanes_ + lane] = months_above(counts);
        figures[4 * lanes_ + lane] = months_to_recovery(counts);
    }
}

void ShortfallMeter::ShortfallGauge::finish(std::span<double> figures)
{
    const std::size_t areas = meter_.users_.size();
    for (std::size_t area = 0; area < areas; ++area) {
        write_figures(area, &figures[area * figures_per_area * lanes_]);
    }
    const std::size_t values = meter_.years_ * lanes_;
    double* of_years = figures.data() + areas * figures_per_area * lanes_;
    for (std::size_t area = 0; area < areas; ++area) {
        const std::size_t row = area * meter_.years_;
        std::copy_n(year_worst_[row], values, of_years);
        std::copy_n(year_shortfall_[row], values, of_years + values);
        std::copy_n(year_worst_share_[row], values, of_years + 2 * values);
        for (std::size_t at = 0; at < values; ++at) {
            const double need = year_need_[row][at];
            of_years[3 * values + at] = need > 0 ? year_shortfall_[row][at] / need : 0;
        }
        of_years += 4 * values;
    }
}

}  // namespace

std::unique_ptr<Meter> make_shortfall_meter(const Model& model)
{
    return std::make_unique<ShortfallMeter>(model);
}

}  // namespace chokepoint
