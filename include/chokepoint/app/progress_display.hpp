#pragma once

#include "chokepoint/engine/run.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace chokepoint {

enum class ProgressStyle {
    none,
    bar,    ///< One line that is drawn again and again, for a terminal.
    lines,  ///< A line now and then, for a log.
};

/// `bar` if standard error is a terminal that can move its cursor, else `lines`.
ProgressStyle progress_style_of_terminal();

/// As much of a line as leaves a terminal of so many columns a free one, so that it does not wrap:
/// bar and text, else the text, else its beginning.
std::string progress_line(const std::string& bar, const std::string& text, std::size_t columns);

/// Shows on standard error how far a run is, how fast it goes and how long it will take.
class ProgressDisplay final : public Progress {
public:
    explicit ProgressDisplay(ProgressStyle style);
    ~ProgressDisplay() override { finish(); }
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;

    void advance(std::uint64_t done, std::uint64_t total) override;
    void precision(std::span<const Precision> rules) override;

    /// Ends the bar's line, so that messages can follow.
    void finish();

private:
    using Clock = std::chrono::steady_clock;

    bool is_due(std::uint64_t done, std::uint64_t total, Clock::time_point now) const;

    ProgressStyle style_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_shown_ = start_;
    std::uint64_t last_done_ = 0;
    std::string precision_;  ///< Of the rule that is furthest from being met, in words.
    bool shown_ = false;
};

}  // namespace chokepoint
