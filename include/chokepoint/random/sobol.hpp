#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chokepoint {

/// The scramble that one entity's coordinate gets: keyed by seed, name and scramble number.
///
/// \param entity    `hash_name` of the entity.
/// \param scramble  Scrambles with different numbers are independent.
std::uint64_t scramble_key(std::uint64_t seed, std::uint64_t entity, std::uint64_t scramble);

/// Points of Sobol's sequence [sobol1967] with the direction numbers of [joe2008], plain or
/// scrambled. The first 2^k points of a dimension, and each later 2^k points in a row that
/// start at a multiple of 2^k, lie one in each of 2^k equal cells; pairs of dimensions are
/// spread almost as evenly, the low dimensions best. Any point of any dimension is reached at
/// once.
class SobolPoints {
public:
    static constexpr std::size_t most_dimensions = 3667;

    /// \throws std::invalid_argument for more than `most_dimensions`.
    explicit SobolPoints(std::size_t dimensions);

    std::size_t dimensions() const { return directions_.size(); }

    /// The first 32 binary digits of point n of the sequence, the most significant on top; n
    /// counts from 0, which is the origin, in the customary (Gray code) order.
    std::uint32_t digits(std::size_t dimension, std::uint32_t n) const;

    /// The coordinate of point n after nested uniform scrambling [owen1995], a number in (0,
    /// 1). Each point alone is uniform, the points together stay as even as they were, and
    /// their mean of a smooth function errs by about n^-3/2 instead of n^-1/2 [owen1997].
    /// Different keys give independent repetitions, whose spread is the error of their mean
    /// (statistics/replicates.hpp).
    ///
    /// Each binary digit is flipped or not by a fair hash of the digits before it [burley2020].
    /// Coordinates are independent of each other only under different keys.
    ///
    /// \param key  From `scramble_key`.
    double scrambled(std::size_t dimension, std::uint32_t n, std::uint64_t key) const;

private:
    static constexpr std::size_t digit_count = 32;
    using Directions = std::array<std::uint32_t, digit_count>;

    std::vector<Directions> directions_;  ///< Of each dimension: what each digit of n adds.
};

}  // namespace chokepoint
