// Damaged copies of good scenarios: whatever became of a file, the program says what is wrong
// with it or runs it.

#include "chokepoint/app/program.hpp"
#include "results/temporary_folder.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
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
                if (!line.empty()) {
                    line[below(line.size())] = static_cast<char>(below(256));
                }
                return;
            case 4:
                line.insert(below(line.size() + 1), 1, any_of(punctuation_));
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

/// Scenario files that stand alone, with the records that they name in reach.
class MutatedFilesSlow : public ::testing::Test {
protected:
    MutatedFilesSlow()
    {
        fs::create_directories(folder_ / "data");
        for (const char* data : {"scenarios/data", "scenarios/hindcasts/data"}) {
            for (const fs::directory_entry& entry : fs::directory_iterator(root / data)) {
                fs::create_symlink(entry.path(), folder_ / "data" / entry.path().filename());
            }
        }
        fs::create_symlink(root / "tests/scenario/observed.csv", folder_ / "observed.csv");
    }

    /// The shipped scenarios that extend no other, and the one with every key.
    static std::vector<fs::path> scenarios()
    {
        std::vector<fs::path> files = {root / "tests/scenario/every_key.yaml"};
        for (const fs::directory_entry& entry :
             fs::recursive_directory_iterator(root / "scenarios")) {
            const bool is_scenario = entry.path().extension() == ".yaml";
            if (is_scenario
                && content_of(entry.path()).find("\nextends:") == std::string::npos) {
                files.push_back(entry.path());
            }
        }
        std::ranges::sort(files);
        return files;
    }

    static std::string content_of(const fs::path& file)
    {
        std::string text;
        for (const std::string& line : lines_of(file)) {
            text += line;
        }
        return text;
    }

    void write(const std::string& name, const Lines& lines) const
    {
        std::ofstream stream(folder_ / name, std::ios::binary);
        for (const std::string& line : lines) {
            stream << line;
        }
    }

    /// Validates a scenario of the folder and runs it if it is good; true if it was run.
    bool try_out(const std::string& name, std::uint64_t number) const
    {
        const std::string file = (folder_ / name).string();
        const std::clock_t start = std::clock();  // of the processor: others may be busy too
        ::testing::internal::CaptureStdout();
        ::testing::internal::CaptureStderr();
        int code = chokepoint({"validate", file});
        const bool is_good = code == 0;
        if (is_good) {
            code = chokepoint({"run", file, "--trials", "2", "--threads", "1", "--quiet",
                               "--out", (folder_ / "out").string(), "--force"});
        }
        const std::string messages = ::testing::internal::GetCapturedStderr();
        ::testing::internal::GetCapturedStdout();
        EXPECT_TRUE(code == 0 || code == 65)
            << "mutant " << number << ": exit code " << code << '\n'
            << messages << '\n'
            << content_of(file);
        EXPECT_TRUE(code == 0 || messages.find(": error: ") != std::string::npos)
            << "mutant " << number << ": " << messages;
        EXPECT_LT(std::clock() - start, 60 * CLOCKS_PER_SEC)
            << "mutant " << number << " takes long\n"
            << content_of(file);
        return is_good;
    }

    TemporaryFolder folder_;
};

TEST_F(MutatedFilesSlow, ScenariosAreRunOrRefusedWithAMessage)
{
    const std::vector<fs::path> files = scenarios();
    ASSERT_GT(files.size(), 10U);
    std::uint64_t runs = 0;
    for (std::uint64_t number = 0; number < case_count() && !HasFailure(); ++number) {
        write("mutant.yaml", Mutator(number).mutated(lines_of(files[number % files.size()])));
        runs += try_out("mutant.yaml", number) ? 1U : 0U;
    }
    // Most mutants are refused; enough are not, so that the market too is put to the test.
    EXPECT_GT(runs, case_count() / 20);
}

TEST_F(MutatedFilesSlow, RecordsAreReadOrRefusedWithAMessage)
{
    const Lines record = lines_of(root / "scenarios/data/rare_earth_prices_2008_2014.csv");
    Lines scenario = lines_of(root / "scenarios/rare_earths_2010.yaml");
    for (std::string& line : scenario) {
        if (line.find("file: data/") != std::string::npos) {
            line = "  file: mutant.csv\n";
        }
    }
    write("with_record.yaml", scenario);
    std::uint64_t good = 0;
    const std::uint64_t cases = case_count() / 10;
    for (std::uint64_t number = 0; number < cases && !HasFailure(); ++number) {
        write("mutant.csv", Mutator(number).mutated(record));
        good += try_out("with_record.yaml", number) ? 1U : 0U;
    }
    EXPECT_LT(good, cases);
}

}  // namespace
}  // namespace chokepoint
