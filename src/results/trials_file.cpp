#include "chokepoint/results/trials_file.hpp"

#include "chokepoint/metrics/area.hpp"
#include "chokepoint/support/version.hpp"
#include "netcdf_file.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>

#include <fmt/format.h>

namespace chokepoint {
namespace {

using Type = NetcdfFile::Type;

constexpr std::uint64_t most_trials_per_chunk = 8192;

/// Columns without a place among commodities and regions are left out: there may be thousands.
bool is_kept(const Column& column)
{
    return column.is_metric();
}

/// Chunks of equal length, so that the last one wastes little.
std::size_t chunk_of(std::uint64_t trials)
{
    const std::uint64_t chunks = (trials + most_trials_per_chunk - 1) / most_trials_per_chunk;
    return chunks == 0 ? 1 : static_cast<std::size_t>((trials + chunks - 1) / chunks);
}

std::size_t position_in(const std::vector<std::string>& names, const std::string& name)
{
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
        throw std::logic_error(
            fmt::format("TrialsFile: a column names {}, which no "
                        "commodity or area is called",
                        name));
    }
    return static_cast<std::size_t>(found - names.begin());
}

/// `t (all: usd)` for tonnes of each commodity but dollars of all: xarray puts it on axes.
std::string units_of(const std::string& metric, const std::vector<Column>& columns)
{
    std::vector<std::string> units;
    std::string text;
    for (const Column& column : columns) {
        if (column.metric != metric || std::ranges::count(units, column.unit) > 0) {
            continue;
        }
        text += units.empty() ? column.unit
                              : fmt::format(" ({}: {})", column.commodity, column.unit);
        units.push_back(column.unit);
    }
    return text;
}

void describe_metric(NetcdfFile& file, int variable, const Column& column,
                     const std::string& units)
{
    file.set_attribute(variable, "long_name", column.sentence);
    file.set_attribute(variable, "units", units);
    if (column.horizon) {
        file.set_attribute(variable, "infinity",
                           fmt::format("not within the horizon of {} months", *column.horizon));
    }
}

void describe_file(NetcdfFile& file, const Model& model, const TrialsOrigin& origin)
{
    const auto set = [&](const char* name, const auto& value) {
        file.set_attribute(NetcdfFile::whole_file, name, value);
    };
    set("Conventions", std::string("ACDD-1.3"));
    set("title", "Trials of " + model.name);
    set("summary", std::string("Monte Carlo trials of a disruption of supply, a row each: "
                               "metrics by commodity and region or group of regions. NaN where "
                               "a metric does not exist."));
    set("keywords", std::string("critical minerals, supply disruption, Monte Carlo"));
    set("source", "chokepoint " + build_info().version);
    set("scenario", model.name);
    set("scenario_sha256", origin.scenario_sha256);
    set("seed", origin.seed);
    set("sampling", std::string(origin.sampling == Sampling::sobol ? "sobol" : "plain"));
}

}  // namespace

/// What variables are spread over.
struct TrialsFile::Axes {
    int trial, commodity, region;  ///< Dimensions.
    std::vector<std::string> commodities, regions;
};

TrialsFile::TrialsFile(const std::filesystem::path& file, const Model& model,
                       const std::vector<Column>& columns, const TrialsOrigin& origin)
    : file_(std::make_unique<NetcdfFile>(file)), chunk_(chunk_of(origin.trials))
{
    describe_file(*file_, model, origin);
    add_metrics(add_axes(model), columns);
    numbers_.reserve(chunk_);
    values_.resize(places_.size() * chunk_);
}

TrialsFile::~TrialsFile() = default;

TrialsFile::Axes TrialsFile::add_axes(const Model& model)
{
    Axes axes{};
    for (const Commodity& commodity : model.commodities) {
        axes.commodities.push_back(commodity.name);
    }
    axes.commodities.push_back("all");
    for (const Area& area : areas_of(model)) {
        axes.regions.push_back(area.name);
    }
    trial_dimension_ = axes.trial = file_->add_growing_dimension("trial");
    axes.commodity = file_->add_dimension("commodity", axes.commodities.size());
    axes.region = file_->add_dimension("region", axes.regions.size());

    number_variable_ = file_->add_variable("trial", Type::integer, {axes.trial}, {chunk_});
    file_->set_attribute(number_variable_, "long_name", "number of the trial, for replay");
    const int commodity = file_->add_variable("commodity", Type::text, {axes.commodity});
    file_->set_attribute(commodity, "long_name", "commodity, or all of them");
    const int region = file_->add_variable("region", Type::text, {axes.region});
    file_->set_attribute(region, "long_name", "region or group of regions");
    file_->put(commodity, axes.commodities);
    file_->put(region, axes.regions);
    return axes;
}

void TrialsFile::add_metrics(const Axes& axes, const std::vector<Column>& columns)
{
    std::map<std::string, int> variables;
    std::set<std::tuple<int, std::size_t, std::size_t>> taken;
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const Column& one = columns[column];
        if (!is_kept(one)) {
            continue;
        }
        const auto [variable, is_new] = variables.try_emplace(one.metric);
        if (is_new) {
            variable->second =
                file_->add_variable(one.metric, Type::number,
                                    {axes.trial, axes.commodity, axes.region}, {chunk_, 1, 1});
            describe_metric(*file_, variable->second, one, units_of(one.metric, columns));
        }
        const Place place{column, position_in(axes.commodities, one.commodity),
                          position_in(axes.regions, one.region), variable->second};
        if (!taken.emplace(place.variable, place.commodity, place.region).second) {
            throw std::logic_error(fmt::format("TrialsFile: two columns are {} of {}, {}",
                                               one.metric, one.commodity, one.region));
        }
        places_.push_back(place);
    }
}

void TrialsFile::take(const FinishedTrials& trials)
{
    for (std::uint64_t from = 0; from < trials.count;) {
        const std::uint64_t room = chunk_ - numbers_.size();
        const std::uint64_t count = std::min(trials.count - from, room);
        keep(trials, from, static_cast<std::size_t>(count));
        from += count;
        if (numbers_.size() == chunk_) {
            write_chunk();
        }
    }
}

/// Keeps `count` trials of a block, `from` its first on, of which there is room in the chunk.
void TrialsFile::keep(const FinishedTrials& trials, std::uint64_t from, std::size_t count)
{
    for (std::size_t place = 0; place < places_.size(); ++place) {
        const double* values = &trials.values[places_[place].column * trials.count + from];
        std::copy_n(values, count, &values_[place * chunk_ + numbers_.size()]);
    }
    if (!trials.log_weights.empty()) {
        keep_weights(trials.log_weights.subspan(from, count));
    }
    for (std::size_t trial = 0; trial < count; ++trial) {
        numbers_.push_back(static_cast<std::int64_t>(trials.first + from + trial));
    }
}

void TrialsFile::keep_weights(std::span<const double> log_weights)
{
    if (!weight_variable_) {
        weight_variable_ =
            file_->add_variable("log_weight", Type::number, {trial_dimension_}, {chunk_});
        file_->set_attribute(*weight_variable_, "long_name",
                             "natural logarithm of the trial's weight");
    }
    log_weights_.insert(log_weights_.end(), log_weights.begin(), log_weights.end());
}

void TrialsFile::write_chunk()
{
    const std::size_t count = numbers_.size();
    file_->put(number_variable_, {written_}, {count}, numbers_.data());
    for (std::size_t place = 0; place < places_.size(); ++place) {
        const Place& to = places_[place];
        file_->put(to.variable, {written_, to.commodity, to.region}, {count, 1, 1},
                   &values_[place * chunk_]);
    }
    if (!log_weights_.empty()) {
        file_->put(*weight_variable_, {written_}, {count}, log_weights_.data());
    }
    written_ += count;
    numbers_.clear();
    log_weights_.clear();
}

void TrialsFile::finish()
{
    if (!numbers_.empty()) {
        write_chunk();
    }
    file_->close();
}

}  // namespace chokepoint
