#pragma once

#include <array>
#include <istream>
#include <string>

namespace chokepoint {

/// What is left in a stream, by blocks. `bad()` tells if reading failed on the way.
inline std::string rest_of(std::istream& stream)
{
    std::string text;
    std::array<char, 65536> block{};
    while (stream) {
        stream.read(block.data(), block.size());
        text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    }
    return text;
}

}  // namespace chokepoint
