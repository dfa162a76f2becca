#include "chokepoint/app/command_line.hpp"
#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/console.hpp"
#include "chokepoint/app/diff_text.hpp"
#include "chokepoint/results/diff.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace chokepoint {
namespace {

/// Refuses a metric that neither run knows: nothing compared is not nothing moved.
void check_metric(const std::string& metric, const std::vector<std::string>& known)
{
    if (!metric.empty() && std::find(known.begin(), known.end(), metric) == known.end()) {
        throw ArgumentError(
            fmt::format("--metric: neither run has a metric \"{}\"{}", metric,
                        did_you_mean(metric, known, "see chokepoint list metrics")));
    }
}

}  // namespace

ExitCode diff_command(const DiffOptions& options)
{
    const RunDiff diff = diff_runs(options.before, options.after, options.metric);
    check_metric(options.metric, diff.metrics);
    put_out(options.json ? diff_json(diff) : diff_text(diff, options.all));
    return ExitCode::done;
}

}  // namespace chokepoint
