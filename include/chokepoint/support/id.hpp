#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace chokepoint {

/// A position in one of the model's lists. The tag keeps a region from being used as a
/// commodity.
template <class Tag>
class Id {
public:
    constexpr Id() = default;
    constexpr explicit Id(std::size_t index) : value_(static_cast<std::uint32_t>(index)) {}

    /// The position, counted from 0.
    constexpr std::size_t index() const { return value_; }

    constexpr auto operator<=>(const Id&) const = default;

private:
    std::uint32_t value_ = 0;
};

}  // namespace chokepoint

template <class Tag>
struct std::hash<chokepoint::Id<Tag>> {
    std::size_t operator()(chokepoint::Id<Tag> id) const noexcept { return id.index(); }
};
