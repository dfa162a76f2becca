#include "chokepoint/market/layer_trade.hpp"

#include "chokepoint/market/network.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace chokepoint {
namespace {

RestrictedArc arc(std::size_t from, std::size_t to)
{
    return {CommodityId(0), StageId(0), RegionId(from), RegionId(to)};
}

ArcCap exports_cap(std::size_t from, double cap)
{
    return {arc(from, from), cap};
}

ArcCap trade_cap(std::size_t from, std::size_t to, double cap)
{
    return {arc(from, to), cap};
}

/// The largest flow from outputs to markets, by paths with room (whole numbers).
class Transport {
public:
    Transport(const std::vector<ArcCap>& caps, const std::vector<double>& output,
              const std::vector<double>& intake)
        : regions_(output.size()),
          room_(3 * regions_ + 2, std::vector<double>(3 * regions_ + 2, 0))
    {
        for (std::size_t from = 0; from < regions_; ++from) {
            room_[source()][from] = output[from];
            room_[from][market(from)] = open_cap;
            room_[from][border(from)] = open_cap;
            room_[market(from)][sink()] = intake[from];
            for (std::size_t to = 0; to < regions_; ++to) {
                room_[border(from)][market(to)] = to == from ? 0 : open_cap;
            }
        }
        for (const ArcCap& cap : caps) {
            const std::size_t from = cap.arc.from.index();
            if (cap.arc.all_exports()) {
                room_[from][border(from)] = cap.cap;
            } else {
                room_[border(from)][market(cap.arc.to.index())] = cap.cap;
            }
        }
    }

    double largest_flow()
    {
        double flow = 0;
        for (;;) {
            seen_.assign(room_.size(), false);
            const double sent = send(source(), open_cap);
            if (sent == 0) {
                return flow;
            }
            flow += sent;
        }
    }

private:
    std::size_t border(std::size_t region) const { return regions_ + region; }
    std::size_t market(std::size_t region) const { return 2 * regions_ + region; }
    std::size_t source() const { return 3 * regions_; }
    std::size_t sink() const { return 3 * regions_ + 1; }

    double send(std::size_t node, double amount)
    {
        if (node == sink()) {
            return amount;
        }
        seen_[node] = true;
        for (std::size_t next = 0; next < room_.size(); ++next) {
            if (seen_[next] || room_[node][next] == 0) {
                continue;
            }
            if (const double sent = send(next, std::min(amount, room_[node][next])); sent > 0) {
                room_[node][next] -= sent;
                room_[next][node] += sent;
                return sent;
            }
        }
        return 0;
    }

    std::size_t regions_;
    std::vector<std::vector<double>> room_;
    std::vector<bool> seen_;
};

TEST(FindsMarkets, WhereExportsAreCappedAsAWhole)
{
    const std::vector<double> output{10, 2}, intake{4, 8};
    EXPECT_TRUE(finds_markets(std::vector{exports_cap(0, 6)}, output, intake));
    EXPECT_FALSE(finds_markets(std::vector{exports_cap(0, 5)}, output, intake));
    EXPECT_TRUE(finds_markets(std::vector{exports_cap(1, 0)}, output, intake));
}

TEST(FindsMarkets, WhereTwoExportersMayNotServeTheSameImporter)
{
    const std::vector<double> output{5, 5, 0}, intake{0, 4, 6};
    const std::vector<ArcCap> one{trade_cap(0, 2, 1)};
    EXPECT_TRUE(finds_markets(one, output, intake));  // the other serves it
    const std::vector<ArcCap> both{trade_cap(0, 2, 1), trade_cap(1, 2, 4)};
    EXPECT_FALSE(finds_markets(both, output, intake));
    const std::vector<ArcCap> enough{trade_cap(0, 2, 1), trade_cap(1, 2, 5)};
    EXPECT_TRUE(finds_markets(enough, output, intake));
}

TEST(FindsMarkets, DoesNotTryManyExporters)
{
    const std::vector<double> output(5, 1), intake(5, 1);
    std::vector<ArcCap> caps;
    for (std::size_t from = 0; from < 5; ++from) {
        EXPECT_TRUE(finds_markets(caps, output, intake)) << from;
        caps.push_back(exports_cap(from, 1));
    }
    EXPECT_FALSE(finds_markets(caps, output, intake));
}

RC_GTEST_PROP(FindsMarketsProperties, LikeTheLargestFlow, ())
{
    const auto regions = *rc::gen::inRange<std::size_t>(2, 6);
    const auto amounts = rc::gen::container<std::vector<double>>(
        regions, rc::gen::map(rc::gen::inRange(0, 7), [](int tonnes) { return 1.0 * tonnes; }));
    const std::vector<double> output = *amounts;
    std::vector<double> intake = *amounts;
    // As much is taken in as is put out, as in a month that has cleared.
    const double excess = std::accumulate(output.begin(), output.end(), 0.0)
                          - std::accumulate(intake.begin(), intake.end(), 0.0);
    intake.front() += std::max(0.0, excess);
    std::vector<ArcCap> caps;
    const auto exporters = *rc::gen::inRange<std::size_t>(1, std::min<std::size_t>(regions, 4));
    for (std::size_t from = 0; from < exporters; ++from) {
        for (std::size_t to = 0; to < regions; ++to) {
            if (*rc::gen::inRange(0, 3) > 0) {
                caps.push_back(trade_cap(from, to, *rc::gen::inRange(0, 7)));
            }
        }
    }
    const double all = std::accumulate(output.begin(), output.end(), 0.0);
    RC_ASSERT(finds_markets(caps, output, intake)
              == (Transport(caps, output, intake).largest_flow() == all));
}

}  // namespace
}  // namespace chokepoint
