#include "chokepoint/app/experiment_run.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "results/temporary_folder.hpp"
#include "shipped_models.hpp"
#include "yardstick.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace chokepoint {
namespace {

/// An experiment of the library with as few trials at each point as its figures allow.
std::unique_ptr<ExperimentRun> shipped_experiment(const std::string& name)
{
    ExperimentOptions options;
    options.file = scenario_folder() / "experiments" / (name + ".yaml");
    options.run.trials = 400;
    options.run.threads = 1;
    options.run.quiet = true;
    options.run.has_no_limits = true;
    auto experiment = std::make_unique<ExperimentRun>(read_experiment(options.file), options);
    experiment->check_points();
    return experiment;
}

/// All that a point of an experiment costs beyond its run: its scenario read and checked, its
/// model built, its key hashed, its figures summarised and written to the journal.
void experiment_point(benchmark::State& state, const std::string& name)
{
    const std::unique_ptr<ExperimentRun> experiment = shipped_experiment(name);
    const TemporaryFolder folder;
    PointJournal journal;
    journal.grow(folder / points_file_name);
    Progress silent;
    const auto result_of = [&](const ExperimentPoint& point) {
        const Model& model = *point.models.model;
        return run(model, all_meters(model), point.settings, silent);
    };
    const RunResult result = result_of(experiment->point(0));
    std::uint64_t place = 0;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        const ExperimentPoint point = experiment->point(place);
        if (journal.find(point.key) == nullptr) {
            journal.add(point.key, experiment->values_of(result));
        }
        place = (place + 1) % experiment->runs();
    }
    stopwatch.report(state);
}

/// What a run sets up and takes down: that of one trial, which is in it.
void run_of_one_trial(benchmark::State& state, const std::string& name)
{
    const std::unique_ptr<ExperimentRun> experiment = shipped_experiment(name);
    ExperimentPoint point = experiment->point(0);
    point.settings.trials = 1;
    const Model& model = *point.models.model;
    Progress silent;
    const Stopwatch stopwatch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(run(model, all_meters(model), point.settings, silent));
    }
    stopwatch.report(state);
}

BENCHMARK_CAPTURE(experiment_point, first_steps, "first_sweep");
BENCHMARK_CAPTURE(experiment_point, rare_earths, "elasticity_and_length");
BENCHMARK_CAPTURE(experiment_point, critical_minerals, "screening");
BENCHMARK_CAPTURE(run_of_one_trial, first_steps, "first_sweep");
BENCHMARK_CAPTURE(run_of_one_trial, rare_earths, "elasticity_and_length");
BENCHMARK_CAPTURE(run_of_one_trial, critical_minerals, "screening");

}  // namespace
}  // namespace chokepoint
