#include "record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "csv_fields.hpp"
#include "messages.hpp"

namespace chokepoint {
namespace {

constexpr std::array<std::string_view, 12> column_names = {
    "series", "commodity", "region", "counterpart", "from",   "until",
    "kind",   "unit",      "value",  "status",      "source", "note"};
constexpr std::size_t most_rows = 10'000;

enum RecordColumn : std::size_t {
    series_column,
    commodity_column,
    region_column,
    counterpart_column,
    from_column,
    until_column,
    kind_column,
    unit_column,
    value_column,
    status_column,
    source_column,
    note_column
};

class RowReader {
public:
    /// \param unknown  Names that were complained about already.
    RowReader(const std::vector<CsvField>& fields, std::unordered_set<std::string>& unknown,
              Reading& reading)
        : fields_(fields), unknown_(unknown), reading_(reading)
    {}

    std::optional<RecordPoint> read()
    {
        RecordPoint point;
        point.place = fields_.front().place;
        point.series = word(series_column, series_words).value_or(RecordSeries::price);
        point.kind = word(kind_column, kind_words).value_or(RecordKind::mean);
        point.commodity = text(commodity_column);
        point.region = text(region_column);
        point.counterpart = text(counterpart_column);
        point.status = text(status_column);
        point.source = text(source_column);
        point.note = text(note_column);
        if (is_sound_) {
            check_words(point);
            read_months(point);
            read_value(point);
        }
        return is_sound_ ? std::optional(std::move(point)) : std::nullopt;
    }

private:
    static constexpr std::array<std::pair<std::string_view, RecordSeries>, 4> series_words = {
        {{"price", RecordSeries::price},
         {"exports", RecordSeries::exports},
         {"imports", RecordSeries::imports},
         {"consumption", RecordSeries::consumption}}};
    static constexpr std::array<std::pair<std::string_view, RecordKind>, 4> kind_words = {
        {{"mean", RecordKind::mean},
         {"spot", RecordKind::spot},
         {"peak", RecordKind::peak},
         {"total", RecordKind::total}}};

    const std::string& text(RecordColumn column) const { return fields_[column].text; }

    void error(RecordColumn column, std::string problem)
    {
        reading_.error(fields_[column].place, std::string(column_names[column]),
                       std::move(problem));
        is_sound_ = false;
    }

    template <class Value, std::size_t count>
    std::optional<Value> word(
        RecordColumn column, const std::array<std::pair<std::string_view, Value>, count>& words)
    {
        const auto found =
            std::ranges::find(words, text(column), &std::pair<std::string_view, Value>::first);
        if (found != words.end()) {
            return found->second;
        }
        std::vector<std::string> known;
        for (const auto& [name, value] : words) {
            known.emplace_back(name);
        }
        error(column,
              fmt::format("must be {} (got {})", one_of(known), in_quotes(text(column))));
        return std::nullopt;
    }

    void unknown_name(RecordColumn column, const std::string& kind, std::string problem)
    {
        if (unknown_.insert(kind + ' ' + text(column)).second) {
            error(column, std::move(problem));
        }
        is_sound_ = false;
    }

    void check_area(RecordColumn column)
    {
        const std::string& name = text(column);
        if (name != "world" && !reading_.regions.has(name) && !reading_.alliances.has(name)
            && reading_.regions.is_complete() && reading_.alliances.is_complete()) {
            unknown_name(column, "area", reading_.unknown_area(name));
        }
    }

    void check_words(const RecordPoint& point)
    {
        const bool is_price = point.series == RecordSeries::price;
        const bool is_trade =
            point.series == RecordSeries::exports || point.series == RecordSeries::imports;
        if (point.commodity == "all" && !is_price) {
            // A volume over all commodities.
        } else if (!reading_.commodities.has(point.commodity)
                   && reading_.commodities.is_complete()) {
            unknown_name(commodity_column, "commodity",
                         reading_.commodities.unknown(point.commodity));
        }
        check_area(region_column);
        if (is_trade && point.counterpart == point.region) {
            error(counterpart_column, "is the region itself (trade is between regions)");
        } else if (is_trade && point.counterpart != "all") {
            check_area(counterpart_column);
        } else if (!is_trade && !point.counterpart.empty()) {
            error(counterpart_column,
                  fmt::format("is for trade alone (got {})", in_quotes(point.counterpart)));
        }
        if (is_price == (point.kind == RecordKind::total)) {
            error(kind_column, is_price ? "a price has no total" : "a volume needs a total");
        }
        const std::string_view unit = is_price ? "USD/kg" : "t";
        if (text(unit_column) != unit) {
            error(unit_column,
                  fmt::format("must be {} (got {})", unit, in_quotes(text(unit_column))));
        }
    }

    std::optional<Date> month(RecordColumn column)
    {
        const auto date = parse_date(text(column));
        if (!date || date->day != 1) {
            error(column,
                  fmt::format("must be a month, YYYY-MM (got {})", in_quotes(text(column))));
            return std::nullopt;
        }
        return date;
    }

    void read_months(RecordPoint& point)
    {
        const auto from = month(from_column);
        const auto until = month(until_column);
        if (from && until && *until <= *from) {
            error(until_column, fmt::format("must lie after from (got {}, from is {})",
                                            text(until_column), text(from_column)));
        }
        point.from = from.value_or(Date{});
        point.until = until.value_or(Date{});
    }

    void read_value(RecordPoint& point)
    {
        const std::string& written = text(value_column);
        const char* const end = written.data() + written.size();
        const auto [stop, fault] = std::from_chars(written.data(), end, point.value);
        const bool is_price = point.series == RecordSeries::price;
        if (fault != std::errc() || stop != end || !std::isfinite(point.value)
            || point.value < 0 || (is_price && point.value == 0)) {
            error(value_column,
                  fmt::format("must be a {} number (got {})",
                              is_price ? "positive" : "non-negative", in_quotes(written)));
        }
    }

    const std::vector<CsvField>& fields_;
    std::unordered_set<std::string>& unknown_;
    Reading& reading_;
    bool is_sound_ = true;
};

bool is_header(const std::vector<CsvField>& fields)
{
    return std::ranges::equal(fields, column_names, {}, &CsvField::text);
}

}  // namespace

std::vector<RecordPoint> read_record(const std::string& text, const std::string& file,
                                     Reading& reading)
{
    std::vector<RecordPoint> points;
    std::unordered_set<std::string> unknown;
    bool is_over = false;
    each_csv_line(text, file, [&](std::string_view line, const Place& place) {
        if (is_over) {
            return;
        }
        const auto fields = split_csv_line(line, place);
        if (!fields) {
            reading.error(place, "",
                          "a quote does not end on this line (a field must not span lines)");
        } else if (place.line == 1) {
            is_over = !is_header(*fields);
            if (is_over) {
                reading.error(place, "",
                              fmt::format("a record begins with the line {}",
                                          fmt::join(column_names, ",")));
            }
        } else if (fields->size() != column_names.size()) {
            reading.error(place, "",
                          fmt::format("{} fields on this line (must be {})", fields->size(),
                                      column_names.size()));
        } else if (points.size() == most_rows) {
            reading.error(place, "", fmt::format("too many rows (at most {})", most_rows));
            is_over = true;
        } else if (auto point = RowReader(*fields, unknown, reading).read()) {
            points.push_back(std::move(*point));
        }
    });
    if (text.empty()) {
        reading.error({file, 1, 1}, "", "the record is empty");
    }
    return points;
}

}  // namespace chokepoint
