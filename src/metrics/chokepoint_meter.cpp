#include "chokepoint/metrics/chokepoint_meter.hpp"

#include <stdexcept>

namespace chokepoint {
namespace {

constexpr double smallest_gap = 1e-9;
constexpr double kg_per_tonne = 1000;
constexpr std::size_t figures_per_arc = 5;

class ChokepointMeter final : public Meter {
public:
    explicit ChokepointMeter(const Model& model)
        : model_(model), months_(static_cast<std::size_t>(model.months))
    {}

    std::vector<Column> columns() const override;
    std::vector<Series> series() const override;
    void measure(const TrialRecord& record, std::span<double> row,
                 std::span<double> months) const override;

private:
    void write_figures(const TrialRecord& record, std::size_t arc,
                       std::span<double> figures) const;
    void write_exports(const Path& path, std::span<double> months) const;

    const Model& model_;
    std::size_t months_;
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

/// Marginal value, rent and tax revenue of equation (8), over the horizon.
void ChokepointMeter::write_figures(const TrialRecord& record, std::size_t arc,
                                    std::span<double> figures) const
{
    const Path& path = *record.disrupted;
    std::size_t binding = 0;
    double gap_sum = 0, gap_flow_sum = 0, flow_sum = 0, tax_flow_sum = 0;
    for (std::size_t month = 0; month < months_; ++month) {
        const std::size_t at = month * path.arcs + arc;
        binding += static_cast<std::size_t>(path.arc_gap[at] > smallest_gap);
        gap_sum += path.arc_gap[at];
        gap_flow_sum += path.arc_gap[at] * path.arc_flow[at];
        flow_sum += path.arc_flow[at];
        tax_flow_sum += path.arc_tax[at] * path.arc_flow[at];
    }
    const CommodityId commodity = model_.cappable_arcs[arc].commodity;
    const Slot price = model_.commodities[commodity.index()].price;
    const double usd_per_t = kg_per_tonne * (*record.parameters)[price];
    const auto months = static_cast<double>(months_);
    figures[0] = static_cast<double>(binding) / months;
    figures[1] = usd_per_t * gap_sum / months;
    figures[2] = usd_per_t * gap_flow_sum;
    figures[3] = flow_sum / months;
    figures[4] = usd_per_t * tax_flow_sum;
}

void ChokepointMeter::write_exports(const Path& path, std::span<double> months) const
{
    for (std::size_t cell = 0; cell < model_.cells(); ++cell) {
        const CommodityId commodity(cell / model_.regions.size());
        const std::size_t layer = model_.last_stage(commodity).index();
        for (std::size_t month = 0; month < months_; ++month) {
            months[cell * months_ + month] =
                path.exports[(month * path.stages + layer) * path.cells + cell];
        }
    }
}

void ChokepointMeter::measure(const TrialRecord& record, std::span<double> row,
                              std::span<double> months) const
{
    for (std::size_t arc = 0; arc < model_.cappable_arcs.size(); ++arc) {
        write_figures(record, arc, row.subspan(arc * figures_per_arc, figures_per_arc));
    }
    write_exports(*record.disrupted, months);
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
