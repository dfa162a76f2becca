#include "chokepoint/results/part_file.hpp"

#include "chokepoint/results/finished_run.hpp"
#include "chokepoint/results/write_file.hpp"
#include "chokepoint/support/diagnostic.hpp"
#include "chokepoint/support/version.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using Json = nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little,
              "part files are written as memory lies");

constexpr std::string_view magic = "CHKPART4";
constexpr std::size_t digest_length = 64;

class PartWriter {
public:
    explicit PartWriter(std::size_t bytes) { content_.reserve(bytes); }
    void bytes(std::string_view text) { content_ += text; }
    template <class Number>
    void number(Number value)
    {
        static_assert(sizeof value == 8);
        content_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void numbers(std::span<const double> values)
    {
        content_.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
    }
    void moments(const Moments& moments)
    {
        number(moments.count);
        number(moments.mean);
        number(moments.m2);
    }
    void episode(const Episode& episode)
    {
        number(episode.trial);
        number(std::uint64_t{episode.users});
        number(std::int64_t{episode.first_month});
        number(std::int64_t{episode.months});
        number(std::uint64_t{episode.is_open});
        number(episode.shortfall);
        number(episode.worst_share);
        number(episode.price_peak);
    }
    void block(const TrialBlock& block)
    {
        number(block.trials);
        numbers(block.values);
        numbers(block.twin_values);
        number(std::uint64_t{block.log_weights.size()});
        numbers(block.log_weights);
        number(block.band_moments.count);
        numbers(block.band_moments.mean);
        numbers(block.band_moments.m2);
        for (const EventTally& tally : block.events) {
            moments(tally.per_trial);
            moments(tally.duration_months);
            moments(tally.severity);
        }
        number(std::uint64_t{block.episodes.size()});
        for (const Episode& one : block.episodes) {
            episode(one);
        }
        number(block.unsettled_months);
        number(block.first_unsettled_trial);
        number(block.short_references);
        number(block.balance_factor_low);
        number(block.balance_factor_high);
    }
    void sketch(const LogSketch& sketch) { sketch.append_to(content_); }
    std::string finish()
    {
        content_ += sha256(content_);
        return std::move(content_);
    }

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
    std::vector<double> numbers(std::uint64_t count)
    {
        if (count > rest_.size() / sizeof(double)) {
            throw PartError("the part file ends too early");
        }
        std::vector<double> values(count);
        if (count > 0) {
            std::memcpy(values.data(), bytes(count * sizeof(double)).data(),
                        count * sizeof(double));
        }
        return values;
    }
    Moments moments()
    {
        Moments moments;
        moments.count = number<std::uint64_t>();
        moments.mean = number<double>();
        moments.m2 = number<double>();
        return moments;
    }
    Episode episode()
    {
        Episode episode;
        episode.trial = number<std::uint64_t>();
        episode.users = number<std::uint64_t>();
        episode.first_month = static_cast<int>(number<std::int64_t>());
        episode.months = static_cast<int>(number<std::int64_t>());
        episode.is_open = number<std::uint64_t>() != 0;
        episode.shortfall = number<double>();
        episode.worst_share = number<double>();
        episode.price_peak = number<double>();
        return episode;
    }
    TrialBlock block(const RunResult& like)
    {
        TrialBlock block;
        block.trials = number<std::uint64_t>();
        if (block.trials == 0 || block.trials > trials_per_block) {
            throw PartError("the part file has a block of no or too many trials");
        }
        block.values = numbers(like.columns.size() * block.trials);
        block.twin_values = numbers(like.twin_values.size() * twins_of(block.trials));
        block.log_weights = numbers(number<std::uint64_t>());
        block.band_moments.count = number<std::uint64_t>();
        block.band_moments.mean = numbers(like.bands.size());
        block.band_moments.m2 = numbers(like.bands.size());
        block.events = like.events;
        for (EventTally& tally : block.events) {
            tally.per_trial = moments();
            tally.duration_months = moments();
            tally.severity = moments();
        }
        for (auto left = number<std::uint64_t>(); left > 0; --left) {
            block.episodes.push_back(episode());
        }
        block.unsettled_months = number<std::uint64_t>();
        block.first_unsettled_trial = number<std::uint64_t>();
        block.short_references = number<std::uint64_t>();
        block.balance_factor_low = number<double>();
        block.balance_factor_high = number<double>();
        return block;
    }
    LogSketch sketch() { return LogSketch::take_from(rest_); }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

/// What must agree between a part and the run that takes it up.
std::string names_sha256(const RunResult& like)
{
    Json columns = Json::array(), series = Json::array(), events = Json::array();
    for (const Column& column : like.columns) {
        columns.push_back({column.metric, column.commodity, column.region, column.unit,
                           column.year ? column.year->year : 0,
                           column.year ? static_cast<int>(column.year->basis) : 0});
    }
    for (const Series& one : like.series) {
        series.push_back({one.series, one.commodity, one.region, one.unit});
    }
    for (const EventTally& tally : like.events) {
        events.push_back({tally.name, tally.type, tally.cause});
    }
    const Json names = {{"columns", columns},
                        {"series", series},
                        {"month_values", like.bands.size()},
                        {"twins", !like.twin_values.empty()},
                        {"events", events}};
    return sha256(names.dump());
}

std::string program_text()
{
    const BuildInfo info = build_info();
    return info.version + " " + info.commit;
}

/// The content without its digest.
std::string_view checked(std::string_view content)
{
    if (!content.starts_with(magic) || content.size() < magic.size() + digest_length) {
        throw PartError("this is no part file, or it is cut off");
    }
    const std::string_view data = content.substr(0, content.size() - digest_length);
    if (sha256(data) != content.substr(data.size())) {
        throw PartError("the part file is damaged (its checksum is wrong)");
    }
    return data;
}

void check_header(const Json& header, const PartKey& key, const RunResult& like)
{
    if (header.at("scenario_sha256") != key.scenario_sha256) {
        throw ForeignPartError(
            "the part file belongs to another scenario, seed or number of "
            "trials");
    }
    if (header.at("settings_sha256") != key.settings_sha256) {
        throw ForeignPartError("the part file belongs to a run with other policies or options");
    }
    if (header.at("program") != program_text() || header.at("holds") != names_sha256(like)) {
        throw ForeignPartError(fmt::format(
            "the part file was written by another version of chokepoint ({}; this is {})",
            header.at("program").get<std::string>(), program_text()));
    }
}

std::optional<std::uint64_t> whole(std::string_view digits)
{
    std::uint64_t number = 0;
    const auto [end, fault] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return fault == std::errc() && end == digits.data() + digits.size() ? std::optional(number)
                                                                        : std::nullopt;
}

}  // namespace

std::string part_file_name(const TrialRange& range)
{
    return fmt::format("trials-{:012}-{:012}.bin", range.first, range.end);
}

std::optional<TrialRange> range_of_part(std::string_view name)
{
    constexpr std::string_view before = "trials-", after = ".bin";
    if (!name.starts_with(before) || !name.ends_with(after)) {
        return std::nullopt;
    }
    const std::string_view middle =
        name.substr(before.size(), name.size() - before.size() - after.size());
    const std::size_t dash = std::min(middle.find('-'), middle.size());
    const auto first = whole(middle.substr(0, dash));
    const auto end = whole(middle.substr(std::min(dash + 1, middle.size())));
    if (!first || !end || *first >= *end || part_file_name({*first, *end}) != name) {
        return std::nullopt;
    }
    return TrialRange{*first, *end};
}

std::string part_file_content(const FinishedStretch& stretch, const PartKey& key,
                              const RunResult& like)
{
    const Json header = {{"program", program_text()},
                         {"scenario_sha256", key.scenario_sha256},
                         {"settings_sha256", key.settings_sha256},
                         {"holds", names_sha256(like)},
                         {"first", stretch.first},
                         {"blocks", stretch.blocks.size()}};
    const std::string text = header.dump();
    std::size_t numbers = 0;
    for (const TrialBlock& block : stretch.blocks) {
        constexpr std::size_t facts = 64;
        numbers += block.values.size() + block.twin_values.size()
                   + 2 * block.band_moments.mean.size() + 9 * block.events.size() + facts;
    }
    constexpr std::size_t bytes_per_band = 400;
    PartWriter writer(sizeof(double) * numbers + bytes_per_band * stretch.bands.size());
    writer.bytes(magic);
    writer.number(std::uint64_t{text.size()});
    writer.bytes(text);
    for (const TrialBlock& block : stretch.blocks) {
        writer.block(block);
    }
    for (const LogSketch& band : stretch.bands) {
        writer.sketch(band);
    }
    return writer.finish();
}

FinishedStretch read_part_file(const std::filesystem::path& file, const PartKey& key,
                               const RunResult& like)
{
    const std::string content = bytes_of(file);
    const auto named = [&](const std::exception& error) {
        return fmt::format("{}: {}", file.string(), error.what());
    };
    try {
        PartReader reader(checked(content));
        reader.bytes(magic.size());
        const Json header = Json::parse(reader.bytes(reader.number<std::uint64_t>()));
        check_header(header, key, like);
        FinishedStretch stretch{.first = header.at("first"), .blocks = {}, .bands = {}};
        for (std::uint64_t left = header.at("blocks"); left > 0; --left) {
            stretch.blocks.push_back(reader.block(like));
        }
        for (std::size_t position = 0; position < like.bands.size(); ++position) {
            stretch.bands.push_back(reader.sketch());
        }
        const auto range = range_of_part(file.filename().string());
        if (!reader.at_end() || !range || range->first != stretch.first
            || range->end != stretch.first + stretch.trials()) {
            throw PartError("the part file holds other trials than its name says");
        }
        return stretch;
    } catch (const ForeignPartError& error) {
        throw ForeignPartError(named(error));
    } catch (const PartError& error) {
        throw PartError(named(error));
    } catch (const std::invalid_argument& error) {
        throw PartError(named(error));
    } catch (const nlohmann::json::exception& error) {
        throw PartError(named(error));
    }
}

}  // namespace chokepoint
