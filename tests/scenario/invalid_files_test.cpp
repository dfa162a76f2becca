#include "chokepoint/scenario/read_scenario.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

const fs::path invalid_files = fs::path(CHOKEPOINT_SOURCE_DIR) / "tests/scenario/invalid";

std::vector<std::string> stems()
{
    std::vector<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(invalid_files)) {
        found.push_back(entry.path().stem().string());
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// What the `# expect: ` lines at the top of a file say.
std::vector<std::string> expected_messages(const fs::path& file)
{
    constexpr std::string_view lead = "# expect: ";
    std::ifstream stream(file, std::ios::binary);
    std::vector<std::string> messages;
    for (std::string line; std::getline(stream, line) && line.starts_with(lead);) {
        messages.push_back(line.substr(lead.size()));
    }
    return messages;
}

/// The messages for a file of the present folder: first lines only, and without its own name.
std::vector<std::string> messages_of(const std::string& file)
{
    std::vector<std::string> messages;
    try {
        read_scenario(file);
    } catch (const InputError& error) {
        for (const Diagnostic& problem : error.problems()) {
            std::string text = to_string(problem);
            text.resize(std::min(text.find('\n'), text.size()));
            if (text.starts_with(file + ":")) {
                text.erase(0, file.size() + 1);
                text.erase(0, text.find_first_not_of(' '));
            }
            messages.push_back(text);
        }
    }
    return messages;
}

class InvalidFile : public ::testing::TestWithParam<std::string> {
protected:
    // Messages show paths as they are given: from inside the folder they are the same
    // everywhere.
    void SetUp() override { fs::current_path(invalid_files); }
    void TearDown() override { fs::current_path(before_); }

private:
    fs::path before_ = fs::current_path();
};

TEST_P(InvalidFile, GivesAllItsMessagesAndNoOther)
{
    const std::string file = GetParam() + ".yaml";
    EXPECT_THAT(messages_of(file), ::testing::ElementsAreArray(expected_messages(file)));
}

INSTANTIATE_TEST_SUITE_P(Each, InvalidFile, ::testing::ValuesIn(stems()),
                         [](const auto& file) { return file.param; });

TEST(InvalidFiles, AreManyAndEachExpectsSomething)
{
    EXPECT_GE(stems().size(), 60U);
    for (const std::string& stem : stems()) {
        EXPECT_FALSE(expected_messages(invalid_files / (stem + ".yaml")).empty()) << stem;
    }
}

}  // namespace
}  // namespace chokepoint
