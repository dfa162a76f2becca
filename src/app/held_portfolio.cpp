#include "chokepoint/app/held_portfolio.hpp"

#include "chokepoint/app/scenario_input.hpp"
#include "chokepoint/portfolio/portfolio_meter.hpp"
#include "chokepoint/results/portfolio_files.hpp"
#include "chokepoint/statistics/sample.hpp"
#include "chokepoint/study/comparison.hpp"

#include <cmath>

namespace chokepoint {

HeldPortfolio::HeldPortfolio(const std::filesystem::path& file, const ScenarioModels& models,
                             std::span<const Scenario* const> scenarios)
    : HeldPortfolio(read_portfolio(file, scenarios), models)
{
    show_warnings(portfolio_.warnings);
}

HeldPortfolio::HeldPortfolio(const Portfolio& portfolio, const ScenarioModels& models)
    : portfolio_(portfolio),
      models_(&models),
      book_(std::make_unique<const Book>(build_book(portfolio, *models.model)))
{}

std::vector<std::unique_ptr<Meter>> HeldPortfolio::meters(std::uint64_t seed) const
{
    const Model& model = *models_->model;
    std::vector<std::unique_ptr<Meter>> meters = all_meters(model);
    meters.push_back(meter(model, models_->calm() == nullptr ? model : *models_->calm(), seed));
    return meters;
}

std::unique_ptr<Meter> HeldPortfolio::meter(const Model& model, const Model& calm,
                                            std::uint64_t seed) const
{
    return make_portfolio_meter(model, calm, *book_, seed);
}

std::optional<HeldPortfolio> held_portfolio(const RunOptions& options,
                                            const ScenarioModels& models,
                                            std::span<const Scenario* const> scenarios)
{
    return options.portfolio.empty() ? std::nullopt
                                     : std::optional<HeldPortfolio>(
                                         std::in_place, options.portfolio, models, scenarios);
}

std::vector<std::unique_ptr<Meter>> meters_of(const ScenarioModels& models,
                                              const std::optional<HeldPortfolio>& held,
                                              std::uint64_t seed)
{
    return held ? held->meters(seed) : all_meters(*models.model);
}

std::optional<ReverseStress> add_portfolio(const HeldPortfolio& held, const Model& model,
                                           const RunResult& result, const RunSettings& settings,
                                           RunReport& report,
                                           std::map<std::string, std::string>& files)
{
    const Book& book = held.book();
    report.portfolio = portfolio_risk(book, result, report.summary.columns);
    const PortfolioRisk& risk = *report.portfolio;
    report.warnings.insert(report.warnings.end(), risk.warnings.begin(), risk.warnings.end());
    files[portfolio_file_name] = held.portfolio().resolved_yaml;
    files["portfolio.csv"] = portfolio_csv(book, risk, model.policy);
    files["contributions.csv"] = contributions_csv(book, risk, model.policy);
    if (!result.weights.empty() || result.stride != 1) {
        return std::nullopt;
    }
    // Beyond the limit; without one, or where too few trials pass it, the worst 5 %.
    constexpr double least_beyond = 20;
    const double var95 = risk.loss.figure("var95").estimate.value;
    const Figure* breach = breach_of(risk.loss);
    const bool is_limit =
        breach != nullptr
        && breach->estimate.value * static_cast<double>(result.trials) >= least_beyond;
    if (!is_limit && std::isnan(var95)) {
        return std::nullopt;
    }
    // Of losses that lie at one place, as those that are limited do, the VaR's own count too.
    const double limit = is_limit ? *book.max_loss_usd : std::nextafter(var95, -HUGE_VAL);
    ReverseStress stress = reverse_stress(
        model, result, *find_metric(result, "portfolio_loss", "all", "world"), limit, settings);
    stress.is_limit_of_portfolio = is_limit;
    if (2 * stress.beyond > stress.trials) {
        report.warnings.emplace_back(
            "no reverse stress: most trials lose as much as the VaR at 95 %, so that nothing "
            "tells the worst from the others");
        return std::nullopt;
    }
    files["reverse_stress.csv"] = reverse_stress_csv(stress, model.policy);
    return stress;
}

}  // namespace chokepoint
