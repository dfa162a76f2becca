#include "chokepoint/metrics/chokepoint_meter.hpp"

#include "chokepoint/support/lanes.hpp"
#include "chokepoint/support/lane_rows.hpp"
#include "chokepoint/support/units.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <stdexcept>

namespace chokepoint {
namespace {

constexpr std::size_t figures_per_arc = 5;

/// Another month of an arc. Most arcs neither bind nor are taxed in any lane: nothing to add to
/// these sums then, and no need to fetch them.
CHOKEPOINT_LANE_LOOPS
void follow_arc(std::size_t lanes, const double* __restrict gap, const double* __restrict flow,
                const double* __restrict tax, double* __restrict flow_sum,
                double* __restrict months_binding, double* __restrict gap_sum,
                double* __restrict gap_flow_sum, double* __restrict tax_flow_sum)
{
    std::uint64_t bits = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        bits |=
            std::bit_cast<std::uint64_t>(gap[lane]) | std::bit_cast<std::uint64_t>(tax[lane]);
        flow_sum[lane] += flow[lane];
    }
    if (bits == 0) {
        return;
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        months_binding[lane] += gap[lane] > smallest_gap ? 1.0 : 0.0;
        gap_sum[lane] += gap[lane];
        gap_flow_sum[lane] += gap[lane] * flow[lane];
        tax_flow_sum[lane] += tax[lane] * flow[lane];
    }
}

class ChokepointMeter final : public Meter {
public:
    explicit ChokepointMeter(const Model& model) : model_(model) {}

    std::vector<Column> columns() const override;
    std::vector<Series> series() const override;
    std::unique_ptr<Gauge> gauge() const override;

private:
    class ChokepointGauge;

    const Model& model_;
};

std::vector<Column> ChokepointMeter::columns() const
{
    std::vector<Column> columns;
    for (std::size_t arc = 0; arc < model_.cappable_arcs.size(); ++arc) {
        const CappableArc& place = model_.cappable_arcs[arc];
        const auto append = [&](const char* metric, const char* unit, const char* sentence) {
            columns.push_back({.metric = metric,
                               .commodity = model_.commodities[place.commodity.index()].name,
                               .region = arc_label(model_, place),
                               .unit = unit,
                               .sentence = sentence,
                               .arc = arc});
        };
        append("arc_binding", "share",
               "share of the months in which prices differ over the arc");
        append("arc_marginal_value", "usd_per_t", "what one more tonne of room is worth");
        append("arc_rent", "usd", "price gap times flow, summed over the horizon");
        append("arc_flow", "t_per_month", "mean flow over the arc");
        append("arc_tax_revenue", "usd",
               "export taxes beyond the standing ones, summed over the horizon");
    }
    return columns;
}

std::vector<Series> ChokepointMeter::series() const
{
    std::vector<Series> series;
    for (const Commodity& commodity : model_.commodities) {
        for (const std::string& region : model_.regions) {
            series.push_back({"exports", commodity.name, region, "t_per_month",
                              "what leaves the last stage for other regions"});
        }
    }
    return series;
}

class ChokepointMeter::ChokepointGauge final : public Gauge {
public:
    explicit ChokepointGauge(const Model& model) : model_(model) {}

    void start(std::span<const LaneTrial> trials) override;
    void add(const LaneMonth& month, std::span<double> series) override;
    void finish(std::span<double> figures) override;

private:
    void copy_exports(const LaneMonth& month, std::span<double> series) const;
    void write_figures(std::size_t arc, double* figures) const;

    const Model& model_;
    std::size_t lanes_ = 0;
    std::size_t months_ = 0;                                      ///< So far.
    LaneRows usd_per_t_;                                          ///< By commodity.
    LaneRows months_binding_, gap_, gap_flow_, flow_, tax_flow_;  ///< Sums by arc.
};

std::unique_ptr<Gauge> ChokepointMeter::gauge() const
{
    return std::make_unique<ChokepointGauge>(model_);
}

void ChokepointMeter::ChokepointGauge::start(std::span<const LaneTrial> trials)
{
    lanes_ = trials.size();
    months_ = 0;
    for (LaneRows* by_arc : {&months_binding_, &gap_, &gap_flow_, &flow_, &tax_flow_}) {
        by_arc->reset(model_.cappable_arcs.size(), lanes_);
    }
    usd_per_t_.reset(model_.commodities.size(), lanes_);
    for (std::size_t commodity = 0; commodity < model_.commodities.size(); ++commodity) {
        const Slot price = model_.commodities[commodity].price;
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
            usd_per_t_[commodity][lane] = kg_per_tonne * (*trials[lane].parameters)[price];
        }
    }
}

void ChokepointMeter::ChokepointGauge::copy_exports(const LaneMonth& month,
                                                    std::span<double> series) const
{
    const std::size_t regions = model_.regions.size();
    for (std::size_t commodity = 0; commodity < model_.commodities.size(); ++commodity) {
        const std::size_t cell = commodity * regions;
        const std::size_t layer = model_.last_stage(CommodityId(commodity)).index();
        std::copy_n(&month.disrupted.exports[(layer * model_.cells() + cell) * lanes_],
                    regions * lanes_, &series[cell * lanes_]);
    }
}

void ChokepointMeter::ChokepointGauge::add(const LaneMonth& month, std::span<double> series)
{
    for (std::size_t arc = 0; arc < model_.cappable_arcs.size(); ++arc) {
        const std::size_t at = arc * lanes_;
        follow_arc(lanes_, &month.disrupted.arc_gap[at], &month.disrupted.arc_flow[at],
                   &month.disrupted.arc_tax[at], flow_[arc], months_binding_[arc], gap_[arc],
                   gap_flow_[arc], tax_flow_[arc]);
    }
    copy_exports(month, series);
    ++months_;
}

/// Marginal value, rent and tax revenue of equation (8), over the horizon.
/// \param figures  [figure * lanes + lane]
void ChokepointMeter::ChokepointGauge::write_figures(std::size_t arc, double* figures) const
{
    const double* const usd_per_t = usd_per_t_[model_.cappable_arcs[arc].commodity.index()];
    const auto months = static_cast<double>(months_);
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
        figures[0 * lanes_ + lane] = months_binding_[arc][lane] / months;
        figures[1 * lanes_ + lane] = usd_per_t[lane] * gap_[arc][lane] / months;
        figures[2 * lanes_ + lane] = usd_per_t[lane] * gap_flow_[arc][lane];
        figures[3 * lanes_ + lane] = flow_[arc][lane] / months;
        figures[4 * lanes_ + lane] = usd_per_t[lane] * tax_flow_[arc][lane];
    }
}

void ChokepointMeter::ChokepointGauge::finish(std::span<double> figures)
{
    for (std::size_t arc = 0; arc < model_.cappable_arcs.size(); ++arc) {
        write_figures(arc, &figures[arc * figures_per_arc * lanes_]);
    }
}

}  // namespace

std::string arc_label(const Model& model, const CappableArc& arc)
{
    const std::string& stage = model.stages[arc.stage.index()];
    const std::string& from = model.regions[arc.from.index()];
    switch (arc.kind) {
        case CappableArc::Kind::plant:
            return stage + " plants in " + from;
        case CappableArc::Kind::exports:
            return stage + " exports of " + from;
        case CappableArc::Kind::trade:
            return stage + " from " + from + " to " + model.regions[arc.to.index()];
    }
    throw std::logic_error("arc_label: no such kind");
}

std::unique_ptr<Meter> make_chokepoint_meter(const Model& model)
{
    return std::make_unique<ChokepointMeter>(model);
}

}  // namespace chokepoint
