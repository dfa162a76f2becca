#include "chokepoint/market/layer_trade.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "chokepoint/market/network.hpp"

namespace chokepoint {
namespace {

/// Where a cut parts the output of an exporter from the markets that are left.
enum class Cut {
    nowhere,      ///< Its output is not among what is cut off.
    at_border,    ///< All its exports together.
    at_importers  ///< Market by market; only where caps tell these apart.
};

struct Exporter {
    RegionId region;
    double all_exports = open_cap;
    bool names_importers = false;
    Cut cut = Cut::nowhere;
};

constexpr std::size_t most_exporters = 4;
constexpr double rounding = 1e-12;

/// The exporters under a cap; too many of them leave `fits` false.
struct Exporters {
    std::array<Exporter, most_exporters> of;
    std::size_t count = 0;
    bool fits = true;

    explicit Exporters(std::span<const ArcCap> caps)
    {
        for (const ArcCap& cap : caps) {
            const auto known = std::find_if(
                of.begin(), of.begin() + static_cast<std::ptrdiff_t>(count),
                [&](const Exporter& other) { return other.region == cap.arc.from; });
            if (known == of.end()) {
                fits = false;
                return;
            }
            count = std::max(count, static_cast<std::size_t>(known - of.begin()) + 1);
            known->region = cap.arc.from;
            if (cap.arc.all_exports()) {
                known->all_exports = cap.cap;
            } else {
                known->names_importers = true;
            }
        }
    }
    std::span<Exporter> all() { return std::span(of).first(count); }
};

/// Counts on to the next cut; false after the last.
bool next_cut(std::span<Exporter> exporters)
{
    for (Exporter& exporter : exporters) {
        if (exporter.cut == Cut::nowhere) {
            exporter.cut = Cut::at_border;
            return true;
        }
        if (exporter.cut == Cut::at_border && exporter.names_importers) {
            exporter.cut = Cut::at_importers;
            return true;
        }
        exporter.cut = Cut::nowhere;
    }
    return false;
}

double cap_to(std::span<const ArcCap> caps, RegionId from, RegionId to)
{
    const auto capped = std::ranges::find_if(caps, [&](const ArcCap& cap) {
        return cap.arc.from == from && cap.arc.to == to && !cap.arc.all_exports();
    });
    return capped == caps.end() ? open_cap : capped->cap;
}

/// What may come to a region's market of the output that is cut off.
double reach(std::span<const ArcCap> caps, std::span<const Exporter> exporters, RegionId to)
{
    double sum = 0;
    for (const Exporter& exporter : exporters) {
        if (exporter.cut != Cut::nowhere && exporter.region == to) {
            return open_cap;
        }
        if (exporter.cut == Cut::at_importers) {
            sum += cap_to(caps, exporter.region, to);
        }
    }
    return sum;
}

}  // namespace

bool finds_markets(std::span<const ArcCap> caps, std::span<const double> output,
                   std::span<const double> intake)
{
    Exporters exporters(caps);
    while (exporters.fits && next_cut(exporters.all())) {
        double cut_off = 0;
        double room = 0;
        for (const Exporter& exporter : exporters.all()) {
            if (exporter.cut != Cut::nowhere) {
                cut_off += output[exporter.region.index()];
            }
            if (exporter.cut == Cut::at_border) {
                room += exporter.all_exports;
            }
        }
        for (std::size_t to = 0; to < intake.size(); ++to) {
            const double most = reach(caps, exporters.all(), RegionId(to));
            room += std::min(most, intake[to]);
        }
        if (cut_off > room * (1 + rounding)) {
            return false;
        }
    }
    return exporters.fits;
}

}  // namespace chokepoint
