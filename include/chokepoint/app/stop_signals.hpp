#pragma once

#include <csignal>
#include <stop_token>
#include <thread>

namespace chokepoint {

/// Turns the first SIGINT or SIGTERM into a stop request, so that what is finished can be kept;
/// a SIGINT after it ends the program at once, a SIGTERM changes nothing (supervisors such as
/// `timeout` send it to the process and to its group). One object at a time; restores the
/// signals when it goes.
class StopSignals {
public:
    StopSignals();
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    std::stop_token token() const { return source_.get_token(); }

    /// The first signal that came, or 0.
    int received() const;

private:
    std::stop_source source_;
    struct sigaction interrupt_before_ {};
    struct sigaction terminate_before_ {};
    std::thread watcher_;
};

}  // namespace chokepoint
