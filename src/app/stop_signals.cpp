#include "chokepoint/app/stop_signals.hpp"

#include <atomic>
#include <stdexcept>

#include <semaphore.h>
#include <unistd.h>

namespace chokepoint {
namespace {

// A signal handler can reach nothing but globals, and may do little more than set a flag and
// post a semaphore.
std::atomic<int> first_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free);
sem_t wake_up;

extern "C" void take_signal(int signal)
{
    int none = 0;
    if (first_signal.compare_exchange_strong(none, signal)) {
        ::sem_post(&wake_up);
    } else if (signal == SIGINT) {
        ::_exit(128 + signal);  // a second Ctrl-C is meant; supervisors send SIGTERM twice
    }
}

}  // namespace

StopSignals::StopSignals()
{
    first_signal = 0;
    if (::sem_init(&wake_up, 0, 0) != 0) {
        throw std::runtime_error("StopSignals: no semaphore to be had");
    }
    watcher_ = std::thread([this] {
        while (::sem_wait(&wake_up) != 0) {  // woken for nothing
        }
        source_.request_stop();
    });

    struct sigaction action = {};
    action.sa_handler = take_signal;
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, &interrupt_before_);
    ::sigaction(SIGTERM, &action, &terminate_before_);
}

StopSignals::~StopSignals()
{
    ::sigaction(SIGINT, &interrupt_before_, nullptr);
    ::sigaction(SIGTERM, &terminate_before_, nullptr);
    ::sem_post(&wake_up);
    watcher_.join();
    ::sem_destroy(&wake_up);
}

int StopSignals::received() const
{
    return first_signal;
}

}  // namespace chokepoint
