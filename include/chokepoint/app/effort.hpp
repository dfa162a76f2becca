#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/model/model.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace chokepoint {

/// What a run takes, as far as it can be told before.
struct Effort {
    double seconds = 0;
    double memory = 0;  ///< Bytes.
    double disk = 0;    ///< Bytes of part files, while the run goes on.
};

/// A run would take more than it may.
class LimitError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// How long one trial takes on one thread, from a few blocks that are run for it.
double seconds_per_trial(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                         const RunSettings& settings);

/// \param trials  That are run; the settings may be those of more.
Effort expected_effort(const Model& model, const std::vector<std::unique_ptr<Meter>>& meters,
                       const RunSettings& settings, std::uint64_t trials, double trial_seconds);

/// Tells of a run that takes over a minute or a gigabyte of disk, and refuses one over a limit.
/// Small runs without limits are not looked at. \param runs  Of so many trials each.
/// \throws LimitError
void check_effort(const RunOptions& options, const Model& model,
                  const std::vector<std::unique_ptr<Meter>>& meters,
                  const RunSettings& settings, std::uint64_t trials, std::uint64_t runs = 1);

/// Asks the program to stop, as SIGTERM does, once so much time is over; 0: never.
class TimeLimit {
public:
    explicit TimeLimit(double seconds);

private:
    std::mutex mutex_;
    std::condition_variable_any wake_up_;
    std::jthread watcher_;  // last: it ends before what it uses goes
};

}  // namespace chokepoint
