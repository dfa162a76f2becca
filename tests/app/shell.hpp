#pragma once

#include "results/temporary_folder.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace chokepoint {

/// What a program said and returned.
struct Outcome {
    int code = -1;
    std::string out, err;
};

/// A temporary folder to run the program in.
class Shell {
public:
    /// Runs a shell command in the folder; `chokepoint` is the program under test.
    Outcome run(const std::string& command) const
    {
        const std::string line = "cd '" + folder_.path().string()
                                 + "' && chokepoint() { '" CHOKEPOINT_BINARY "' \"$@\"; } && { "
                                 + command + "\n} >.stdout 2>.stderr </dev/null";
        return outcome(std::system(line.c_str()));
    }

    /// Starts the program with the arguments and a folder of results, waits until it has
    /// computed for 0.2 s (of the processor, so that other load changes nothing) since the
    /// folder is there, sends it the signal and waits for its end.
    Outcome run_until_signalled(const std::string& arguments, const std::string& out,
                                int signal) const
    {
        const pid_t child = ::fork();
        if (child == 0) {
            const std::string line = "cd '" + folder_.path().string()
                                     + "' && exec '" CHOKEPOINT_BINARY "' " + arguments
                                     + " --out " + out + " >.stdout 2>.stderr </dev/null";
            ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
            ::_exit(127);
        }
        wait_for([&] { return std::filesystem::exists(folder_ / out); });
        const double start = processor_seconds(child);
        wait_for([&] { return processor_seconds(child) > start + 0.2; });
        ::kill(child, signal);
        int status = 0;
        ::waitpid(child, &status, 0);
        return outcome(status);
    }

    const TemporaryFolder& folder() const { return folder_; }
    std::string file(const std::string& name) const { return content_of(folder_ / name); }

private:
    Outcome outcome(int status) const
    {
        return {.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                .out = file(".stdout"),
                .err = file(".stderr")};
    }

    /// What a process has computed so far.
    static double processor_seconds(pid_t process)
    {
        clockid_t clock{};
        timespec time{};
        if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
            return 0;
        }
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }

    template <class Condition>
    static void wait_for(const Condition& condition)
    {
        for (int attempt = 0; attempt < 2000 && !condition(); ++attempt) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }

    TemporaryFolder folder_;
};

/// A scenario file of the repository.
inline std::string shipped(const std::string& name)
{
    return std::string("'" CHOKEPOINT_SOURCE_DIR "/scenarios/") + name + "'";
}
inline const std::string first_steps = shipped("first_steps.yaml");

/// All files of a result folder but the manifest.
inline std::map<std::string, std::string> contents(const Shell& shell,
                                                   const std::string& folder)
{
    std::map<std::string, std::string> contents;
    for (const std::string& name : names_in(shell.folder() / folder)) {
        if (name != "manifest.json") {
            contents[name] = shell.file(folder + "/" + name);
        }
    }
    return contents;
}

}  // namespace chokepoint
