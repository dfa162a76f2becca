#include "chokepoint/scenario/experiment.hpp"

#include "results/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ExperimentFile : public ::testing::Test {
protected:
    Experiment read(const std::string& text)
    {
        put_file(folder / "file.yaml", text);
        return read_experiment(folder / "file.yaml");
    }
    std::string complaint(const std::string& text)
    {
        try {
            read(text);
        } catch (const InputError& error) {
            return error.what();
        }
        return "(no complaint)";
    }
    const TemporaryFolder folder;
};

TEST_F(ExperimentFile, SaysWhatVariesAndHow)
{
    const Experiment experiment = read(R"(
schema: 1
experiment: all ways
base: sub/base.yaml
policies: [one.yaml, two.yaml]
design: grid
replicates: 3
trials: 500
seed: 7
common_random_numbers: false
vary:
  - {name: listed, path: [a.b, c.d], values: [1, {uniform: [0, 1]}, none]}
  - {name: between, path: e, range: [1, 100], scale: log, steps: 3}
  - {name: law, path: f, distribution: {triangular: [0, 1, 2]}, steps: 4}
  - {name: levers, policies: [none, p.yaml, [p.yaml, q.yaml]]}
metrics: [mean(shortfall_share), 'es99(price_peak,cobalt,world)']
)");
    EXPECT_EQ(experiment.base, folder / "sub/base.yaml");
    EXPECT_EQ(experiment.policies.size(), 2);
    EXPECT_EQ(experiment.replicates, 3);
    EXPECT_FALSE(experiment.has_common_numbers);
    EXPECT_THAT(experiment.metrics,
                ElementsAre("mean(shortfall_share)", "es99(price_peak,cobalt,world)"));
    ASSERT_EQ(experiment.inputs.size(), 4);
    const VariedInput& listed = experiment.inputs[0];
    EXPECT_THAT(listed.overrides_at(0.5),
                ElementsAre("a.b={uniform: [0, 1]}", "c.d={uniform: [0, 1]}"));
    EXPECT_NEAR(experiment.inputs[1].number_at(0.5), 10, 1e-12);
    EXPECT_EQ(experiment.inputs[1].label_at(0), "1");
    EXPECT_NEAR(experiment.inputs[2].number_at(0.5), 1, 1e-9);
    EXPECT_EQ(experiment.inputs[2].steps(), 4);
    const VariedInput& levers = experiment.inputs[3];
    EXPECT_TRUE(levers.policies_at(0).empty());
    EXPECT_EQ(levers.policies_at(1).size(), 2);
    EXPECT_EQ(levers.label_at(1), "p + q");
    EXPECT_TRUE(levers.overrides_at(1).empty());
}

TEST_F(ExperimentFile, IsRefusedWithAllThatIsWrong)
{
    const std::string all = complaint(R"(schema: 1
base: x.yaml
design: gird
levels: 3
replicates: 0
colour: red
vary:
  - {name: a, path: x, values: []}
  - {name: b, path: x, range: [2, 1]}
  - {name: c, path: x, range: [-1, 1], scale: log}
  - {name: d, path: x}
  - {name: e, path: x, values: [1], range: [0, 1]}
  - {name: f, policies: [p.yaml], path: x}
  - {name: g, values: [1]}
  - {name: a, path: x, values: [1]}
)");
    for (const char* said :
         {"design", "must be even", "replicates", "colour", "vary.a", "vary.b", "vary.c",
          "vary.d", "vary.e", "vary.f", "vary.g", "metrics", "file.yaml:8:", "file.yaml:3:"}) {
        EXPECT_THAT(all, HasSubstr(said)) << all;
    }
    EXPECT_THAT(complaint("schema: 1\nbase: x\ndesign: morris\nmetrics: [a]\nvary: [{name: p, "
                          "policies: [none]}]\n"),
                HasSubstr("no order"));
    EXPECT_THAT(complaint("schema: 1\nbase: x\ndesign: grid\nmetrics: [a]\nvary: []\n"),
                HasSubstr("names no input"));
    EXPECT_THAT(complaint(""), HasSubstr("the file is empty"));
    EXPECT_THAT(complaint("[1]"), HasSubstr("must be a map"));
    EXPECT_THROW(read_experiment(folder / "nothing.yaml"), FileError);
}

}  // namespace
}  // namespace chokepoint
