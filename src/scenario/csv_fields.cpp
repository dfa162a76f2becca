#include "csv_fields.hpp"

#include <algorithm>

namespace chokepoint {

std::optional<std::vector<CsvField>> split_csv_line(std::string_view line, const Place& place)
{
    std::vector<CsvField> fields(1, {{}, place});
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char letter = line[at];
        if (quoted && letter == '"' && at + 1 < line.size() && line[at + 1] == '"') {
            fields.back().text += letter;
            ++at;
        } else if (letter == '"') {
            quoted = !quoted;
        } else if (letter == ',' && !quoted) {
            fields.push_back({{}, {place.file, place.line, static_cast<int>(at) + 2}});
        } else {
            fields.back().text += letter;
        }
    }
    return quoted ? std::nullopt : std::optional(std::move(fields));
}

void each_csv_line(const std::string& text, const std::string& file,
                   const std::function<void(std::string_view line, const Place& place)>& visit)
{
    const FileName name(file);
    int number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line(text.data() + begin, end - begin);
        begin = end + 1;
        ++number;
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (!line.empty() || number == 1) {
            visit(line, {name, number, 1});
        }
    }
}

}  // namespace chokepoint
