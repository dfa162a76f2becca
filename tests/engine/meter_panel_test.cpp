#include "chokepoint/engine/meter_panel.hpp"

#include "engine/small_scenario.hpp"
#include "metrics/gathered_trials.hpp"

#include <iterator>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

void append(const std::vector<double>& values, std::vector<double>& all)
{
    all.insert(all.end(), values.begin(), values.end());
}

TEST(MeterPanel, PutsTheFiguresOfItsMetersOneAfterAnother)
{
    constexpr std::size_t lanes = 3;
    const Model model = small_model();
    const auto meters = all_meters(model);
    GatheredTrials trials(model, 5, 0, lanes);
    std::vector<double> expected_figures, expected_series;
    for (const auto& meter : meters) {
        std::vector<double> figures(meter->columns().size() * lanes);
        std::vector<double> series(meter->series().size() * lanes);
        const auto gauge = meter->gauge();
        gauge->start(trials.trials());
        gauge->add(trials.month(0), series);
        gauge->finish(figures);
        append(figures, expected_figures);
        append(series, expected_series);
    }

    const MeterPanel panel(model, meters);
    std::vector<double> figures(panel.columns().size() * lanes);
    std::vector<double> series(panel.series().size() * lanes);
    const auto gauge = panel.gauge();
    gauge->start(trials.trials());
    gauge->add(trials.month(0), series);
    gauge->finish(figures);
    EXPECT_EQ(figures, expected_figures);
    EXPECT_EQ(series, expected_series);
}

}  // namespace
}  // namespace chokepoint
