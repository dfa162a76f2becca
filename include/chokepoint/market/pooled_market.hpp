#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "chokepoint/market/lane_parameters.hpp"
#include "chokepoint/market/lane_terms.hpp"
#include "chokepoint/market/layered_network.hpp"
#include "chokepoint/market/legal_caps.hpp"
#include "chokepoint/market/rows.hpp"
#include "chokepoint/market/state.hpp"
#include "chokepoint/model/model.hpp"
#include "chokepoint/support/lane_array.hpp"

namespace chokepoint {

/// Clears the months in which a commodity is one price zone, or two with caps of one exporter
/// between them, of trials side by side (docs/model.md section 2): where trade is open all
/// goods between two stages are one pool, so a price, sums by stage and shares by capacity say
/// all. Each lane's result is its own: no bit of it depends on its neighbours, nor on how many
/// there are.
class PooledMarket {
public:
    /// \param model, networks  Must outlive the market.
    PooledMarket(const Model& model, std::span<const LayeredNetwork> networks);

    /// Begins a run with prices of month 0.
    void start(const LaneParameters& parameters);

    /// A cap at a place: on all that a region exports of a layer, or on what its market takes
    /// in of one exporter's.
    struct PlaceCap {
        std::size_t at;     ///< stage * regions + region
        const double* cap;  ///< By lane, t; open_cap where there is none.
    };

    /// Clears a commodity at one price, with plants at one share of their room as far as
    /// borders let them.
    ///
    /// \param stock     Of users, by cell and lane, t.
    /// \param clearing  Receives the commodity's part, in all lanes.
    /// \param holds     By lane: 1 where that is an equilibrium within floor and choke; else 0,
    ///                  and what was written there means nothing.
    /// \param worst     By lane: place of the border that most would have to pass beyond its
    /// cap;
    ///                  -1: none.
    void clear(std::size_t commodity, const LaneTerms& terms, const LaneArray<double>& stock,
               std::span<const PlaceCap> borders, Clearing& clearing, std::span<double> holds,
               std::span<double> worst);

    /// By lane: the root of `clear`, where the next month's search begins.
    std::span<double> price(std::size_t commodity);

    /// What parts a commodity's places in two pools: full borders of an exporter, of the layers
    /// `first` to `last`, or, of one layer, its full arcs to some importers.
    struct Parting {
        std::size_t exporter = 0, first = 0, last = 0;
        std::uint64_t importers = 0;  ///< A bit for each; 0: full borders.

        bool operator==(const Parting&) const = default;
    };

    /// The number of the commodity's division by a parting. By full borders, cheap is what lies
    /// before the first of them and the exporter's own up to the last; by full arcs, what lies
    /// before the layer, what the exporter puts out, and all markets that these arcs do not
    /// lead to. Dear is the rest. From the cheap to the dear pool lead what is full and plants,
    /// which are full too. Absent if the exporter does not make all that it takes.
    std::optional<std::size_t> division(std::size_t commodity, const Parting& parting);

    /// Whether a border, stage * regions + region, is one of those that make a division.
    bool divides(std::size_t commodity, std::size_t division, std::size_t border) const
    {
        return commodities_[commodity].divisions[division].crosses(border,
                                                                   model_->regions.size());
    }

    const Parting& parting(std::size_t commodity, std::size_t division) const
    {
        return commodities_[commodity].divisions[division].parting;
    }

    /// Clears a commodity in some lanes as two pools, where all that leads from the cheap to
    /// the dear one is full.
    ///
    /// \param between  What is full: borders, or arcs to importers, each by its exporter's
    /// place. \param cheap, dear  By lane: log prices where the search begins; receive those
    /// found. \param terms, stock, clearing, holds  As of `clear`, but of these lanes alone. No
    /// flow of
    ///               an arc is written.
    void clear_divided(std::size_t commodity, std::size_t division,
                       std::span<const PlaceCap> between, std::span<const PlaceCap> others,
                       std::span<const PlaceCap> to_importers, std::span<double> cheap,
                       std::span<double> dear, const LaneTerms& terms,
                       const LaneArray<double>& stock, Clearing& clearing,
                       std::span<double> holds);

    /// Reads the flows of the commodity's arcs anew in a lane, from what plants put through and
    /// regions export there.
    void read_arcs(std::size_t commodity, std::size_t lane, Clearing& clearing) const;

    /// The same of two pools, and the gaps between their prices; the arcs had none before.
    /// \param cheap, dear  Log prices.
    void read_arcs(std::size_t commodity, std::size_t division, std::size_t lane, double cheap,
                   double dear, Clearing& clearing) const;

private:
    /// A supply term, a user region or a stock of plants, and the rows that they are made of.
    struct Supply {
        std::size_t term;  ///< Row of CommodityTerms::available.
        std::uint32_t power;
        std::size_t at;  ///< stage * regions + region
        bool is_flat;    ///< The same at any price.
    };
    struct User {
        std::size_t region;
        std::uint32_t consumption_power, order_power;
        bool buys_for_reserves;
    };
    struct Stockpile {
        std::size_t term;  ///< Row of CommodityTerms::stage_order.
        std::size_t at;
        std::size_t position;  ///< In model.stage_stocks.
        std::uint32_t power;
    };
    struct Arc {
        std::size_t position;  ///< In model.cappable_arcs.
        CappableArc::Kind kind;
        std::size_t at;     ///< stage * regions + region of the exporter
        std::size_t share;  ///< Of those to one importer: row of `trade_share`.
        RegionId to;        ///< Of those to one importer.
    };
    /// What has one price.
    struct Pool {
        std::vector<Supply> supplies;
        std::vector<User> users;
        std::vector<Stockpile> stockpiles;
    };
    /// How a commodity's places lie in pools: all in one, or in a cheap and a dear one.
    struct Division {
        std::vector<Pool> pools;
        /// By stage * regions + region: the pool of what a region puts out of a stage, and that
        /// of where it takes the like in.
        std::vector<std::uint32_t> origin_pool, market_pool;
        Parting parting;  ///< Of two pools.
        /// Positions of cappable arcs between the pools: from the cheap one, and to it, where
        /// nobody sells.
        std::vector<std::size_t> upward, downward;

        bool is_one_pool() const { return pools.size() == 1; }
        bool crosses(std::size_t border, std::size_t regions) const
        {
            const std::size_t layer = border / regions;
            return !is_one_pool() && parting.importers == 0
                   && border % regions == parting.exporter && layer >= parting.first
                   && layer <= parting.last;
        }
    };
    /// Prices of a pool and what they mean.
    struct PoolPrices {
        LaneArray<double> price;                         ///< Log, within floor and choke.
        LaneArray<double> power;                         ///< By power of the network: e^{k x}.
        LaneArray<double> supply_ration, demand_ration;  ///< 1 within floor and choke.
    };
    struct Commodity {
        Division whole;
        std::vector<Division> divisions;
        std::vector<Arc> arcs;
        std::vector<std::size_t> origins;  ///< stage * regions + region where something leaves.
        std::vector<std::size_t> plants;   ///< stage * regions + region, in order.
        std::vector<std::uint32_t> moving_powers;  ///< Those that are not 1 at any price.
        PoolPrices prices;                         ///< Of `whole`.
        LaneArray<double> trade_share;  ///< By importer's arc: of the exporter's trade.
    };
    /// What is being cleared.
    struct Task {
        std::size_t index;  ///< Of the commodity.
        const Commodity& commodity;
        const LaneTerms& terms;
        const CommodityTerms& own_terms;
        const LaneArray<double>& stock;
        const Division& division;
        std::span<PoolPrices> prices;
        std::span<const PlaceCap> between;  ///< Borders, or arcs to importers, that are full.
        std::span<const PlaceCap> borders;  ///< Others.
        std::span<const PlaceCap> to_importers;
        const double* beyond;  ///< All that passes from the cheap to the dear pool; null: one.
        Clearing& clearing;
        double* holds;
        double* worst;  ///< Null: nobody asks.
    };
    /// A row of each pool.
    using PoolRows = std::array<Row, 2>;

    void list_supplies(std::size_t commodity);
    void list_users(std::size_t commodity);
    void list_places(std::size_t commodity);
    void list_arcs(std::size_t commodity);
    bool reaches(std::size_t commodity, const Parting& parting) const;
    Division divided_by(std::size_t commodity, const Parting& parting) const;
    std::pair<std::uint32_t, std::uint32_t> pools_of(const Division& division,
                                                     const Arc& arc) const;
    bool stays_in_pool(const Division& division, std::size_t plant) const;

    void add_flat(const Task& task, std::size_t pool);
    void add_curves(const Task& task);
    void add_rationed_curves(const Task& task, std::size_t pool);
    void find_root(const Task& task);
    void find_rationed_root(const Task& task, std::size_t pool, std::span<double> price);
    void set_powers(const Task& task, std::size_t pool, const double* moved);
    void clear_goods(const Task& task);
    void set_prices(const Task& task) const;
    void supply_pool(const Task& task, std::size_t pool);
    void pass_stage(const Task& task, std::size_t stage, PoolRows& above);
    void bound_plant(const Task& task, std::size_t plant, double* least, double* most);
    void bound_plants(const Task& task, std::size_t stage, std::size_t pool, const Row& total,
                      Row& share);
    const PlaceCap* border_at(const Task& task, std::size_t at) const;
    bool may_be_bounded(const Task& task, std::size_t stage) const;
    const double* stock_drawn(const Task& task, std::size_t plant) const;
    const double* taken_at_home(const Task& task, std::size_t at);
    void check_borders(const Task& task);
    void check_importers(const Task& task);
    void serve_users(const Task& task, std::size_t pool, Row& sold);
    void fill_reserves(const Task& task);
    void read_exports(const Task& task);
    const double* intake(const Task& task, std::size_t at);
    std::size_t layer_row(std::size_t commodity, std::size_t at) const;

    const Model* model_;
    std::span<const LayeredNetwork> networks_;
    std::size_t all_lanes_ = 0;
    std::size_t lanes_ = 0;  ///< Of the task at hand.
    std::vector<Commodity> commodities_;
    std::array<PoolPrices, 2> divided_;  ///< Of the two pools at hand.
    // Rows of the commodity at hand.
    Row flat_{};                    ///< What comes into a pool at any price.
    LaneArray<double> balance_;     ///< Six rows: in, out and their derivatives.
    LaneArray<double> own_supply_;  ///< By stage * regions + region: mined or recycled, t.
    LaneArray<double> net_draw_;    ///< Same: drawn from plants' stocks less put in.
    Row intake_{};
    Row worst_excess_{}, worst_{};  ///< Of all borders: the largest excess, and whose it is.
    LaneArray<double> bounds_;  ///< By region and bound, least and most: of a stage's plants.
};

}  // namespace chokepoint
