#include "chokepoint/trial/path.hpp"

namespace chokepoint {

void Path::resize(const Model& model)
{
    months = static_cast<std::size_t>(model.months);
    cells = model.cells();
    stages = model.stages.size();
    arcs = model.cappable_arcs.size();
    for (auto* by_cell : {&log_price, &log_quoted, &consumption, &rationed, &stock,
                          &reserve_release, &source_price}) {
        by_cell->assign(months * cells, 0);
    }
    need_factor.assign(months * cells, 1);
    substituted.assign(model.has_substitutes() ? months * cells : 0, 0);
    stage_stock.assign(months * model.stage_stocks.size(), 0);
    for (auto* by_reserve : {&reserve_purchase, &reserve_sale}) {
        by_reserve->assign(months * model.reserves.size(), 0);
    }
    room.assign(months * model.facilities.size(), 0);
    for (auto* by_layer : {&output, &exports}) {
        by_layer->assign(months * stages * cells, 0);
    }
    for (auto* by_arc : {&arc_gap, &arc_flow, &arc_tax}) {
        by_arc->assign(months * arcs, 0);
    }
    phase.assign(model.has_facilities_led_by_prices() ? months * model.facilities.size() : 0,
                 FacilityPhase::running);
}

RunMonth run_month(const Path& path, std::size_t month)
{
    RunMonth run;
    for (const MonthTable& table : month_tables) {
        const std::vector<double>& values = path.*table.path;
        const std::size_t width = values.size() / path.months;
        run.*table.month = std::span(values).subspan(month * width, width);
    }
    return run;
}

void keep_month(const RunMonth& cleared, std::size_t lane, std::size_t lanes,
                std::span<const FacilityPhase> phases, std::size_t month, Path& path)
{
    for (const MonthTable& table : month_tables) {
        const std::span<const double> rows = cleared.*table.month;
        const std::size_t width = rows.size() / lanes;
        double* values = (path.*table.path).data() + month * width;
        for (std::size_t entity = 0; entity < width; ++entity) {
            values[entity] = rows[entity * lanes + lane];
        }
    }
    if (!path.phase.empty()) {
        std::ranges::copy(
            phases, path.phase.begin() + static_cast<std::ptrdiff_t>(month * phases.size()));
    }
}

}  // namespace chokepoint
