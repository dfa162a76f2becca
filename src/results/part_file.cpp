#include "chokepoint/results/part_file.hpp"

#include "chokepoint/engine/kept_trials.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/diagnostic.hpp"
#include "chokepoint/support/version.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little,
              "part files are written as memory lies");

constexpr std::string_view magic = "CHKPART2";
constexpr std::size_t digest_length = 64;

class PartWriter {
public:
    void bytes(std::string_view text) { content_ += text; }
    void bytes(std::span<const std::byte> data)
    {
        content_.append(reinterpret_cast<const char*>(data.data()), data.size());
    }
    template <class Number>
    void number(Number value)
    {
        static_assert(sizeof value == 8);
        bytes(std::as_bytes(std::span(&value, 1)));
    }
    void moments(const Moments& moments)
    {
        number(moments.count);
        number(moments.mean);
        number(moments.m2);
    }
    void sketch(const LogSketch& sketch)
    {
        const std::vector<std::byte> data = sketch.to_bytes();
        number(std::uint64_t{data.size()});
        bytes(data);
    }
    void sketch(const ColumnSketch& sketch)
    {
        const ColumnSketch::State& state = sketch.state();
        number(std::uint64_t{sketch.room()});
        number(state.moments.count());
        number(state.moments.mean());
        for (std::size_t power = 0; power <= CentralMoments::order; ++power) {
            number(state.moments.sum(power));
        }
        this->sketch(state.positive);
        this->sketch(state.negative);
        number(state.infinite);
        for (const std::uint64_t count : state.above) {
            number(count);
        }
        const std::vector<RankedTrial> largest = sketch.largest();
        number(std::uint64_t{largest.size()});
        for (const RankedTrial& trial : largest) {
            number(trial.value);
            number(trial.trial);
        }
    }
    std::string finish() { return content_ + sha256(content_); }

private:
    std::string content_;
};

class PartReader {
public:
    explicit PartReader(std::string_view content) : rest_(content) {}

    std::string_view bytes(std::uint64_t length)
    {
        if (length > rest_.size()) {
            throw PartError("the part file ends too early");
        }
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return taken;
    }
    template <class Number>
    Number number()
    {
        Number value;
        std::memcpy(&value, bytes(sizeof value).data(), sizeof value);
        return value;
    }
    Moments moments()
    {
        Moments moments;
        moments.count = number<std::uint64_t>();
        moments.mean = number<double>();
        moments.m2 = number<double>();
        return moments;
    }
    LogSketch sketch()
    {
        const std::string_view data = bytes(number<std::uint64_t>());
        return LogSketch::from_bytes(std::as_bytes(std::span(data)));
    }
    ColumnSketch sketch_of(const Column& column)
    {
        ColumnSketch sketch = sketch_for(column, number<std::uint64_t>());
        ColumnSketch::State state;
        const auto count = number<std::uint64_t>();
        const auto mean = number<double>();
        std::array<double, CentralMoments::order + 1> sums{};
        for (double& sum : sums) {
            sum = number<double>();
        }
        state.moments = {count, mean, sums};
        state.positive = this->sketch();
        state.negative = this->sketch();
        state.infinite = number<std::uint64_t>();
        for (std::size_t level = 0; level < column.thresholds.size(); ++level) {
            state.above.push_back(number<std::uint64_t>());
        }
        for (auto left = number<std::uint64_t>(); left > 0; --left) {
            const auto value = number<double>();
            state.largest.push_back({value, number<std::uint64_t>()});
        }
        sketch.restore(std::move(state));
        return sketch;
    }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

/// What must agree between a part and the run that takes it up.
Json names_json(const RunResult& result)
{
    Json columns = Json::array(), series = Json::array(), events = Json::array();
    for (const Column& column : result.columns) {
        columns.push_back({column.metric, column.commodity, column.region, column.unit,
                           column.year ? column.year->year : 0,
                           column.year ? static_cast<int>(column.year->basis) : 0});
    }
    for (const Series& one : result.series) {
        series.push_back({one.series, one.commodity, one.region, one.unit});
    }
    for (const EventTally& tally : result.events) {
        events.push_back({tally.name, tally.type, tally.cause});
    }
    return {{"columns", columns},
            {"series", series},
            {"month_values", result.bands.size()},
            {"twins", !result.twin_values.empty()},
            {"events", events}};
}

Json header_json(const RunResult& result, const PartKey& key)
{
    const BuildInfo info = build_info();
    return {{"program", info.version + " " + info.commit},
            {"scenario_sha256", key.scenario_sha256},
            {"seed", key.seed},
            {"trials", result.trials},
            {"holds", names_json(result)}};
}

std::string content_of(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw FileError(fmt::format("{}: cannot be opened", file.string()));
    }
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The content without its digest.
std::string_view checked(std::string_view content)
{
    if (!content.starts_with(magic) || content.size() < magic.size() + digest_length) {
        throw PartError("this is no part file");
    }
    const std::string_view data = content.substr(0, content.size() - digest_length);
    if (sha256(data) != content.substr(data.size())) {
        throw PartError("the part file is damaged (its checksum is wrong)");
    }
    return data;
}

void check_header(const Json& header, const PartKey& key, const RunResult& like)
{
    const PartKey found{header.at("scenario_sha256"), header.at("seed")};
    if (found != key) {
        throw PartError("the part file belongs to another scenario or seed");
    }
    if (header.at("holds") != names_json(like)) {
        throw PartError("the part file holds other metrics (another version of the program?)");
    }
}

void read_body(PartReader& reader, RunResult& result)
{
    result.unsettled_months = reader.number<std::uint64_t>();
    result.first_unsettled_trial = reader.number<std::uint64_t>();
    result.short_references = reader.number<std::uint64_t>();
    result.balance_factor_low = reader.number<double>();
    result.balance_factor_high = reader.number<double>();
    result.stride = reader.number<std::uint64_t>();
    if (result.stride == 0) {
        throw PartError("the part file keeps every 0th trial");
    }
    for (std::vector<double>& column : result.values) {
        column.resize((result.trials + result.stride - 1) / result.stride);
        for (double& value : column) {
            value = reader.number<double>();
        }
    }
    for (std::vector<double>& column : result.twin_values) {
        const std::uint64_t step = std::max(result.stride, trials_per_twin);
        column.resize((result.trials + step - 1) / step);
        for (double& value : column) {
            value = reader.number<double>();
        }
    }
    for (const Column& column : result.columns) {
        if (result.stride > 1) {
            result.sketches.push_back(reader.sketch_of(column));
        }
    }
    for (std::size_t position = 0; position < result.bands.size(); ++position) {
        result.band_moments[position] = reader.moments();
        result.bands[position] = reader.sketch();
    }
    for (EventTally& tally : result.events) {
        tally.per_trial = reader.moments();
        tally.duration_months = reader.moments();
        tally.severity = reader.moments();
    }
    if (!reader.at_end()) {
        throw PartError("the part file is longer than its header says");
    }
}

}  // namespace

std::string part_file_name(std::uint64_t trials)
{
    return fmt::format("trials-{:06}-{:06}.bin", 0, trials - 1);
}

std::string part_file_content(const RunResult& result, const PartKey& key)
{
    const std::string header = header_json(result, key).dump();
    PartWriter writer;
    writer.bytes(magic);
    writer.number(std::uint64_t{header.size()});
    writer.bytes(header);
    writer.number(result.unsettled_months);
    writer.number(result.first_unsettled_trial);
    writer.number(result.short_references);
    writer.number(result.balance_factor_low);
    writer.number(result.balance_factor_high);
    writer.number(result.stride);
    for (const std::vector<double>& column : result.values) {
        writer.bytes(std::as_bytes(std::span(column)));
    }
    for (const std::vector<double>& column : result.twin_values) {
        writer.bytes(std::as_bytes(std::span(column)));
    }
    for (const ColumnSketch& sketch : result.sketches) {
        writer.sketch(sketch);
    }
    for (std::size_t position = 0; position < result.bands.size(); ++position) {
        writer.moments(result.band_moments[position]);
        writer.sketch(result.bands[position]);
    }
    for (const EventTally& tally : result.events) {
        writer.moments(tally.per_trial);
        writer.moments(tally.duration_months);
        writer.moments(tally.severity);
    }
    return writer.finish();
}

RunResult read_part_file(const std::filesystem::path& file, const PartKey& key,
                         const RunResult& like)
{
    const std::string content = content_of(file);
    try {
        PartReader reader(checked(content));
        reader.bytes(magic.size());
        const Json header = Json::parse(reader.bytes(reader.number<std::uint64_t>()));
        check_header(header, key, like);
        RunResult result = like;
        result.trials = header.at("trials");
        result.complete = false;
        read_body(reader, result);
        return result;
    } catch (const PartError& error) {
        throw PartError(fmt::format("{}: {}", file.string(), error.what()));
    } catch (const std::invalid_argument& error) {
        throw PartError(fmt::format("{}: {}", file.string(), error.what()));
    } catch (const nlohmann::json::exception& error) {
        throw PartError(
            fmt::format("{}: its header cannot be read ({})", file.string(), error.what()));
    }
}

}  // namespace chokepoint
