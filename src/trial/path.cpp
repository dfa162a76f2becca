#include "chokepoint/trial/path.hpp"

namespace chokepoint {

void Path::resize(const Model& model)
{
    months = static_cast<std::size_t>(model.months);
    cells = model.cells();
    stages = model.stages.size();
    arcs = model.cappable_arcs.size();
    for (auto* by_cell :
         {&log_price, &log_quoted, &consumption, &rationed, &stock, &reserve_release}) {
        by_cell->assign(months * cells, 0);
    }
    need_factor.assign(months * cells, 1);
    substituted.assign(model.has_substitutes() ? months * cells : 0, 0);
    stage_stock.assign(months * model.stage_stocks.size(), 0);
    for (auto* by_layer : {&output, &exports}) {
        by_layer->assign(months * stages * cells, 0);
    }
    for (auto* by_arc : {&arc_gap, &arc_flow, &arc_tax}) {
        by_arc->assign(months * arcs, 0);
    }
    phase.assign(model.has_facilities_led_by_prices() ? months * model.facilities.size() : 0,
                 FacilityPhase::running);
}

}  // namespace chokepoint
