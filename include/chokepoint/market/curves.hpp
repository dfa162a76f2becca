#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "chokepoint/market/network.hpp"
#include "chokepoint/support/elementary.hpp"

namespace chokepoint {

/// How far the rationing coordinate reaches beyond floor and choke: further than demand and
/// supply can drift apart (growth of 100 % a year for a century is e^69, a price shock at its
/// bound e^250).
inline constexpr double rationing_range = 400;

/// The powers e^{kx} that a network's curves are made of, at one price on the rationing
/// coordinate.
class Powers {
public:
    /// At no price at all.
    Powers() = default;
    Powers(const Network& network, double x) { set(network, x); }
    Powers(const Powers&) = delete;
    Powers& operator=(const Powers&) = delete;

    /// Turns to another network or price.
    void set(const Network& network, double x)
    {
        const double* exponents = network.exponents.data();
        const std::size_t count = network.exponents.size();
        if (count > few) {
            beyond_.resize(count);
        }
        value_ = count > few ? beyond_.data() : first_.data();
        const double inside = std::clamp(x, network.log_floor, network.log_choke);
        for (std::size_t power = 0; power < count; ++power) {
            value_[power] = portable_exp(exponents[power] * inside);
        }
        below_ = x < network.log_floor;
        above_ = x > network.log_choke;
        supply_ration_ = below_ ? portable_exp(x - network.log_floor) : 1;
        demand_ration_ = above_ ? portable_exp(network.log_choke - x) : 1;
    }

    double operator[](std::uint32_t power) const { return value_[power]; }
    bool below_floor() const { return below_; }
    bool above_choke() const { return above_; }
    double supply_ration() const { return supply_ration_; }  ///< 1 from the floor upwards.
    double demand_ration() const { return demand_ration_; }  ///< 1 up to the choke.

private:
    /// Nearly all networks have no more exponents than that, and need no memory of the heap.
    static constexpr std::size_t few = 64;

    std::array<double, few> first_;
    std::vector<double> beyond_;
    double* value_ = first_.data();  ///< In one of the two.
    bool below_ = false, above_ = false;
    double supply_ration_ = 1;
    double demand_ration_ = 1;
};

/// Powers at prices met before, the last few.
class KnownPowers {
public:
    KnownPowers() : entries_(4) {}

    /// Valid until four others have been asked for.
    const Powers& at(const Network& network, double x);

    /// To be called when a network's exponents or bounds change.
    void forget();

private:
    struct Entry {
        const Network* network = nullptr;
        double x = 0;
        Powers powers;
    };

    std::vector<Entry> entries_;
    std::size_t next_ = 0;
};

/// What flows into a node (or a set of nodes) and out of it at one price, with first and second
/// derivatives in x; `out1` has the minus sign of a falling curve taken out.
struct Balance {
    double in = 0, in1 = 0, in2 = 0;
    double out = 0, out1 = 0, out2 = 0;
};

/// Adds the node's supply and fixed inflow to `in`, its net demand to `out`.
void add_node(const Network& network, const Node& node, const Powers& powers, Balance& balance);

/// Adds the demands `first` to `last` (exclusive), less what is drawn from own stock, to `out`.
void add_demands(const Network& network, std::uint32_t first, std::uint32_t last,
                 double own_stock, const Powers& powers, Balance& balance);

}  // namespace chokepoint
