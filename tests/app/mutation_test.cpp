// Damaged copies of good scenarios: whatever became of a file, the program says what is wrong
// with it or runs it.

#include "chokepoint/app/program.hpp"
#include "results/temporary_folder.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

const fs::path root = CHOKEPOINT_SOURCE_DIR;

using Lines = std::vector<std::string>;

Lines lines_of(const fs::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    Lines lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line + '\n');
    }
    return lines;
}

/// Draws one file out of another. Only whole numbers of a fixed engine are used, so that a case
/// is the same everywhere.
class Mutator {
public:
    explicit Mutator(std::uint64_t seed) : engine_(seed) {}

    Lines mutated(Lines lines)
    {
        for (std::size_t count = 1 + below(2); count > 0 && !lines.empty(); --count) {
            mutate(lines);
        }
        return lines;
    }

private:
    std::size_t below(std::size_t bound) { return engine_() % bound; }

    template <class List>
    auto& any_of(List& list)
    {
        return list[below(std::size(list))];
    }

    void mutate(Lines& lines)
    {
        std::string& line = any_of(lines);
        switch (below(9)) {
            case 0:
                lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size())));
                return;
            case 1:
                lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(below(lines.size())),
                             line);
                return;
            case 2:
                std::swap(line, any_of(lines));
                return;
            case 3:
                line[below(line.size())] = static_cast<char>(below(256));
                return;
            case 4:
                line.insert(below(line.size()), 1, any_of(punctuation_));
                return;
            case 5:
                line.insert(0, 1 + below(4), ' ');
                return;
            case 6:
                replace_number(line);
                return;
            case 7:
                replace_value(line, any_of(lines));
                return;
            default:
                lines.resize(1 + below(lines.size()));
                if (below(2) == 0) {
                    lines.back().resize(below(lines.back().size() + 1));
                }
        }
    }

    /// A number becomes one that few expect.
    void replace_number(std::string& line)
    {
        const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
        const auto first = std::find_if(line.begin(), line.end(), is_digit);
        const auto end = std::find_if_not(
            first, line.end(), [&](char letter) { return is_digit(letter) || letter == '.'; });
        const std::string number = any_of(numbers_);
        line = std::string(line.begin(), first) + number + std::string(end, line.end());
    }

    /// What stands after the colon of one line takes that of another.
    static void replace_value(std::string& line, const std::string& other)
    {
        const std::size_t mine = line.find(": ");
        const std::size_t theirs = other.find(": ");
        if (mine != std::string::npos && theirs != std::string::npos) {
            const std::string value = other.substr(theirs);
            line = line.substr(0, mine) + value;
        }
    }

    std::mt19937_64 engine_;
    std::vector<std::string> numbers_ = {"0",
                                         "-1",
                                         "1",
                                         "1e308",
                                         "-1e308",
                                         "1e-308",
                                         "nan",
                                         ".inf",
                                         "1e5",
                                         "0.5",
                                         "1e-9",
                                         "99999",
                                         "1200",
                                         "100000000",
                                         "null",
                                         "2009-13",
                                         "{uniform: [0, 1]}",
                                         "{lognormal: {median: 1, sigma: 9}}",
                                         "[1, 2]",
                                         ""};
    std::string punctuation_ = ":,{}[]-#&*!|>'\"%@`? \t\n\\";
};

int chokepoint(const std::vector<std::string>& words)
{
    std::vector<const char*> arguments = {"chokepoint"};
    for (const std::string& word : words) {
        arguments.push_back(word.c_str());
    }
    return run_program(static_cast<int>(arguments.size()), arguments.data());
}

/// How many cases: CHOKEPOINT_MUTATIONS, or 10,000.
std::uint64_t case_count()
{
    const char* written = std::getenv("CHOKEPOINT_MUTATIONS");
    return written != nullptr ? std::strtoull(written, nullptr, 10) : 10'000;
}

TEST(MutatedScenariosSlow, AreRunOrRefusedWithAMessage)
{
    std::vector<Lines> originals;
    for (const char* file : {"scenarios/first_steps.yaml", "scenarios/rare_earths_2010.yaml",
                             "tests/scenario/every_key.yaml"}) {
        originals.push_back(lines_of(root / file));
        ASSERT_GT(originals.back().size(), 30U) << file;
    }
    const TemporaryFolder folder;
    fs::create_directory_symlink(root / "scenarios/data", folder / "data");
    fs::create_symlink(root / "tests/scenario/observed.csv", folder / "observed.csv");
    const std::string file = (folder / "mutant.yaml").string();
    const std::string out = (folder / "out").string();
    std::uint64_t runs = 0;
    for (std::uint64_t number = 0; number < case_count(); ++number) {
        const Lines lines = Mutator(number).mutated(originals[number % originals.size()]);
        std::ostringstream text;
        for (const std::string& line : lines) {
            text << line;
        }
        std::ofstream(file, std::ios::binary) << text.str();

        const auto start = std::chrono::steady_clock::now();
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        int code = chokepoint({"validate", file});
        if (code == 0) {
            code = chokepoint({"run", file, "--trials", "2", "--threads", "1", "--quiet",
                               "--out", out, "--force"});
            ++runs;
        }
        const std::string messages = testing::internal::GetCapturedStderr();
        testing::internal::GetCapturedStdout();
        ASSERT_TRUE(code == 0 || code == 65)
            << "mutant " << number << ": exit code " << code << '\n'
            << messages << '\n'
            << text.str();
        EXPECT_TRUE(code == 0 || messages.find(": error: ") != std::string::npos)
            << "mutant " << number << ": " << messages;
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1))
            << "mutant " << number << " takes long\n"
            << text.str();
    }
    // Most mutants are refused; enough are not, so that the market too is put to the test.
    EXPECT_GT(runs, case_count() / 20);
}

}  // namespace
}  // namespace chokepoint
