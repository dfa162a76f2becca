#include "chokepoint/scenario/portfolio.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "bind.hpp"
#include "csv_fields.hpp"
#include "file_kind.hpp"
#include "key_table.hpp"
#include "messages.hpp"
#include "reading.hpp"
#include "resolved_yaml.hpp"
#include "section.hpp"
#include "text_check.hpp"
#include "yaml_tree.hpp"

namespace chokepoint {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_positions = 10'000;
constexpr std::string_view usd = "usd";

// Positions from a CSV file

/// A key of a CSV column, with what stands below it: `betas.nickel`.
std::pair<std::string, std::string> split_key(const std::string& column)
{
    const std::size_t dot = column.find('.');
    return dot == column.npos ? std::pair(column, std::string())
                              : std::pair(column.substr(0, dot), column.substr(dot + 1));
}

bool is_position_key(const std::string& key)
{
    return is_note(key) || std::ranges::any_of(all_event_kinds(), [&](const EventKind& kind) {
               return kind.list == "positions" && find_row(kind.section, key) != nullptr;
           });
}

/// Puts a cell below a map, under keys with points between them.
void put(YamlNode& map, const std::string& column, const CsvField& cell)
{
    const auto [key, rest] = split_key(column);
    YamlNode* below = map.find(key);
    if (below == nullptr) {
        YamlNode node;
        node.place = cell.place;
        map.entries.push_back({key, cell.place, std::move(node)});
        below = &map.entries.back().value;
    }
    if (rest.empty()) {
        below->kind = YamlNode::Kind::scalar;
        below->text = cell.text;
    } else {
        below->kind = YamlNode::Kind::map;
        put(*below, rest, cell);
    }
}

std::string trimmed(const std::string& text)
{
    const std::size_t first = text.find_first_not_of(' ');
    return first == text.npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Complains about columns that no position has. Gives their names, empty for those to skip.
std::vector<std::string> read_header(const std::vector<CsvField>& fields, Reading& reading)
{
    std::vector<std::string> columns;
    for (const CsvField& field : fields) {
        std::string name = trimmed(field.text);
        if (!is_position_key(split_key(name).first)) {
            reading.error(field.place, "",
                          fmt::format("no key of a position is called {}",
                                      in_quotes(split_key(name).first)),
                          name.find(';') != name.npos
                              ? "columns are separated by commas, not semicolons"
                              : "the first line names the columns as the keys of positions, with a "
                                "point before a key below a key: betas.nickel");
            name.clear();
        } else if (std::ranges::find(columns, name) != columns.end()) {
            reading.error(field.place, "",
                          fmt::format("{} is a column twice", in_quotes(name)));
            name.clear();
        }
        columns.push_back(std::move(name));
    }
    return columns;
}

/// The rows of a CSV text as a list of maps; an empty cell is a key that is not written.
YamlNode positions_of_csv(const std::string& text, const std::string& file, Reading& reading)
{
    YamlNode list;
    list.kind = YamlNode::Kind::list;
    list.place = {file, 1, 1};
    std::vector<std::string> columns;
    each_csv_line(text, file, [&](std::string_view line, const Place& place) {
        const auto fields = split_csv_line(line, place);
        if (!fields) {
            reading.error(place, "", "a quote does not end on this line");
        } else if (place.line == 1) {
            columns = read_header(*fields, reading);
        } else if (fields->size() != columns.size()) {
            reading.error(place, "",
                          fmt::format("{} fields on this line (must be {}, as in the first)",
                                      fields->size(), columns.size()));
        } else {
            YamlNode row;
            row.kind = YamlNode::Kind::map;
            row.place = place;
            for (std::size_t at = 0; at < columns.size(); ++at) {
                const CsvField& field = (*fields)[at];
                const std::string cell = trimmed(field.text);
                if (!columns[at].empty() && !cell.empty()) {
                    put(row, columns[at], {cell, field.place});
                }
            }
            list.items.push_back(std::move(row));
        }
    });
    return list;
}

/// Reads the CSV file that `positions` names in place of a list.
void take_in_positions(YamlNode& root, const fs::path& folder, Diagnostics& problems,
                       Reading& reading)
{
    YamlNode* positions = root.find("positions");
    if (positions == nullptr || !positions->is_scalar()) {
        return;
    }
    const Place place = positions->place;
    const std::string file = (folder / positions->text).lexically_normal().string();
    positions->kind = YamlNode::Kind::faulty;
    try {
        const std::string text = read_text(file);
        if (check_text(text, file, problems)) {
            reading.add_source(file, text);
            *positions = positions_of_csv(text, file, reading);
        }
    } catch (const FileError& fault) {
        reading.error(place, "positions", fault.what(),
                      "a CSV file of positions; the path is relative to this file");
    }
}

// The portfolio

class PortfolioReader {
public:
    PortfolioReader(const YamlNode& root, Reading& reading)
        : reading_(reading), top_(reading, "portfolio", root, "")
    {}

    Portfolio read()
    {
        top_.whole("schema");
        read_currencies();
        portfolio_.name = top_.text("portfolio");
        portfolio_.description = top_.text("description");
        portfolio_.discount_per_year = top_.plain("discount_per_year");
        portfolio_.until = top_.date("until");
        portfolio_.price_region = top_.name("price_region");
        portfolio_.max_loss_usd = money(top_, "max_loss", currency_);
        portfolio_.max_drawdown_usd = money(top_, "max_drawdown", currency_);
        portfolio_.market = noise(top_, "market");
        top_.each_entry("desks", [&](const Section& s, const std::string& name) {
            introduce(name, s, reading_.desks);
            portfolio_.desks.push_back({name, money(s, "max_loss", currency_)});
        });
        if (top_.has("desks") && top_.node("desks") == nullptr) {
            reading_.desks.mark_incomplete();
        }
        top_.each_entry("positions", [&](const Section& s, const std::string& name) {
            read_position(s, name);
        });
        const YamlNode* positions = top_.node("positions");
        if (positions != nullptr && positions->is_list()) {
            if (positions->items.empty()) {
                top_.error("positions", "holds nothing (got an empty list)");
            } else if (positions->items.size() > most_positions) {
                top_.error("positions",
                           fmt::format("too many positions (at most {})", most_positions));
            }
        }
        check_stakes();
        return std::move(portfolio_);
    }

private:
    void read_currencies()
    {
        reading_.currencies.add(std::string(usd), top_.place());
        rates_[std::string(usd)] = 1;
        top_.each_entry("currencies", [&](const Section& s, const std::string& name) {
            if (name == usd) {
                s.error("name", "is what others are worth (got \"usd\")");
            }
            introduce(name, s, reading_.currencies);
            rates_[name] = s.plain("usd");
        });
        currency_ = currency(top_, std::string(usd));
    }

    std::string currency(const Section& s, const std::string& otherwise) const
    {
        const std::string name = s.name("currency");
        return name.empty() ? otherwise : name;
    }

    double in_usd(const std::string& currency) const
    {
        const auto rate = rates_.find(currency);
        return rate == rates_.end() ? 1 : rate->second;
    }

    std::optional<double> money(const Section& s, std::string_view key,
                                const std::string& currency) const
    {
        return s.has(key) ? std::optional(s.plain(key) * in_usd(currency)) : std::nullopt;
    }

    std::optional<NoiseEntry> noise(const Section& s, std::string_view key) const
    {
        if (!s.has(key)) {
            return std::nullopt;
        }
        const Section below = s.section(key);
        NoiseEntry noise{.sd_per_year = below.plain("sd_per_year"), .degrees_of_freedom = {}};
        if (below.has("degrees_of_freedom")) {
            noise.degrees_of_freedom = below.plain("degrees_of_freedom");
        }
        return noise;
    }

    void read_position(const Section& s, const std::string& name)
    {
        using Reader = void (PortfolioReader::*)(const Section&, PositionEntry&);
        struct Kind {
            std::string_view section;
            PositionKind kind;
            Reader reader;
        };
        constexpr Kind kinds[] = {
            {"equity", PositionKind::equity, &PortfolioReader::read_equity},
            {"physical", PositionKind::physical, &PortfolioReader::read_metal},
            {"futures", PositionKind::futures, &PortfolioReader::read_metal},
            {"offtake", PositionKind::offtake, &PortfolioReader::read_offtake},
            {"project_loan", PositionKind::project_loan, &PortfolioReader::read_loan},
            {"guarantee_position", PositionKind::guarantee, &PortfolioReader::read_loan},
            {"price_guarantee", PositionKind::price_guarantee,
             &PortfolioReader::read_price_guarantee},
            {"consumer", PositionKind::consumer, &PortfolioReader::read_consumer},
            {"cash", PositionKind::cash, &PortfolioReader::read_cash},
        };
        const auto kind = std::ranges::find(kinds, s.name_in_table(), &Kind::section);
        s.choice("type");
        PositionEntry position;
        position.kind = kind->kind;
        position.name = name;
        position.place = s.place();
        position.desk = s.name("desk");
        money_ = currency(s, currency_);
        position.max_loss_usd = money(s, "max_loss", money_);
        (this->*(kind->reader))(s, position);
        portfolio_.positions.push_back(std::move(position));
    }

    /// The region of a position, or of the portfolio; one is needed.
    std::string price_region(const Section& s)
    {
        if (!s.has("region") && !top_.has("price_region")) {
            s.error_here("\"region\" is missing (and the portfolio has no \"price_region\")",
                         "region: whose quoted prices count");
        }
        const std::string name = s.name("region");
        return name.empty() ? portfolio_.price_region : name;
    }

    double fixed(const Number& number, std::string_view what)
    {
        if (!number.path.empty() && !number.distribution.is_fixed()) {
            reading_.error(
                number.place, number.path,
                fmt::format("must be a fixed number (got {})", to_string(number.distribution)),
                std::string(what));
        }
        return number.distribution.lower();
    }

    void read_equity(const Section& s, PositionEntry& position)
    {
        position.value_usd = s.plain("value") * in_usd(money_);
        position.hedge_ratio = s.plain("hedge_ratio");
        position.market_beta = s.plain("market_beta");
        position.noise = noise(s, "noise");
        position.mark = s.date("mark");
        if (position.market_beta != 0 && !top_.has("market")) {
            s.error("market_beta", "means nothing without the portfolio's \"market\"");
        }
        read_betas(s, position);
        if (!position.betas.empty()) {
            position.region = price_region(s);
        }
        s.each_in_map("facilities",
                      [&](const Section& below, const std::vector<std::string>& names) {
                          position.stakes.push_back(
                              {.facility = names.front(),
                               .share = below.plain("share"),
                               .unit_cost_usd_per_kg = below.plain("unit_cost_usd_per_kg"),
                               .price_region = below.name("price_region"),
                               .place = below.place()});
                      });
        const bool follows_nothing = !s.has("betas") && !s.has("revenue_shares")
                                     && !s.has("facilities") && !s.has("market_beta")
                                     && !s.has("noise");
        if (follows_nothing) {
            s.error_here(
                "follows nothing (needs betas, revenue_shares, facilities, market_beta or "
                "noise)");
        }
    }

    void read_betas(const Section& s, PositionEntry& position)
    {
        if (s.has("betas") && s.has("revenue_shares")) {
            s.error("revenue_shares", "stands beside \"betas\" (one of the two)");
        }
        for (const auto& [commodity, number] : s.number_map("betas")) {
            position.betas.push_back({commodity, fixed(number, "a beta"), number.place});
        }
        if (!s.has("revenue_shares")) {
            return;
        }
        const double beta = s.plain("beta");
        double sum = s.plain("other_revenue_share");
        for (const auto& [commodity, number] : s.number_map("revenue_shares")) {
            const double share = fixed(number, "a share of revenue");
            sum += share;
            position.betas.push_back({commodity, beta * share, number.place});
        }
        constexpr double rounding = 1e-6;
        if (std::abs(sum - 1) > rounding) {
            s.error("revenue_shares",
                    fmt::format("must make 1 together with other_revenue_share (got {})",
                                shown(sum)),
                    "other_revenue_share: revenue from other things");
        }
    }

    void read_metal(const Section& s, PositionEntry& position)
    {
        position.commodity = s.name("commodity");
        position.region = price_region(s);
        position.tonnes = s.plain("tonnes");
        position.mark = s.date("mark");
        if (position.kind == PositionKind::physical) {
            position.hedge_ratio = s.plain("hedge_ratio");
        }
    }

    void read_offtake(const Section& s, PositionEntry& position)
    {
        position.is_seller = s.choice("side") == "seller";
        position.commodity = s.name("commodity");
        position.facility = s.name("facility");
        position.region = price_region(s);
        position.tonnes_per_year = s.plain("tonnes_per_year");
        read_price_and_months(s, position);
    }

    void read_price_guarantee(const Section& s, PositionEntry& position)
    {
        position.commodity = s.name("commodity");
        position.facility = s.name("facility");
        position.region = s.name("region");
        position.share = s.plain("share");
        read_price_and_months(s, position);
    }

    void read_price_and_months(const Section& s, PositionEntry& position)
    {
        if (s.has("price_usd_per_kg")) {
            position.price_usd_per_kg = s.plain("price_usd_per_kg");
        }
        position.from = s.date("from");
        position.until = s.date("until");
        if (position.from && position.until && *position.until <= *position.from) {
            s.error("until",
                    fmt::format("must lie after from (got {}, from is {})",
                                to_string(*position.until), to_string(*position.from)));
        }
    }

    void read_loan(const Section& s, PositionEntry& position)
    {
        LoanEntry loan;
        loan.facility = s.name("facility");
        loan.principal_usd = s.plain("principal") * in_usd(money_);
        loan.interest_per_year = s.plain("interest_per_year");
        loan.term_months = static_cast<int>(s.whole("term_months"));
        loan.unit_cost_usd_per_kg = s.plain("unit_cost_usd_per_kg");
        loan.cash_share = s.plain("cash_share");
        loan.min_cover = s.plain("min_cover");
        loan.cover_months = static_cast<int>(s.whole("cover_months"));
        loan.grace_months = static_cast<int>(s.whole("grace_months"));
        loan.recovery_share = s.plain("recovery_share");
        loan.price_region = s.name("price_region");
        if (position.kind == PositionKind::guarantee) {
            loan.guaranteed_share = s.plain("guaranteed_share");
            loan.fee_per_year = s.plain("fee_per_year");
        } else {
            position.value_usd = loan.principal_usd;
        }
        position.loan = loan;
    }

    void read_consumer(const Section& s, PositionEntry& position)
    {
        position.value_usd = s.plain("value") * in_usd(money_);
        position.share = s.plain("share");
        position.region = price_region(s);
        position.pass_through = s.plain("pass_through");
        position.margin_usd_per_year = s.plain("margin_per_year") * in_usd(money_);
        position.lost_output = s.plain("lost_output");
        s.each_in_map(
            "inputs", [&](const Section& below, const std::vector<std::string>& names) {
                position.inputs.push_back({.commodity = names.front(),
                                           .tonnes_per_year = below.plain("tonnes_per_year"),
                                           .hedge_ratio = below.plain("hedge_ratio"),
                                           .place = below.place()});
            });
    }

    void read_cash(const Section& s, PositionEntry& position)
    {
        position.value_usd = s.plain("value") * in_usd(money_);
    }

    /// No facility earns for more than one owner.
    void check_stakes()
    {
        std::map<std::string, double> owned;
        constexpr double rounding = 1e-9;
        for (const PositionEntry& position : portfolio_.positions) {
            for (const StakeEntry& stake : position.stakes) {
                double& sum = owned[stake.facility];
                const bool was_over = sum > 1 + rounding;
                sum += stake.share;
                if (sum > 1 + rounding && !was_over) {
                    reading_.error(stake.place,
                                   fmt::format("positions.{}.facilities.{}", position.name,
                                               stake.facility),
                                   fmt::format("more than all of {} is held (the shares of all "
                                               "positions make {})",
                                               in_quotes(stake.facility), shown(sum)));
                }
            }
        }
    }

    Reading& reading_;
    Section top_;
    Portfolio portfolio_;
    std::string currency_;
    std::string money_;  ///< Of the position at hand.
    std::map<std::string, double> rates_;
};

/// Makes the names known that a portfolio may use; all of them if there is no scenario.
void introduce_names(std::span<const Scenario* const> scenarios, Reading& reading)
{
    for (Vocabulary* of : {&reading.regions, &reading.commodities, &reading.facilities}) {
        if (scenarios.empty()) {
            of->mark_incomplete();
        }
    }
    for (const Scenario* scenario : scenarios) {
        for (const std::string& region : scenario->regions) {
            reading.regions.add(region, {});
        }
        for (const CommodityEntry& commodity : scenario->commodities) {
            reading.commodities.add(commodity.name, {});
        }
        for (const FacilityEntry& facility : scenario->facilities) {
            reading.facilities.add(facility.name, {});
        }
    }
}

Portfolio read(const std::string& text, const std::string& file, const fs::path& folder,
               std::span<const Scenario* const> scenarios)
{
    Diagnostics problems;
    problems.add_source(file, text);
    std::optional<YamlNode> root = parse_yaml(text, file, problems);
    Portfolio portfolio;
    if (root && check_kind(*root, FileKind::portfolio, problems)) {
        try {
            Reading reading(problems);
            introduce_names(scenarios, reading);
            take_in_positions(*root, folder, problems, reading);
            portfolio = PortfolioReader(*root, reading).read();
        } catch (const TooManyProblems&) {
            // They are thrown below.
        }
    }
    portfolio.warnings = problems.sorted();
    if (problems.has_errors()) {
        throw InputError(problems.sorted());
    }
    portfolio.resolved_yaml = resolved_yaml(std::move(*root));
    portfolio.place = {file, 0, 0};
    return portfolio;
}

}  // namespace

std::string to_string(PositionKind kind)
{
    switch (kind) {
        case PositionKind::equity:
            return "equity";
        case PositionKind::physical:
            return "physical";
        case PositionKind::futures:
            return "futures";
        case PositionKind::offtake:
            return "offtake";
        case PositionKind::project_loan:
            return "project_loan";
        case PositionKind::guarantee:
            return "guarantee";
        case PositionKind::price_guarantee:
            return "price_guarantee";
        case PositionKind::consumer:
            return "consumer";
        case PositionKind::cash:
            return "cash";
    }
    return "";
}

Portfolio read_portfolio(const fs::path& file, std::span<const Scenario* const> scenarios)
{
    return read(read_text(file), file.string(), file.parent_path(), scenarios);
}

Portfolio read_portfolio_text(const std::string& text, const std::string& file_name,
                              std::span<const Scenario* const> scenarios)
{
    return read(text, file_name, {}, scenarios);
}

}  // namespace chokepoint
