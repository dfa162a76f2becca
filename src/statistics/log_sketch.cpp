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

// Numbers of seven bits a byte, the lowest first; all bytes but the last have the eighth bit set.
constexpr unsigned bits_per_byte = 7;
constexpr unsigned more_follow = 1U << bits_per_byte;
constexpr std::size_t most_bytes = 10;         ///< Of a number of 64 bits.
constexpr std::size_t most_bytes_of_count = 5;  ///< Of one of 32.

char* write_number(std::uint64_t number, char* to)
{
    for (; number >= more_follow; number >>= bits_per_byte) {
        *to++ = static_cast<char>(number | more_follow);
    }
    *to++ = static_cast<char>(number);
    return to;
}

[[noreturn]] void reject_bytes()
{
    throw std::invalid_argument("LogSketch: the bytes are not those of a sketch");
}

/// \param rest  Loses the bytes of the number.
std::uint64_t read_number(std::string_view& rest)
{
    std::uint64_t number = 0;
    for (std::size_t place = 0; place < std::min(most_bytes, rest.size()); ++place) {
        const auto byte = static_cast<unsigned char>(rest[place]);
        number |= std::uint64_t{byte & (more_follow - 1)} << (place * bits_per_byte);
        if (byte < more_follow) {
            rest.remove_prefix(place + 1);
            return number;
        }
    }
    reject_bytes();
}

/// Small for small numbers of either sign.
std::uint64_t zigzag(std::int64_t number)
{
    return static_cast<std::uint64_t>(number) << 1 ^ static_cast<std::uint64_t>(number >> 63);
}

std::int64_t from_zigzag(std::uint64_t number)
{
    return static_cast<std::int64_t>(number >> 1 ^ (~(number & 1) + 1));
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

void LogSketch::append_to(std::string& bytes) const
{
    constexpr std::size_t header = 3;
    const std::size_t before = bytes.size();
    bytes.resize(before + header * most_bytes + bins_.size() * most_bytes_of_count);
    char* to = bytes.data() + before;
    to = write_number(zeros_, to);
    to = write_number(zigzag(first_), to);
    to = write_number(bins_.size(), to);
    for (std::size_t place = 0; place < bins_.size();) {
        if (bins_[place] > 0) {
            to = write_number(bins_[place++], to);
            continue;
        }
        const std::size_t first_empty = place;
        while (bins_[place] == 0) {  // the last bin is not empty
            ++place;
        }
        to = write_number(0, to);
        to = write_number(place - first_empty, to);
    }
    bytes.resize(static_cast<std::size_t>(to - bytes.data()));
}

LogSketch LogSketch::take_from(std::string_view& bytes)
{
    LogSketch sketch;
    const auto counted = [&](std::uint64_t numbers) {
        if (numbers > most_numbers - sketch.count_) {
            reject_bytes();
        }
        sketch.count_ += numbers;
        return static_cast<Count>(numbers);
    };
    sketch.zeros_ = counted(read_number(bytes));
    sketch.first_ = from_zigzag(read_number(bytes));
    const std::uint64_t bins = read_number(bytes);
    constexpr std::uint64_t most_bins = largest_bin - least_bin + 1;
    const bool in_range =
        bins == 0 ? sketch.first_ == 0
                  : bins <= most_bins && sketch.first_ >= least_bin
                        && sketch.first_ <= largest_bin + 1 - static_cast<std::int64_t>(bins);
    if (!in_range) {
        reject_bytes();
    }
    while (sketch.bins_.size() < bins) {
        const std::uint64_t numbers = read_number(bytes);
        const std::uint64_t places = numbers > 0 ? 1 : read_number(bytes);
        if (places == 0 || places > bins - sketch.bins_.size()) {
            reject_bytes();
        }
        sketch.bins_.insert(sketch.bins_.end(), places, counted(numbers));
    }
    if (bins > 0 && (sketch.bins_.front() == 0 || sketch.bins_.back() == 0)) {
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
