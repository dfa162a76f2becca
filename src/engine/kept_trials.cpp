#include "chokepoint/engine/kept_trials.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::uint64_t least_blocks = 16;

/// Takes every second of some numbers.
void thin(std::vector<double>& values)
{
    for (std::size_t place = 0; 2 * place < values.size(); ++place) {
        values[place] = values[2 * place];
    }
    values.resize((values.size() + 1) / 2);
}

/// Appends of a row of consecutive trials (or twins) those whose number divides by `stride`.
void append(std::span<const double> row, std::uint64_t first, std::uint64_t step,
            std::uint64_t stride, std::vector<double>& values)
{
    if (stride == 1) {
        values.insert(values.end(), row.begin(), row.end());
        return;
    }
    for (std::size_t place = 0; place < row.size(); ++place) {
        if ((first + place * step) % stride == 0) {
            values.push_back(row[place]);
        }
    }
}

/// False of what has figures only from the values that are kept.
bool is_sketched(const Column& column)
{
    return !column.arc && !column.part;
}

/// One column of a block. \param count  How many values a column has there.
std::span<const double> row_of(std::span<const double> block, std::size_t column,
                               std::uint64_t count)
{
    return block.subspan(column * count, count);
}

}  // namespace

ColumnSketch sketch_for(const Column& column, std::size_t largest)
{
    return {largest, column.thresholds,
            column.horizon.value_or(std::numeric_limits<double>::infinity())};
}

TrialKeeper::TrialKeeper(RunResult& result, bool has_twins, std::uint64_t memory)
    : result_(result)
{
    const std::size_t columns = result.columns.size();
    result.values.resize(columns);
    result.twin_values.resize(has_twins ? columns : 0);
    // Three quarters for values, the rest for what sketches keep of the tails.
    const std::uint64_t bytes_per_block =
        columns * sizeof(double)
        * (trials_per_block + (has_twins ? twins_of(trials_per_block) : 0));
    const std::uint64_t blocks = memory / 4 * 3 / std::max<std::uint64_t>(bytes_per_block, 1);
    if (blocks < least_blocks) {
        throw MemoryError(
            fmt::format("the values of {} trials do not fit into {} bytes (--memory must be at "
                        "least {} MB)",
                        least_blocks * trials_per_block, memory,
                        least_blocks * bytes_per_block * 4 / 3 / 1'000'000 + 1));
    }
    room_ = blocks * trials_per_block;
    const auto sketched = std::count_if(result.columns.begin(), result.columns.end(),
                                        [](const Column& column) { return is_sketched(column); });
    largest_ = memory / 4 / sizeof(RankedTrial)
               / static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(sketched, 1));
}

void TrialKeeper::add(std::uint64_t count, std::span<const double> values,
                      std::span<const double> twins)
{
    while ((result_.trials + count - 1) / result_.stride + 1 > room_) {
        if (result_.sketches.empty()) {
            start_sketches();
        }
        keep_every_second();
    }
    if (!result_.sketches.empty()) {
        add_to_sketches(count, values);
    }
    for (std::size_t column = 0; column < result_.values.size(); ++column) {
        append(row_of(values, column, count), result_.trials, 1, result_.stride,
               result_.values[column]);
    }
    for (std::size_t column = 0; column < result_.twin_values.size(); ++column) {
        append(row_of(twins, column, twins_of(count)), result_.trials, trials_per_twin,
               result_.stride, result_.twin_values[column]);
    }
    result_.trials += count;
}

/// As if they had been there from the first block.
void TrialKeeper::start_sketches()
{
    for (const Column& column : result_.columns) {
        result_.sketches.push_back(sketch_for(column, is_sketched(column) ? largest_ : 0));
    }
    for (std::size_t column = 0; column < result_.columns.size(); ++column) {
        const std::span<const double> values = result_.values[column];
        for (std::uint64_t first = 0; is_sketched(result_.columns[column]) && first < values.size();
             first += trials_per_block) {
            result_.sketches[column].add(
                values.subspan(first, std::min(trials_per_block, values.size() - first)),
                first);
        }
    }
}

void TrialKeeper::add_to_sketches(std::uint64_t count, std::span<const double> values)
{
    for (std::size_t column = 0; column < result_.columns.size(); ++column) {
        if (is_sketched(result_.columns[column])) {
            result_.sketches[column].add(row_of(values, column, count), result_.trials);
        }
    }
}

void TrialKeeper::keep_every_second()
{
    result_.stride *= 2;
    for (std::vector<double>& column : result_.values) {
        thin(column);
    }
    // Twins lie eight trials apart already.
    if (result_.stride > trials_per_twin) {
        for (std::vector<double>& column : result_.twin_values) {
            thin(column);
        }
    }
}

}  // namespace chokepoint
