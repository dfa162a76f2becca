#include "chokepoint/model/describe.hpp"
#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> shipped()
{
    std::vector<std::string> files;
    const fs::path folder = fs::path(CHOKEPOINT_SOURCE_DIR) / "scenarios";
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".yaml"
            && entry.path().parent_path().filename() != "policies"
            && entry.path().parent_path().filename() != "portfolios"
            && entry.path().parent_path().filename() != "experiments") {
            files.push_back(entry.path().lexically_relative(folder).string());
        }
    }
    std::ranges::sort(files);
    return files;
}

std::vector<std::string> shipped_policies()
{
    std::vector<std::string> files;
    const fs::path folder = fs::path(CHOKEPOINT_SOURCE_DIR) / "scenarios/policies";
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        if (entry.path().extension() == ".yaml") {
            files.push_back(entry.path().filename().string());
        }
    }
    std::ranges::sort(files);
    return files;
}

class ShippedPolicy : public ::testing::TestWithParam<std::string> {};

TEST_P(ShippedPolicy, FitsTheScenariosThatItNames)
{
    const fs::path scenarios = fs::path(CHOKEPOINT_SOURCE_DIR) / "scenarios";
    const fs::path policy = scenarios / "policies" / GetParam();
    std::ifstream stream(policy);
    std::set<std::string> named;
    const std::regex file("(\\w+)\\.yaml");
    for (std::string line; std::getline(stream, line) && line.starts_with('#');) {
        for (std::sregex_iterator name(line.begin(), line.end(), file), end; name != end;
             ++name) {
            named.insert(name->str());
        }
    }
    std::erase_if(named, [&](const std::string& other) {
        return fs::exists(scenarios / "policies" / other);  // another policy
    });
    EXPECT_FALSE(named.empty()) << "its first lines name no scenario";
    for (const std::string& scenario : named) {
        std::vector<Diagnostic> warnings;
        const Model model =
            build_model(read_scenario(scenarios / scenario, {}, {policy}), warnings);
        EXPECT_NE(model.policy, "none") << scenario;
    }
}

INSTANTIATE_TEST_SUITE_P(Each, ShippedPolicy, ::testing::ValuesIn(shipped_policies()),
                         [](const auto& policy) {
                             std::string name = policy.param;
                             std::ranges::replace_if(
                                 name, [](unsigned char c) { return std::isalnum(c) == 0; },
                                 '_');
                             return name;
                         });

class ShippedScenario : public ::testing::TestWithParam<std::string> {
protected:
    Model model()
    {
        const Scenario scenario =
            read_scenario(fs::path(CHOKEPOINT_SOURCE_DIR) / "scenarios" / GetParam());
        warnings = scenario.warnings;
        return build_model(scenario, warnings);
    }
    std::vector<Diagnostic> warnings;
};

TEST_P(ShippedScenario, HasNothingToWarnOf)
{
    model();
    for (const Diagnostic& warning : warnings) {
        ADD_FAILURE() << to_string(warning);
    }
}

TEST_P(ShippedScenario, BalancesWithinFivePerCent)
{
    for (const CommodityDescription& commodity : describe(model()).commodities) {
        EXPECT_NEAR(commodity.balance_factor, 1, 0.05) << commodity.name;
    }
}

INSTANTIATE_TEST_SUITE_P(Each, ShippedScenario, ::testing::ValuesIn(shipped()),
                         [](const auto& file) {
                             std::string name = file.param;
                             std::ranges::replace_if(
                                 name, [](char c) { return !std::isalnum(c); }, '_');
                             return name;
                         });

/// The share of a region in what leaves a stage.
double share(const std::string& file, const std::string& commodity, const std::string& stage,
             const std::string& region)
{
    std::vector<Diagnostic> warnings;
    const ModelDescription description = describe(build_model(
        read_scenario(fs::path(CHOKEPOINT_SOURCE_DIR) / "scenarios" / file), warnings));
    for (const CommodityDescription& of : description.commodities) {
        for (const StageDescription& at : of.stages) {
            for (const RegionStage& part : at.regions) {
                if (of.name == commodity && at.stage == stage && part.region == region) {
                    return part.share;
                }
            }
        }
    }
    ADD_FAILURE() << "no " << stage << " of " << commodity << " in " << region;
    return 0;
}

TEST(ShippedScenarios, AreAsConcentratedAsTheSourcesSay)
{
    // USGS MCS 2026 for mines, IEA 2025 and BGS 2023 for processing; tolerance: what two
    // sources differ by, or a year's change.
    EXPECT_NEAR(share("rare_earths.yaml", "praseodymium_neodymium", "refine", "china"), 0.91,
                0.05);
    EXPECT_NEAR(share("rare_earths.yaml", "praseodymium_neodymium", "magnet", "china"), 0.94,
                0.02);
    EXPECT_GT(share("rare_earths.yaml", "dysprosium", "refine", "china"), 0.7);
    EXPECT_NEAR(share("lithium.yaml", "lithium", "mine", "australia"), 0.32, 0.01);
    EXPECT_NEAR(share("lithium.yaml", "lithium", "refine", "china"), 0.70, 0.05);
    EXPECT_NEAR(share("cobalt.yaml", "cobalt", "refine", "china"), 0.80, 0.03);
    EXPECT_NEAR(share("nickel.yaml", "nickel", "mine", "indonesia"), 0.67, 0.01);
    EXPECT_NEAR(share("gallium_germanium.yaml", "gallium", "mine", "china"), 0.99, 0.01);
}

}  // namespace
}  // namespace chokepoint
