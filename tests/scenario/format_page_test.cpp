#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "chokepoint/scenario/experiment.hpp"
#include "chokepoint/scenario/portfolio.hpp"
#include "scenario/complaints.hpp"

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

const fs::path root = CHOKEPOINT_SOURCE_DIR;

std::string text_of(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// The keys that the tables of the page list.
std::vector<std::string> keys_of_page()
{
    const std::string page = scenario_format_page();
    const std::regex row("\n\\| `([a-z0-9_]+)` \\|");
    std::vector<std::string> keys;
    for (auto match = std::sregex_iterator(page.begin(), page.end(), row);
         match != std::sregex_iterator(); ++match) {
        keys.push_back((*match)[1]);
    }
    return keys;
}

/// The examples that hold keys of the top level.
std::vector<std::string> whole_examples()
{
    const std::string page = scenario_format_page();
    std::vector<std::string> examples;
    const std::string begin = "```yaml\n";
    for (std::size_t at = 0; (at = page.find(begin, at)) != page.npos;) {
        at += begin.size();
        std::string example = page.substr(at, page.find("```", at) - at);
        const std::string key = example.substr(0, example.find(':'));
        for (const char* top :
             {"schema", "commodities", "demand", "trade", "stocks", "reserves",
              "standing_measures", "hazards", "observed", "thresholds", "run"}) {
            if (key == top) {
                examples.push_back(example);
            }
        }
        if (example.starts_with("facilities:\n")) {
            examples.push_back(example);
        }
    }
    return examples;
}

TEST(FormatPage, IsTheOneInTheDocuments)
{
    const fs::path file = root / "docs/scenario-format.md";
    if (const char* update = std::getenv("CHOKEPOINT_UPDATE"); update && *update == '1') {
        std::ofstream(file, std::ios::binary) << scenario_format_page();
    }
    EXPECT_EQ(text_of(file), scenario_format_page())
        << "docs/scenario-format.md is made from the key table; make it anew with\n"
           "  CHOKEPOINT_UPDATE=1 test_scenario --gtest_filter='FormatPage.*'";
}

TEST(FormatPage, OfPoliciesIsTheOneInTheDocuments)
{
    const fs::path file = root / "docs/policy-format.md";
    if (const char* update = std::getenv("CHOKEPOINT_UPDATE"); update && *update == '1') {
        std::ofstream(file, std::ios::binary) << policy_format_page();
    }
    EXPECT_EQ(text_of(file), policy_format_page()) << "make it anew as docs/scenario-format.md";
}

TEST(FormatPage, OfPortfoliosIsTheOneInTheDocuments)
{
    const fs::path file = root / "docs/portfolio-format.md";
    if (const char* update = std::getenv("CHOKEPOINT_UPDATE"); update && *update == '1') {
        std::ofstream(file, std::ios::binary) << portfolio_format_page();
    }
    EXPECT_EQ(text_of(file), portfolio_format_page()) << "make it anew as docs/scenario-format.md";
}

TEST(FormatPage, OfExperimentsIsTheOneInTheDocuments)
{
    const fs::path file = root / "docs/experiment-format.md";
    if (const char* update = std::getenv("CHOKEPOINT_UPDATE"); update && *update == '1') {
        std::ofstream(file, std::ios::binary) << experiment_format_page();
    }
    EXPECT_EQ(text_of(file), experiment_format_page())
        << "make it anew as docs/scenario-format.md";
}

TEST(FormatPage, ListsOnlyKeysThatTheReaderTakes)
{
    // every_key.yaml is read without a problem, so a key that stands in it is known to the
    // reader.
    const std::string scenario = text_of(root / "tests/scenario/every_key.yaml");
    const std::vector<std::string> keys = keys_of_page();
    EXPECT_GT(keys.size(), 100U);
    const std::set<std::string> elsewhere = {"extends", "importance"};  // not beside run.tilt
    for (const std::string& key : keys) {
        const std::regex used("[\n {,-]" + key + ":");
        EXPECT_TRUE(elsewhere.contains(key) || std::regex_search(scenario, used)) << key;
    }
}

TEST(FormatPage, HasExamplesThatTheReaderTakes)
{
    const std::vector<std::string> examples = whole_examples();
    EXPECT_GE(examples.size(), 14U);
    const std::string base = (root / "tests/scenario/format_examples.yaml").string();
    const fs::path before = fs::current_path();
    fs::current_path(root / "tests/scenario");  // where the record of an example is
    for (const std::string& example : examples) {
        EXPECT_EQ(complaints("extends: " + base + "\n" + example), "") << example;
    }
    fs::current_path(before);
}

}  // namespace
}  // namespace chokepoint
