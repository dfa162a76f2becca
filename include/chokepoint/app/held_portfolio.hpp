#pragma once

#include "chokepoint/app/commands.hpp"
#include "chokepoint/app/scenario_models.hpp"
#include "chokepoint/engine/run.hpp"
#include "chokepoint/metrics/meter.hpp"
#include "chokepoint/portfolio/book.hpp"
#include "chokepoint/results/write_results.hpp"
#include "chokepoint/scenario/portfolio.hpp"
#include "chokepoint/study/reverse_stress.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace chokepoint {

/// A portfolio as one model understands it.
class HeldPortfolio {
public:
    /// \param scenarios  Whose names the file may use, that of the models among them.
    /// \throws InputError, FileError
    HeldPortfolio(const std::filesystem::path& file, const ScenarioModels& models,
                  std::span<const Scenario* const> scenarios);

    /// The same portfolio in another model.
    HeldPortfolio(const Portfolio& portfolio, const ScenarioModels& models);

    const Portfolio& portfolio() const { return portfolio_; }
    const Book& book() const { return *book_; }

    /// All meters of a run of the models, and the portfolio's. Must not outlive this.
    std::vector<std::unique_ptr<Meter>> meters(std::uint64_t seed) const;
    /// The portfolio's alone, for a model with the same ids.
    std::unique_ptr<Meter> meter(const Model& model, const Model& calm,
                                 std::uint64_t seed) const;

private:
    Portfolio portfolio_;
    const ScenarioModels* models_;
    std::unique_ptr<const Book> book_;  ///< Meters point to it.
};

/// The portfolio that the options name; nothing if they name none.
std::optional<HeldPortfolio> held_portfolio(const RunOptions& options,
                                            const ScenarioModels& models,
                                            std::span<const Scenario* const> scenarios);

/// All meters of a run, with a portfolio's if there is one.
std::vector<std::unique_ptr<Meter>> meters_of(const ScenarioModels& models,
                                              const std::optional<HeldPortfolio>& held,
                                              std::uint64_t seed);

/// Puts the portfolio's figures into the report, and its files beside the others. What
/// separates bad trials from the others comes with it where all values are there.
std::optional<ReverseStress> add_portfolio(const HeldPortfolio& held, const Model& model,
                                           const RunResult& result, const RunSettings& settings,
                                           RunReport& report,
                                           std::map<std::string, std::string>& files);

}  // namespace chokepoint
