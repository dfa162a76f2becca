#include "chokepoint/market/network.hpp"

namespace chokepoint {

void Network::link_arcs()
{
    first_link.assign(nodes.size() + 1, 0);
    for (const Arc& arc : arcs) {
        ++first_link[arc.from + 1];
        ++first_link[arc.to + 1];
    }
    for (std::size_t node = 0; node < nodes.size(); ++node) {
        first_link[node + 1] += first_link[node];
    }
    links.resize(2 * arcs.size());
    std::vector<std::uint32_t> next(first_link.begin(), first_link.end() - 1);
    for (std::uint32_t arc = 0; arc < arcs.size(); ++arc) {
        links[next[arcs[arc].from]++] = {arc, arcs[arc].to, true};
        links[next[arcs[arc].to]++] = {arc, arcs[arc].from, false};
    }
}

std::uint32_t Network::power(double exponent)
{
    for (std::uint32_t known = 0; known < exponents.size(); ++known) {
        if (exponents[known] == exponent) {
            return known;
        }
    }
    exponents.push_back(exponent);
    return static_cast<std::uint32_t>(exponents.size() - 1);
}

}  // namespace chokepoint
