#include "chokepoint/app/console.hpp"

#include "chokepoint/results/write_file.hpp"

#include <cerrno>
#include <string>
#include <system_error>

#include <unistd.h>

namespace chokepoint {
namespace {

/// 0, or why not all of the text could be written.
int write_all(int descriptor, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    return 0;
}

}  // namespace

void put_out(std::string_view text)
{
    const int reason = write_all(STDOUT_FILENO, text);
    if (reason != 0 && reason != EPIPE) {
        throw WriteError("standard output: cannot be written ("
                         + std::generic_category().message(reason) + ")");
    }
}

void show(std::string_view text)
{
    write_all(STDERR_FILENO, text);
}

void note(std::string_view line)
{
    show(std::string(line) + '\n');
}

}  // namespace chokepoint
