#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chokepoint/support/diagnostic.hpp"

namespace chokepoint {

/// A field of a CSV table and where it is written.
struct CsvField {
    std::string text;
    Place place;
};

/// The fields of one line; quotes as in RFC 4180, but no line breaks inside them. Nothing if a
/// quote does not end.
std::optional<std::vector<CsvField>> split_csv_line(std::string_view line, const Place& place);

/// Visits the lines of a CSV text, each with the place of its beginning, without `\n` or
/// `\r\n`; empty lines but the first are left out.
void each_csv_line(const std::string& text, const std::string& file,
                   const std::function<void(std::string_view line, const Place& place)>& visit);

}  // namespace chokepoint
