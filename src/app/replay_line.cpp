#include "chokepoint/app/replay_line.hpp"

#include "chokepoint/app/shell_word.hpp"

#include <fmt/format.h>

namespace chokepoint {
namespace {

struct ReplayLine {
    TrialKey key;

    template <class Options>
    std::string operator()(const Options& options) const
    {
        if constexpr (requires { options.importance; }) {
            if (options.importance) {
                return "";  // the laws that the pilot found stand in no file yet
            }
        }
        if constexpr (requires {
                          options.scenario;
                          options.tilt;
                      }) {
            std::string line =
                fmt::format("chokepoint replay {} --trial {} --seed {}",
                            shell_word(options.scenario.string()), key.trial, key.seed);
            for (const std::filesystem::path& policy : options.policies) {
                line += " --policy " + shell_word(policy.string());
            }
            if (!options.portfolio.empty()) {
                line += " --portfolio " + shell_word(options.portfolio.string());
            }
            for (const std::string& assignment : options.overrides) {
                line += " --set " + shell_word(assignment);
            }
            line += options.sampling ? " --sampling " + *options.sampling : "";
            if (!options.tilt.empty()) {
                line += " --tilt " + shell_word(options.tilt.string());
            }
            return line;
        } else {
            return "";
        }
    }
};

}  // namespace

std::string replay_line(const Command& command, TrialKey key)
{
    return std::visit(ReplayLine{key}, command);
}

}  // namespace chokepoint
