#include "chokepoint/study/policy_study.hpp"

#include "chokepoint/model/hazard_class.hpp"
#include "chokepoint/statistics/tail_risk.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace chokepoint {
namespace {

constexpr const char* all = "all";
constexpr const char* world = "world";

/// A metric's values by trial; zeros if the run has none, as of costs without a policy.
std::vector<double> values_of(const RunResult& run, std::string_view metric,
                              std::string_view commodity, std::string_view region)
{
    const auto column = find_metric(run, metric, commodity, region);
    return column ? run.values[*column] : std::vector<double>(run.trials, 0);
}

/// Shortfall of all commodities in tonnes, by trial.
std::vector<double> tonnes_of(const RunResult& run, const std::string& region)
{
    std::vector<double> sum(run.trials, 0);
    for (std::size_t column = 0; column < run.columns.size(); ++column) {
        const Column& of = run.columns[column];
        if (of.is_metric() && of.metric == "shortfall_total" && of.commodity != all
            && of.region == region) {
            for (std::size_t trial = 0; trial < sum.size(); ++trial) {
                sum[trial] += run.values[column][trial];
            }
        }
    }
    return sum;
}

/// Of how many commodities there are users.
std::size_t metals_of(const RunResult& run, const std::string& region)
{
    return static_cast<std::size_t>(std::ranges::count_if(run.columns, [&](const Column& of) {
        return of.is_metric() && of.metric == "shortfall_total" && of.commodity != all
               && of.region == region;
    }));
}

std::vector<double> minus(const std::vector<double>& one, const std::vector<double>& other)
{
    std::vector<double> difference(one.size());
    std::ranges::transform(one, other, difference.begin(), std::minus<>());
    return difference;
}

Figure es_figure(const std::vector<double>& values)
{
    Figure figure{.statistic = "es" + percent_name(comparison_level), .estimate = {}};
    const double in_tail = (1 - comparison_level) * static_cast<double>(values.size());
    figure.n = static_cast<std::uint64_t>(in_tail);
    if (tail_sample(in_tail) != TailSample::too_few) {
        const TailRisk risk = tail_risk(values, comparison_level);
        figure.standard_error = risk.standard_error;
        figure.estimate = expected_shortfall(risk);
    }
    return figure;
}

/// Cost over the fall of the ES in percentage points; none where that is not told from 0.
Figure per_point(const Figure& cost, const Figure& es_difference)
{
    Figure figure{.statistic = "usd_per_es_point", .estimate = {}, .n = cost.n};
    const double points = -100 * es_difference.estimate.value;
    const double error = 100 * es_difference.standard_error;
    if (points > interval_z * error) {
        const double ratio = cost.estimate.value / points;
        figure.standard_error =
            std::hypot(cost.standard_error / points, ratio * error / points);
        figure.estimate = normal_estimate(ratio, figure.standard_error);
    }
    return figure;
}

}  // namespace

PolicyStudyMaker::PolicyStudyMaker(const RunResult& none, std::string region) : none_(none)
{
    if (!find_metric(none, "shortfall_share", all, region)) {
        throw std::invalid_argument("PolicyStudyMaker: nobody in " + region + " uses anything");
    }
    study_.region = std::move(region);
    study_.trials = none.trials;
    add("none", none, none, none);
}

void PolicyStudyMaker::add(const std::string& policy, const RunResult& run,
                           const RunResult& calm, const RunResult& calm_early)
{
    const std::string& region = study_.region;
    const bool is_none = shares_.empty();
    const std::vector<double> share = values_of(run, "shortfall_share", all, region);
    const std::vector<double> cost = values_of(run, "policy_cost", all, world);
    const std::vector<double> avoided = minus(tonnes_of(none_, region), tonnes_of(run, region));
    const auto change = [&](const char* metric, const std::string& where) {
        return paired_difference(values_of(run, metric, all, where),
                                 values_of(none_, metric, all, where));
    };
    PolicyOutcome outcome;
    outcome.policy = policy;
    outcome.columns = compare_runs(run, none_);
    outcome.shortfall_share = mean_figure(share);
    outcome.es_shortfall_share = es_figure(share);
    outcome.cost = mean_figure(cost);
    outcome.calm_cost =
        is_none ? mean_figure(cost) : mean_figure(values_of(calm, "policy_cost", all, world));
    outcome.calm_price = is_none
                             ? mean_figure(std::vector<double>(run.trials, 1))
                             : mean_figure(values_of(calm_early, "price_mean", all, region));
    if (metals_of(run, region) == 1) {  // tonnes of several do not add up
        outcome.tonnes_avoided = mean_figure(avoided);
        outcome.usd_per_tonne = ratio_of_means(cost, avoided);
    }
    outcome.usd_per_usd =
        ratio_of_means(cost, minus(values_of(none_, "shortfall_total", all, region),
                                   values_of(run, "shortfall_total", all, region)));
    outcome.usd_per_es_point =
        per_point(outcome.cost,
                  paired_es_difference(share, values_of(none_, "shortfall_share", all, region),
                                       comparison_level));
    outcome.users_bill = change("extra_bill", region);
    outcome.world_bill = change("extra_bill", world);
    const auto elsewhere = [&](const RunResult& of) {
        return minus(values_of(of, "extra_bill", all, world),
                     values_of(of, "extra_bill", all, region));
    };
    outcome.other_bill = paired_difference(elsewhere(run), elsewhere(none_));
    study_.outcomes.push_back(std::move(outcome));
    shares_.push_back(share);
}

PolicyStudy PolicyStudyMaker::finish()
{
    Contest contest = contest_of(shares_);
    std::vector<double> costs, losses;
    for (const PolicyOutcome& outcome : study_.outcomes) {
        costs.push_back(outcome.cost.estimate.value);
        losses.push_back(outcome.es_shortfall_share.estimate.value);
    }
    const std::vector<bool> is_efficient = efficient(costs, losses);
    for (std::size_t policy = 0; policy < study_.outcomes.size(); ++policy) {
        study_.outcomes[policy].regret = contest.regret[policy];
        study_.outcomes[policy].is_efficient =
            is_efficient[policy] && !std::isnan(losses[policy]);  // no ES on few trials
    }
    study_.beats = std::move(contest.beats);
    return std::move(study_);
}

RoomValue room_value(const Model& model, std::size_t arc, double room_t_per_month,
                     const RunResult& with, const RunResult& without)
{
    const auto arc_values = [&](const RunResult& run) {
        const auto column = std::ranges::find_if(run.columns, [&](const Column& of) {
            return of.arc == arc && of.metric == "arc_marginal_value";
        });
        return run.values[static_cast<std::size_t>(column - run.columns.begin())];
    };
    const std::string& commodity =
        model.commodities[model.cappable_arcs[arc].commodity.index()].name;
    const double tonnes = room_t_per_month * model.months;
    const auto saved = [&](const char* metric) {
        std::vector<double> per_tonne = minus(values_of(without, metric, commodity, world),
                                              values_of(with, metric, commodity, world));
        for (double& value : per_tonne) {
            value /= tonnes;
        }
        return mean_figure(per_tonne);
    };
    return {.arc = arc,
            .room_t_per_month = room_t_per_month,
            .marginal_value = mean_figure(arc_values(without)),
            .left_value = mean_figure(arc_values(with)),
            .shortfall_avoided = saved("shortfall_total"),
            .bill_saved = saved("extra_bill"),
            .surplus = find_metric(with, "users_loss", commodity, world) ? saved("users_loss")
                                                                         : Figure{}};
}

RunResult run_calm(const Model& policy, const Model& without, const RunSettings& settings,
                   int months)
{
    Model calm_policy = without_hazards(policy, hazard_entries(policy));
    Model calm = without_hazards(without, hazard_entries(without));
    calm_policy.months = calm.months = std::min(policy.months, months);
    RunSettings calm_settings = settings;
    calm_settings.trials = std::min(settings.trials, calm_trials);
    calm_settings.calm = &calm;
    calm_settings.sinks.clear();
    calm_settings.until.clear();
    const auto meters = all_meters(calm_policy);
    Progress progress;
    return run(calm_policy, meters, calm_settings, progress);
}

}  // namespace chokepoint
