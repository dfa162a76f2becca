#include "chokepoint/results/experiment_files.hpp"

#include "chokepoint/results/write_file.hpp"
#include "csv_lines.hpp"
#include "netcdf_file.hpp"

#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

namespace chokepoint {
namespace {

constexpr std::size_t digest_length = 16;

std::string line_of(const std::string& key, const std::vector<PointJournal::Value>& values)
{
    std::string line = key;
    for (const PointJournal::Value& value : values) {
        line += fmt::format(" {} {} {} {}", value.estimate.value, value.estimate.lower,
                            value.estimate.upper, value.n);
    }
    return line + " " + sha256(line).substr(0, digest_length);
}

/// A number as `line_of` writes it; nothing if there is none.
template <class Number>
std::optional<Number> next_number(std::istringstream& words)
{
    std::string word;
    if (!(words >> word)) {
        return std::nullopt;
    }
    Number number{};
    const auto [end, fault] = std::from_chars(word.data(), word.data() + word.size(), number);
    return fault == std::errc() && end == word.data() + word.size() ? std::optional(number)
                                                                    : std::nullopt;
}

/// `es99(shortfall_share,all,world)`
std::string label_of(const FigureName& figure)
{
    return fmt::format("{}({},{},{})", figure.statistic, figure.column.metric,
                       figure.column.commodity, figure.column.region);
}

/// The cells that tell which figure it is.
std::string figure_cells(const FigureName& name, const std::string& unit)
{
    return fmt::format("{},{},{},{},{}", name.column.metric, name.column.commodity,
                       name.column.region, csv_text(unit), name.statistic);
}

}  // namespace

void PointJournal::read(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    for (std::string line; std::getline(stream, line);) {
        const std::size_t end = line.rfind(' ');
        if (end == line.npos
            || sha256(line.substr(0, end)).substr(0, digest_length) != line.substr(end + 1)) {
            continue;
        }
        std::istringstream words(line.substr(0, end));
        std::string key;
        words >> key;
        std::vector<Value> values;
        while (const auto value = next_number<double>(words)) {
            const auto lower = next_number<double>(words), upper = next_number<double>(words);
            const auto n = next_number<std::uint64_t>(words);
            values.push_back(
                {{*value, lower.value_or(NAN), upper.value_or(NAN)}, n.value_or(0)});
        }
        points_[key] = std::move(values);
    }
}

void PointJournal::grow(const std::filesystem::path& file)
{
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    write_file(file, text());
    file_ = file;
}

const std::vector<PointJournal::Value>* PointJournal::find(const std::string& key) const
{
    const auto found = points_.find(key);
    return found == points_.end() ? nullptr : &found->second;
}

void PointJournal::add(const std::string& key, std::vector<Value> values)
{
    std::ofstream stream(file_, std::ios::binary | std::ios::app);
    stream << line_of(key, values) + "\n" << std::flush;
    if (!stream) {
        throw WriteError(fmt::format("{}: cannot be written", file_.string()));
    }
    points_[key] = std::move(values);
}

std::string PointJournal::text() const
{
    std::string text;
    for (const auto& [key, values] : points_) {
        text += line_of(key, values) + "\n";
    }
    return text;
}

std::vector<std::vector<double>> outputs_of(const ExperimentTable& table)
{
    const std::size_t replicates = table.experiment->replicates;
    std::vector<std::vector<double>> outputs(table.figures.size());
    for (std::size_t figure = 0; figure < outputs.size(); ++figure) {
        for (std::size_t point = 0; point < table.design.points.size(); ++point) {
            double sum = 0;
            for (std::size_t replicate = 0; replicate < replicates; ++replicate) {
                sum += table.values[point * replicates + replicate][figure].estimate.value;
            }
            outputs[figure].push_back(sum / static_cast<double>(replicates));
        }
    }
    return outputs;
}

std::string design_csv(const ExperimentTable& table)
{
    std::string text = "point";
    for (const VariedInput& input : table.experiment->inputs) {
        text += "," + input.name;
    }
    text += "\n";
    for (std::size_t point = 0; point < table.design.points.size(); ++point) {
        text += fmt::format("{}", point);
        for (std::size_t input = 0; input < table.experiment->inputs.size(); ++input) {
            const double u = table.design.points[point][input];
            text += ",";
            text += std::isnan(u) ? "" : csv_text(table.experiment->inputs[input].label_at(u));
        }
        text += "\n";
    }
    return text;
}

std::string experiment_csv(const ExperimentTable& table)
{
    Lines lines(
        "point,replicate,seed,metric,commodity,region,unit,statistic,value,lower,upper,n");
    const std::size_t replicates = table.experiment->replicates;
    for (std::size_t place = 0; place < table.values.size(); ++place) {
        for (std::size_t figure = 0; figure < table.figures.size(); ++figure) {
            const PointJournal::Value& value = table.values[place][figure];
            lines.append("{},{},{},{},{},{},{},{}", place / replicates, place % replicates,
                         table.seeds[place],
                         figure_cells(table.figures[figure], table.units[figure]),
                         Cell{value.estimate.value}, Cell{value.estimate.lower},
                         Cell{value.estimate.upper}, value.n);
        }
    }
    return lines.take();
}

std::string sensitivity_csv(std::span<const Sensitivity> rows,
                            std::span<const FigureName> figures,
                            std::span<const std::string> units)
{
    Lines lines("input,index,metric,commodity,region,unit,statistic,value,lower,upper");
    for (const Sensitivity& one : rows) {
        lines.append("{},{},{},{},{},{}", csv_text(one.input), csv_text(one.index),
                     figure_cells(figures[one.figure], units[one.figure]),
                     Cell{one.estimate.value}, Cell{one.estimate.lower},
                     Cell{one.estimate.upper});
    }
    return lines.take();
}

std::shared_ptr<const void> write_experiment_nc(const std::filesystem::path& file,
                                                const ExperimentTable& table)
{
    using Type = NetcdfFile::Type;
    const std::size_t points = table.design.points.size();
    const std::size_t replicates = table.experiment->replicates;
    const std::size_t figures = table.figures.size();
    const auto kept = std::make_shared<NetcdfFile>(file);
    NetcdfFile& nc = *kept;
    nc.set_attribute(NetcdfFile::whole_file, "title", table.experiment->name);
    nc.set_attribute(NetcdfFile::whole_file, "design",
                     std::string(design_name(table.experiment->design)));
    const int point = nc.add_dimension("point", points);
    const int replicate = nc.add_dimension("replicate", replicates);
    const int statistic = nc.add_dimension("statistic", figures);
    const int names = nc.add_variable("statistic", Type::text, {statistic});
    const int units = nc.add_variable("unit", Type::text, {statistic});
    nc.set_attribute(names, "long_name", std::string("statistic(metric,commodity,region)"));
    std::vector<std::pair<int, std::vector<std::string>>> texts;
    std::vector<std::pair<int, std::vector<double>>> numbers;
    for (std::size_t input = 0; input < table.experiment->inputs.size(); ++input) {
        const VariedInput& of = table.experiment->inputs[input];
        std::vector<std::string> labels;
        std::vector<double> values;
        for (const std::vector<double>& at : table.design.points) {
            labels.push_back(std::isnan(at[input]) ? "" : of.label_at(at[input]));
            values.push_back(std::isnan(at[input]) ? NAN : of.number_at(at[input]));
        }
        const std::string name = "input_" + of.name;
        if (of.is_continuous()) {
            numbers.emplace_back(nc.add_variable(name, Type::number, {point}),
                                 std::move(values));
        } else {
            texts.emplace_back(nc.add_variable(name, Type::text, {point}), std::move(labels));
        }
    }
    const std::vector<int> box = {point, replicate, statistic};
    for (const char* name : {"value", "lower", "upper"}) {
        const int variable = nc.add_variable(name, Type::number, box);
        std::vector<double> cells;
        for (const auto& row : table.values) {
            for (const PointJournal::Value& value : row) {
                cells.push_back(*name == 'v'   ? value.estimate.value
                                : *name == 'l' ? value.estimate.lower
                                               : value.estimate.upper);
            }
        }
        nc.put(variable, {0, 0, 0}, {points, replicates, figures}, cells.data());
    }
    std::vector<std::string> labels;
    for (const FigureName& figure : table.figures) {
        labels.push_back(label_of(figure));
    }
    nc.put(names, labels);
    nc.put(units, table.units);
    for (const auto& [variable, values] : texts) {
        nc.put(variable, values);
    }
    for (const auto& [variable, values] : numbers) {
        nc.put(variable, {0}, {points}, values.data());
    }
    nc.close();
    return kept;
}

}  // namespace chokepoint
