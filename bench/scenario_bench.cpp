#include "chokepoint/model/model.hpp"
#include "chokepoint/scenario/read_scenario.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

void read_file(benchmark::State& state, const std::filesystem::path& file)
{
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(read_scenario(file));
    }
    stopwatch.report(state);
}

void build(benchmark::State& state, const std::filesystem::path& file)
{
    const Scenario scenario = read_scenario(file);
    const Stopwatch stopwatch;
    for (auto _ : state) {
        std::vector<Diagnostic> warnings;
        benchmark::DoNotOptimize(build_model(scenario, warnings));
    }
    stopwatch.report(state);
}

/// Every scenario that is shipped, so that a new one needs no line here.
bool register_scenarios()
{
    for (const std::string& name : shipped_scenarios()) {
        const std::filesystem::path file = scenario_folder() / (name + ".yaml");
        benchmark::RegisterBenchmark(("read_scenario/" + name).c_str(), read_file, file);
        benchmark::RegisterBenchmark(("build_model/" + name).c_str(), build, file);
    }
    return true;
}

[[maybe_unused]] const bool scenarios_are_registered = register_scenarios();

}  // namespace
}  // namespace chokepoint
