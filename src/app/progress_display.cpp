#include "chokepoint/app/progress_display.hpp"

#include "chokepoint/app/console.hpp"
#include "chokepoint/app/number_text.hpp"

#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace chokepoint {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds bar_interval{0.1};
constexpr Seconds line_interval{10};
constexpr Seconds shortest_line_interval{1};
constexpr std::uint64_t steps = 10;  ///< A log gets a line for each tenth of the run.

std::string bar(std::uint64_t done, std::uint64_t total)
{
    constexpr std::uint64_t width = 24;
    const std::uint64_t filled = total > 0 ? width * done / total : width;
    return '[' + std::string(filled, '#') + std::string(width - filled, '.') + ']';
}

std::string status(std::uint64_t done, std::uint64_t total, double seconds)
{
    const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    std::string text = fmt::format("{:3} %  {} of {}", total > 0 ? 100 * done / total : 100,
                                   grouped(done), counted(total, "trial"));
    if (rate > 0) {
        text += fmt::format("  {}/s", short_number(rate));
        text += done < total ? fmt::format(
                    "  {} left", duration_text(static_cast<double>(total - done) / rate))
                             : fmt::format("  {}", duration_text(seconds));
    }
    return text;
}

/// Of the terminal at standard error; what COLUMNS says, or 80, where it does not tell.
std::size_t terminal_columns()
{
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    constexpr std::size_t usual = 80;
    const char* const columns = std::getenv("COLUMNS");
    const unsigned long told = columns == nullptr ? 0 : std::strtoul(columns, nullptr, 10);
    return told > 0 ? told : usual;
}

}  // namespace

std::string progress_line(const std::string& bar, const std::string& text, std::size_t columns)
{
    const std::size_t room = columns > 1 ? columns - 1 : 1;
    if (bar.size() + 1 + width_of(text) <= room) {
        return bar + " " + text;
    }
    return cut_after(text, room);
}

ProgressStyle progress_style_of_terminal()
{
    const char* terminal = std::getenv("TERM");
    const bool can_move = terminal != nullptr && std::string_view(terminal) != "dumb";
    return ::isatty(STDERR_FILENO) == 1 && can_move ? ProgressStyle::bar : ProgressStyle::lines;
}

ProgressDisplay::ProgressDisplay(ProgressStyle style) : style_(style)
{}

bool ProgressDisplay::is_due(std::uint64_t done, std::uint64_t total,
                             Clock::time_point now) const
{
    if (done == total) {
        return true;
    }
    const Seconds since = now - last_shown_;
    if (style_ == ProgressStyle::bar) {
        return since >= bar_interval;
    }
    const bool step = !shown_ || steps * done / total > steps * last_done_ / total;
    return since >= (step ? shortest_line_interval : line_interval);
}

void ProgressDisplay::advance(std::uint64_t done, std::uint64_t total)
{
    const Clock::time_point now = Clock::now();
    if (style_ == ProgressStyle::none || !is_due(done, total, now)) {
        return;
    }
    const std::string text = status(done, total, Seconds(now - start_).count()) + precision_;
    if (style_ == ProgressStyle::bar) {
        // Back to the line's start, and clear what an earlier, longer text may have left.
        show(fmt::format("\r{}\x1b[K",
                         progress_line(bar(done, total), text, terminal_columns())));
    } else {
        note(text);
    }
    last_shown_ = now;
    last_done_ = done;
    shown_ = true;
}

void ProgressDisplay::precision(std::span<const Precision> rules)
{
    const Precision* furthest = nullptr;
    for (const Precision& rule : rules) {
        if (furthest == nullptr || rule.trials_needed > furthest->trials_needed
            || std::isnan(rule.half_width)) {
            furthest = &rule;
        }
    }
    if (furthest == nullptr) {
        return;
    }
    const bool is_relative = furthest->rule.is_relative;
    const auto text = [&](double width) {
        return is_relative ? fmt::format("{:.2g} %", 100 * width) : short_number(width);
    };
    precision_ = std::isnan(furthest->half_width)
                     ? std::string("  precision not known yet")
                     : fmt::format("  ± {} ({} wanted)", text(furthest->half_width),
                                   text(furthest->rule.target));
}

void ProgressDisplay::finish()
{
    if (style_ == ProgressStyle::bar && shown_) {
        note("");
    }
    shown_ = false;
}

}  // namespace chokepoint
