#include "chokepoint/statistics/band_table.hpp"

#include "band_units.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace chokepoint {

BandTable::BandTable(std::size_t positions)
    : places_(positions),
      bins_(std::make_unique_for_overwrite<LogSketch::Bin[]>(positions * room)),
      sketches_(positions)
{}

std::optional<std::size_t> BandTable::add(std::size_t position, std::span<const double> values)
{
    if (values.size() > most_at_once) {
        throw std::invalid_argument("BandTable: too many numbers at once (at most 64)");
    }
    Place& place = places_[position];
    if (place.waiting + values.size() > room) {
        pour(position);
    }
    std::array<Moments, most_at_once / band_unit> units;
    LogSketch::Bin* const bins = bins_.get() + position * room + place.waiting;
    if (!bins_and_moments(values.data(), values.size(), bins, units.data())) {
        const auto refused = std::find_if_not(values.begin(), values.end(),
                                              [](double value) { return value >= 0; });
        return static_cast<std::size_t>(refused - values.begin());
    }
    place.waiting += values.size();
    for (std::size_t unit = 0; unit * band_unit < values.size(); ++unit) {
        place.block.merge(units[unit]);
    }
    return std::nullopt;
}

MomentsTable BandTable::take_moments()
{
    MomentsTable moments(positions());
    moments.count = places_.empty() ? 0 : places_.front().block.count;
    for (std::size_t position = 0; position < positions(); ++position) {
        const Moments block = std::exchange(places_[position].block, {});
        if (block.count != moments.count) {
            throw std::logic_error("BandTable: positions got different numbers of values");
        }
        moments.mean[position] = block.mean;
        moments.m2[position] = block.m2;
    }
    return moments;
}

std::vector<LogSketch> BandTable::take_sketches()
{
    for (std::size_t position = 0; position < positions(); ++position) {
        pour(position);
    }
    return std::exchange(sketches_, std::vector<LogSketch>(positions()));
}

void BandTable::pour(std::size_t position)
{
    const std::size_t waiting = std::exchange(places_[position].waiting, 0);
    sketches_[position].add_all({bins_.get() + position * room, waiting});
}

}  // namespace chokepoint
