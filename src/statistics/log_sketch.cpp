#include "chokepoint/statistics/log_sketch.hpp"

#include "band_units.hpp"
#include "chokepoint/statistics/quantile.hpp"
#include "chokepoint/support/elementary.hpp"
#include "log_bin.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace chokepoint {
namespace {

constexpr double log_gamma = 0.009950330853168083;  // ln LogSketch::gamma
constexpr double log_least = -27.631021115928547;   // ln LogSketch::least
constexpr double log_most = 34.538776394910684;

void append(std::vector<std::byte>& bytes, std::uint64_t number)
{
    for (unsigned shift = 0; shift < 64; shift += 8) {
        bytes.push_back(static_cast<std::byte>(number >> shift));
    }
}

constexpr std::size_t word_size = 8;

std::uint64_t word(std::span<const std::byte> bytes, std::size_t position)
{
    std::uint64_t number = 0;
    for (std::size_t i = word_size; i-- > 0;) {
        number = number << 8 | static_cast<std::uint64_t>(bytes[position * word_size + i]);
    }
    return number;
}

[[noreturn]] void reject_bytes()
{
    throw std::invalid_argument("LogSketch: the bytes are not those of a sketch");
}

}  // namespace

LogSketch::Bin LogSketch::bin_of(double x)
{
    if (!(x >= 0)) {
        throw std::invalid_argument("LogSketch: negative values and NaN cannot be added");
    }
    return static_cast<Bin>(bin_of_narrowed(narrowed(x)));
}

double LogSketch::value_of(Bin index)
{
    return index == zero_bin ? 0 : portable_exp(static_cast<double>(index) * log_gamma);
}

std::map<LogSketch::Bin, std::uint64_t> LogSketch::counts() const
{
    std::map<Bin, std::uint64_t> counts;
    if (zeros_ > 0) {
        counts.emplace(zero_bin, zeros_);
    }
    for (std::size_t place = 0; place < bins_.size(); ++place) {
        if (bins_[place] > 0) {
            counts.emplace_hint(counts.end(),
                                static_cast<Bin>(first_ + static_cast<std::int64_t>(place)),
                                bins_[place]);
        }
    }
    return counts;
}

void LogSketch::add_to(Bin index)
{
    grow(1);
    ++(index == zero_bin ? zeros_ : bin(index));
}

void LogSketch::add_all(std::span<const Bin> bins)
{
    const BinRange range = range_of(bins.data(), bins.size());
    grow(bins.size());
    zeros_ += static_cast<Count>(range.zeros);
    if (range.zeros == bins.size()) {
        return;
    }
    // Ends first, so that the loop that counts need not look whether there is room.
    bin(range.last);
    bin(range.first);
    // Without a branch for zeros: at first they are counted as the smallest of the others.
    Count* const counts = bins_.data() + (range.first - first_);
    for (const Bin index : bins) {
        ++counts[std::max(index, range.first) - range.first];
    }
    counts[0] -= static_cast<Count>(range.zeros);
}

void LogSketch::add_log(double log_x)
{
    if (std::isnan(log_x)) {
        throw std::invalid_argument("LogSketch: the logarithm of a value is NaN");
    }
    const bool is_zero = log_x == -std::numeric_limits<double>::infinity();
    add_to(is_zero ? zero_bin : bin_of(portable_exp(std::clamp(log_x, log_least, log_most))));
}

void LogSketch::merge(const LogSketch& other)
{
    grow(other.count_);
    zeros_ += other.zeros_;
    if (other.bins_.empty()) {
        return;
    }
    // Both ends first, so that the vector grows at most twice.
    bin(other.first_);
    bin(other.first_ + std::ssize(other.bins_) - 1);
    const auto offset = static_cast<std::size_t>(other.first_ - first_);
    for (std::size_t i = 0; i < other.bins_.size(); ++i) {
        bins_[offset + i] += other.bins_[i];
    }
}

double LogSketch::quantile(double level) const
{
    return count_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                       : value_at_rank(quantile_rank(count_, level));
}

void LogSketch::values_at(std::span<const std::size_t> ranks, std::span<double> values) const
{
    if (!std::is_sorted(ranks.begin(), ranks.end())
        || (!ranks.empty() && (ranks.front() == 0 || ranks.back() > count_))) {
        throw std::invalid_argument(
            "LogSketch: the ranks must go upwards, from 1 to the number of values");
    }
    std::uint64_t reached = zeros_;  // the numbers before bins_[place]
    std::size_t place = 0;
    for (std::size_t at = 0; at < ranks.size(); ++at) {
        if (ranks[at] <= zeros_) {
            values[at] = 0;
            continue;
        }
        while (reached + bins_[place] < ranks[at]) {
            reached += bins_[place];
            ++place;
        }
        values[at] = value_of(static_cast<Bin>(first_ + static_cast<std::int64_t>(place)));
    }
}

Estimate LogSketch::quantile_estimate(double level) const
{
    if (count_ == 0) {
        return {};
    }
    Estimate estimate{.value = quantile(level)};
    const RankInterval ranks = order_statistic_ranks(count_, level);
    if (ranks.lower > 0) {
        estimate.lower = value_at_rank(ranks.lower);
    }
    if (ranks.upper) {
        estimate.upper = value_at_rank(*ranks.upper);
    }
    return estimate;
}

std::vector<std::byte> LogSketch::to_bytes() const
{
    std::vector<std::byte> bytes;
    bytes.reserve((3 + bins_.size()) * word_size);
    append(bytes, zeros_);
    append(bytes, static_cast<std::uint64_t>(first_));
    append(bytes, bins_.size());
    for (const Count in_bin : bins_) {
        append(bytes, in_bin);
    }
    return bytes;
}

LogSketch LogSketch::from_bytes(std::span<const std::byte> bytes)
{
    constexpr std::size_t header = 3;
    const std::size_t words = bytes.size() / word_size;
    if (bytes.size() % word_size != 0 || words < header || word(bytes, 2) != words - header) {
        reject_bytes();
    }
    LogSketch sketch;
    const auto counted = [&](std::size_t position) {
        const std::uint64_t numbers = word(bytes, position);
        if (numbers > most_numbers - sketch.count_) {
            reject_bytes();
        }
        sketch.count_ += numbers;
        return static_cast<Count>(numbers);
    };
    sketch.zeros_ = counted(0);
    sketch.first_ = static_cast<std::int64_t>(word(bytes, 1));
    for (std::size_t i = header; i < words; ++i) {
        sketch.bins_.push_back(counted(i));
    }
    const auto bins = std::ssize(sketch.bins_);
    const bool in_range =
        bins == 0 ? sketch.first_ == 0
                  : sketch.first_ >= least_bin && sketch.first_ <= largest_bin + 1 - bins
                        && sketch.bins_.front() > 0 && sketch.bins_.back() > 0;
    if (!in_range) {
        reject_bytes();
    }
    return sketch;
}

void LogSketch::grow(std::uint64_t numbers)
{
    // No bin can then count more either.
    if (numbers > most_numbers - count_) {
        throw std::overflow_error("LogSketch: more numbers than can be counted (2^32 - 1)");
    }
    count_ += numbers;
}

LogSketch::Count& LogSketch::bin(std::int64_t index)
{
    if (bins_.empty()) {
        first_ = index;
    }
    if (index < first_) {
        bins_.insert(bins_.begin(), static_cast<std::size_t>(first_ - index), 0);
        first_ = index;
    }
    const auto place = static_cast<std::size_t>(index - first_);
    if (place >= bins_.size()) {
        bins_.resize(place + 1, 0);
    }
    return bins_[place];
}

double LogSketch::value_at_rank(std::uint64_t rank) const
{
    double value = 0;
    values_at(std::array{static_cast<std::size_t>(rank)}, {&value, 1});
    return value;
}

}  // namespace chokepoint
