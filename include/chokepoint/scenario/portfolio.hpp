#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chokepoint/scenario/scenario.hpp"

namespace chokepoint {

/// What a position is.
enum class PositionKind {
    equity,
    physical,
    futures,
    offtake,
    project_loan,
    guarantee,
    price_guarantee,
    consumer,
    cash,
};

/// The word of a kind in files, e.g. `project_loan`.
std::string to_string(PositionKind kind);

/// How the value of a company follows the price of a commodity: by `beta` per unit of its
/// logarithm.
struct BetaEntry {
    std::string commodity;
    double beta = 0;
    Place place;
};

/// A share of what a facility earns.
struct StakeEntry {
    std::string facility;
    double share = 1;
    double unit_cost_usd_per_kg = 0;  ///< Of a kg of what it makes, all its outputs together.
    std::string price_region;         ///< Where it sells; empty: where it stands.
    Place place;
};

/// A return that has nothing to do with the metals: sd a year, Student-t if it has degrees of
/// freedom (above 2), else normal.
struct NoiseEntry {
    double sd_per_year = 0;
    std::optional<double> degrees_of_freedom;
};

/// A loan to a project, repaid in equal monthly instalments, and when it defaults.
struct LoanEntry {
    std::string facility;
    double principal_usd = 0;
    double interest_per_year = 0;
    int term_months = 0;
    double unit_cost_usd_per_kg = 0;
    double cash_share = 1;  ///< Of the facility's cash flow, to serve the loan.
    double min_cover = 1;   ///< Cash over instalments below which it defaults.
    int cover_months = 12, grace_months = 12;
    double recovery_share = 0;
    double guaranteed_share = 1;     ///< Of a guarantee: what it pays of the loss.
    double fee_per_year = 0;         ///< Of a guarantee: over the guaranteed balance.
    std::string price_region;        ///< Where the facility sells; empty: where it stands.
};

/// What a company that uses commodities takes in.
struct InputEntry {
    std::string commodity;
    double tonnes_per_year = 0;
    double hedge_ratio = 0;
    Place place;
};

/// One holding. What a kind has no use for stays as it is.
struct PositionEntry {
    PositionKind kind = PositionKind::cash;
    std::string name;
    std::string desk;  ///< Empty: none.
    Place place;
    double value_usd = 0;
    std::optional<double> max_loss_usd;
    std::optional<Date> mark;  ///< When it is valued; nothing: at the end.
    std::string region;        ///< Whose price counts; empty: the portfolio's.
    double hedge_ratio = 0;
    std::vector<BetaEntry> betas;
    std::vector<StakeEntry> stakes;
    double market_beta = 0;
    std::optional<NoiseEntry> noise;
    std::string commodity;  ///< Of physical, futures, offtake, price guarantee.
    double tonnes = 0;      ///< Negative: short.
    bool is_seller = false;
    std::string facility;  ///< Of offtake and price guarantee.
    double tonnes_per_year = 0;
    std::optional<double> price_usd_per_kg;  ///< Offtake: nothing: that of month 0. Or a floor.
    double share = 1;
    std::optional<Date> from, until;
    std::optional<LoanEntry> loan;
    std::vector<InputEntry> inputs;
    double pass_through = 0;
    double margin_usd_per_year = 0;
    double lost_output = 1;
};

struct DeskEntry {
    std::string name;
    std::optional<double> max_loss_usd;
};

/// A portfolio as written (docs/portfolio-format.md), money in USD. Only the reader makes one.
struct Portfolio {
    std::string name;
    std::string description;
    double discount_per_year = 0;
    std::optional<Date> until;
    std::string price_region;  ///< Empty if none is written.
    std::optional<double> max_loss_usd, max_drawdown_usd;
    std::optional<NoiseEntry> market;
    std::vector<DeskEntry> desks;
    std::vector<PositionEntry> positions;

    std::string resolved_yaml;  ///< One document, positions of a CSV file in it.
    std::vector<Diagnostic> warnings;
    Place place;
};

/// Reads a portfolio file, and the CSV file of positions that it may name.
///
/// \param scenarios  Whose regions, commodities and facilities it may name. Without any, names
///                   are not checked, and what is read is good for its problems alone.
/// \throws InputError  with every problem of the files at once.
/// \throws FileError   if a file cannot be opened.
Portfolio read_portfolio(const std::filesystem::path& file,
                         std::span<const Scenario* const> scenarios = {});

/// The same from text; a CSV file is looked for in the current folder.
Portfolio read_portfolio_text(const std::string& text, const std::string& file_name = "<text>",
                              std::span<const Scenario* const> scenarios = {});

/// The format page docs/portfolio-format.md, from the key table.
std::string portfolio_format_page();

}  // namespace chokepoint
