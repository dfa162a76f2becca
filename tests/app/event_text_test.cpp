#include "chokepoint/app/event_text.hpp"


#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/numbers.hpp"

namespace chokepoint {
namespace {

const Date start{2009, 1, 1};

TEST(DateText, UndoesMonthsBetween)
{
    for (const char* text :
         {"2009-01-01", "2010-09-21", "2012-02-29", "2008-12-31", "2014-12-01"}) {
        EXPECT_EQ(date_text(start, months_between(start, parse_date(text).value())), text);
    }
}

TEST(PeriodText, LeavesOutBoundsThatDoNotExist)
{
    EXPECT_EQ(period_text(start, 18, 24), "2010-07-01 to 2011-01-01");
    EXPECT_EQ(period_text(start, -infinity, 24), "until 2011-01-01");
    EXPECT_EQ(period_text(start, 18, infinity), "from 2010-07-01");
    EXPECT_EQ(period_text(start, -infinity, infinity), "throughout");
    EXPECT_EQ(period_text(start, 18, 18), "2010-07-01");
}

/// China stops the export of one of two commodities to Japan.
struct Stop {
    Stop()
    {
        model.start = start;
        model.regions = {"china", "japan"};
        model.stages = {"mine", "refine"};
        model.commodities.resize(2);
        model.commodities[0].name = "neodymium";
        parameters.values = {0, 1, 0.25, 7976};
        measure.name = "stop";
        measure.exporter = RegionId(0);
        measure.layer = StageId(1);
        measure.commodities = {CommodityId(0)};
        measure.leakage = zero_slot;
    }
    Model model;
    Parameters parameters;
    Measure measure;
};

TEST(MeasureText, TellsCutsBansQuotasAndTaxes)
{
    Stop stop;
    const auto text = [&](double severity) {
        return measure_text(stop.model, stop.parameters, stop.measure, severity);
    };
    EXPECT_EQ(text(0.4), "exports of neodymium from china after refine are cut by 40.0 %");
    stop.measure.all_targets = false;
    stop.measure.targets = {RegionId(1)};
    EXPECT_EQ(text(1), "exports of neodymium from china to japan after refine are stopped");

    stop.measure.leakage = Slot(2);
    stop.measure.quota_t = Slot(3);
    stop.measure.commodities = {CommodityId(0), CommodityId(1)};
    stop.measure.shared = true;
    stop.measure.period_months = 6;
    EXPECT_EQ(text(0),
              "exports of all commodities from china to japan after refine are limited to "
              "7,976 t per 6 months, shared, 25.0 % of the cut leaks out");
    stop.measure.period_months = 1;
    EXPECT_THAT(text(0), ::testing::HasSubstr("7,976 t per month, shared"));
    stop.measure = Stop().measure;
    stop.measure.instrument = Instrument::tax;
    stop.measure.tax_rate = Slot(2);
    EXPECT_EQ(text(0), "exports of neodymium from china after refine are taxed at 25.0 %");
}

TEST(FacilityTexts, TellWhatPricesMadeOfMinesAndProjects)
{
    Model model;
    model.regions = {"china"};
    model.facilities.resize(2);
    model.facilities[0].name = "pit";
    model.facilities[0].closure.emplace();
    model.facilities[1].name = "project";
    model.facilities[1].opening.emplace().induced.emplace();
    using enum FacilityPhase;
    Path path;
    path.phase = {running, awaited, shut, awaited, restarting, decided,
                  running, decided, shut, running, running,    running};
    std::vector<std::string> told;
    for (const EventText& text : facility_texts(model, path)) {
        EXPECT_EQ(text.type, "facility");
        told.push_back(std::to_string(static_cast<int>(text.from)) + ": " + text.sentence);
    }
    EXPECT_EQ(told, (std::vector<std::string>{
                        "2: pit in china shuts, since prices are low",
                        "3: pit in china is to run again",
                        "3: project in china is decided on, since prices are high",
                        "4: pit in china runs again",
                        "5: pit in china shuts, since prices are low",
                        "5: project in china opens",
                        "6: pit in china runs again",
                    }));
}

TEST(EventTexts, OrdersEventsByTheirStart)
{
    Stop stop;
    stop.model.measures = {stop.measure};
    stop.model.facilities.resize(1);
    stop.model.facilities[0].name = "mine";
    stop.model.outage_sources = {{.name = "flood"}};
    Timeline timeline;
    timeline.restrictions = {{.measure = MeasureId(0),
                              .cause = Cause::scripted,
                              .announced = 19,
                              .from = 20,
                              .until = 22,
                              .severity = 1}};
    timeline.outages = {{.facility = FacilityId(0),
                         .cause = Cause::sampled,
                         .source = 0,
                         .from = 3,
                         .until = 4,
                         .loss = 0.5}};
    const std::vector<EventText> texts = event_texts(stop.model, stop.parameters, timeline);
    ASSERT_EQ(texts.size(), 2);
    EXPECT_EQ(texts[0].sentence, "mine in china loses 50.0 % of its capacity");
    EXPECT_EQ(texts[0].name, "flood");
    EXPECT_EQ(texts[1].sentence,
              "exports of neodymium from china after refine are stopped; announced 2010-08-01");
}

}  // namespace
}  // namespace chokepoint
