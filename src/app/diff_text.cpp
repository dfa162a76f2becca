#include "chokepoint/app/diff_text.hpp"

#include "chokepoint/app/number_text.hpp"
#include "chokepoint/app/text_table.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace chokepoint {
namespace {

constexpr std::size_t screen_width = 100;
constexpr std::size_t rows_shown = 20;
constexpr const char* indent = "  ";
constexpr const char* ellipsis = "…";

/// The text with line breaks instead of spaces, so that no line is wider than the screen.
std::string wrapped(const std::string& text)
{
    std::istringstream words(text);
    std::string lines;
    std::size_t width = 0;
    for (std::string word; words >> word;) {
        const bool fits = width + 1 + width_of(word) <= screen_width;
        lines += width == 0 ? "" : fits ? " " : "\n";
        width = (width == 0 || !fits ? 0 : width + 1) + width_of(word);
        lines += word;
    }
    return lines + "\n";
}

/// The end of a text that is too wide.
std::string cut_before(const std::string& text, std::size_t width)
{
    const std::vector<std::size_t> starts = character_starts(text);
    return width_of(text) <= width ? text
                                   : ellipsis + text.substr(starts[starts.size() - width]);
}

/// Control characters could disturb the terminal.
std::string printable(std::string text)
{
    std::replace_if(
        text.begin(), text.end(),
        [](char letter) { return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F; },
        ' ');
    return text;
}

std::string run_line(const char* which, const FinishedRun& run)
{
    return cut_after(
               fmt::format("{:<7} {}: {}, {}, seed {}", which, run.folder.string(),
                           printable(run.scenario), counted(run.trials, "trial"), run.seed),
               screen_width)
           + "\n";
}

// Inputs

constexpr std::size_t widest_key = 50;

std::string value_cell(const std::optional<std::string>& value, std::size_t width)
{
    return value ? cut_after(printable(*value), width) : "(none)";
}

TextTable inputs_table(const std::vector<ChangedKey>& changes, std::size_t rows)
{
    std::size_t key_width = 0;
    for (const ChangedKey& change : changes) {
        key_width = std::max(key_width, width_of(change.path));
    }
    key_width = std::min(key_width, widest_key);
    const std::size_t value_width = (screen_width - 2 - key_width - 4) / 2;
    TextTable table({{"input", Align::left}, {"before", Align::left}, {"after", Align::left}});
    for (std::size_t row = 0; row < rows; ++row) {
        const ChangedKey& change = changes[row];
        table.append({cut_before(printable(change.path), key_width),
                      value_cell(change.before, value_width),
                      value_cell(change.after, value_width)});
    }
    return table;
}

std::string rest_line(std::size_t all, std::size_t shown)
{
    return all > shown
               ? fmt::format("{}{} {} more: --all\n", indent, ellipsis, grouped(all - shown))
               : "";
}

std::string inputs_text(const RunDiff& diff, bool all)
{
    if (diff.same_inputs()) {
        return diff.same_scenario_text
                   ? "The inputs are identical.\n"
                   : "The inputs are identical but for the order or spelling of keys.\n";
    }
    std::vector<ChangedKey> changes = diff.settings;
    changes.insert(changes.end(), diff.keys.begin(), diff.keys.end());
    const std::size_t shown = all ? changes.size() : std::min(changes.size(), rows_shown);
    return inputs_table(changes, shown).text(indent) + rest_line(changes.size(), shown);
}

// Headline

std::string chance_text(const FigureComparison& figures)
{
    return fmt::format(
        "Of {} that moved, {} lie more than 1.96 standard errors apart; by chance alone about "
        "{} would.",
        grouped(figures.tested()), grouped(figures.outside_interval()),
        grouped(static_cast<std::uint64_t>(
            std::llround((1 - interval_level) * static_cast<double>(figures.tested())))));
}

std::string headline(const RunDiff& diff)
{
    const FigureComparison& figures = diff.figures;
    if (figures.count(Verdict::same) == figures.moves.size()) {
        return fmt::format("No figure moved: all {} compared are the same numbers.",
                           grouped(figures.moves.size()));
    }
    const std::size_t beyond = figures.count(Verdict::beyond);
    if (beyond == 0) {
        return "No figure moved by more than sampling error. " + chance_text(figures);
    }
    return fmt::format(
               "{} of {} figures moved by more than sampling error; at most some 5 % "
               "of those by chance. ",
               grouped(beyond), grouped(figures.moves.size()))
           + chance_text(figures);
}

/// What the errors do not say of two runs that had the same luck.
std::string seed_note(const RunDiff& diff)
{
    if (diff.before.seed != diff.after.seed || diff.figures.tested() == 0) {
        return "";
    }
    const std::uint64_t shared = std::min(diff.before.trials, diff.after.trials);
    return wrapped(fmt::format(
        "Both runs have seed {}: what bears the same name had the same luck in the first {} "
        "trials. Errors and z are those of independent runs, so that smaller shifts are "
        "effects "
        "of the inputs, too; figures that are the same numbers are unaffected.",
        diff.before.seed, grouped(shared)));
}

// Figures

std::vector<std::string> words_of(const FigureKey& name)
{
    std::vector<std::string> words;
    for (const std::string& part : {name.policy == "none" ? "" : name.policy, name.metric,
                                    name.commodity, name.region, name.statistic}) {
        if (!part.empty()) {
            words.push_back(part);
        }
    }
    return words;
}

/// The name in at most `width` columns: its longest words are shortened first.
std::string label_of(const FigureKey& name, std::size_t width)
{
    std::vector<std::string> words = words_of(name);
    const auto total = [&] { return width_of(fmt::format("{}", fmt::join(words, " "))); };
    constexpr std::size_t shortest_word = 4;
    for (std::size_t excess = total(); excess > width; excess = total()) {
        std::string& longest = *std::max_element(
            words.begin(), words.end(),
            [](const auto& a, const auto& b) { return width_of(a) < width_of(b); });
        if (width_of(longest) <= shortest_word) {
            break;
        }
        longest = cut_after(longest, width_of(longest) - 1);
    }
    return fmt::format("{}", fmt::join(words, " "));
}

std::string change_cell(const FigureMove& move)
{
    const double change = move.shift() / std::abs(move.before.value);
    if (!std::isfinite(change)) {
        return "–";
    }
    return fmt::format("{}{}", change > 0 ? "+" : "", percent(change));
}

std::string z_cell(double z)
{
    constexpr double greatest = 999;
    if (std::abs(z) > greatest) {
        return z > 0 ? "> 999" : "< -999";
    }
    return fmt::format("{:+.1f}", z);
}

/// A row of the table of moves: one figure, and how many others have the same numbers.
struct MoveRow {
    const FigureMove* move;
    std::size_t alike = 0;
};

bool nearly_equal(double a, double b, double tolerance = 1e-9)
{
    return std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

/// As of regions that share one price: equal but for rounding.
bool same_numbers(const FigureMove& a, const FigureMove& b)
{
    return nearly_equal(a.before.value, b.before.value)
           && nearly_equal(a.after.value, b.after.value) && nearly_equal(a.z, b.z);
}

/// Every move with a known error, largest first.
std::vector<MoveRow> all_rows(const FigureComparison& figures)
{
    std::vector<MoveRow> rows;
    for (const FigureMove& move : figures.moves) {
        if (move.verdict == Verdict::beyond || move.verdict == Verdict::within) {
            rows.push_back({.move = &move});
        }
    }
    return rows;
}

/// The moves beyond error, largest first; those with the same numbers in one row.
std::vector<MoveRow> rows_beyond(const FigureComparison& figures)
{
    std::vector<MoveRow> rows;
    for (const FigureMove& move : figures.moves) {
        if (move.verdict != Verdict::beyond) {
            continue;
        }
        // Moves come by |z|, rounded, so that those alike are near the end.
        constexpr double rounding = 1e-6;
        auto row = rows.rbegin();
        while (row != rows.rend() && !same_numbers(*row->move, move)
               && nearly_equal(std::abs(row->move->z), std::abs(move.z), rounding)) {
            ++row;
        }
        if (row != rows.rend() && same_numbers(*row->move, move)) {
            ++row->alike;
        } else {
            rows.push_back({.move = &move});
        }
    }
    return rows;
}

std::vector<std::string> number_cells(const MoveRow& row, bool all)
{
    const FigureMove& move = *row.move;
    const bool beyond = move.verdict == Verdict::beyond;
    return {rounded_to_error(move.before.value, move.standard_error),
            rounded_to_error(move.after.value, move.standard_error), change_cell(move),
            z_cell(move.z),
            all              ? (beyond ? "beyond error" : "within error")
            : row.alike == 0 ? ""
                             : fmt::format("{} alike", grouped(row.alike))};
}

/// The table of moves; figures have the room that numbers leave.
TextTable moves_table(const std::vector<MoveRow>& rows, bool all)
{
    const std::vector<TextTable::Heading> headings = {
        {"before"}, {"after"}, {"change"}, {"z"}, {"", Align::left}};
    std::vector<std::size_t> widths;
    for (const TextTable::Heading& heading : headings) {
        widths.push_back(heading.text.size());
    }
    std::vector<std::vector<std::string>> numbers;
    for (const MoveRow& row : rows) {
        numbers.push_back(number_cells(row, all));
        for (std::size_t column = 0; column < widths.size(); ++column) {
            widths[column] = std::max(widths[column], width_of(numbers.back()[column]));
        }
    }
    std::size_t label_width = screen_width - width_of(indent);
    for (const std::size_t width : widths) {
        label_width -= width + 2;
    }
    std::vector<TextTable::Heading> all_headings = {{"figure", Align::left}};
    all_headings.insert(all_headings.end(), headings.begin(), headings.end());
    TextTable table(all_headings);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        std::vector<std::string> cells = {label_of(rows[row].move->name, label_width)};
        cells.insert(cells.end(), numbers[row].begin(), numbers[row].end());
        table.append(cells);
    }
    return table;
}

std::string moves_text(const FigureComparison& figures, bool all)
{
    std::vector<MoveRow> rows = all ? all_rows(figures) : rows_beyond(figures);
    if (rows.empty()) {
        return "";
    }
    const std::size_t found = rows.size();
    rows.resize(all ? found : std::min(found, rows_shown));
    return fmt::format("\n{}{}", moves_table(rows, all).text(indent),
                       rest_line(found, rows.size()));
}

// What was compared

/// How many names there are of each kind, e.g. `sd 120, p_ever_binding 20`, most first.
template <class Kind>
std::string counts_by_kind(const std::vector<FigureKey>& names, const Kind& kind)
{
    std::map<std::string, std::size_t> counts;
    for (const FigureKey& name : names) {
        ++counts[kind(name)];
    }
    std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    constexpr std::size_t most_kinds = 8;
    std::vector<std::string> texts;
    for (std::size_t index = 0; index < std::min(sorted.size(), most_kinds); ++index) {
        texts.push_back(
            fmt::format("{} {}", sorted[index].first, grouped(sorted[index].second)));
    }
    return fmt::format("{}{}", fmt::join(texts, ", "), sorted.size() > most_kinds ? ", …" : "");
}

std::vector<FigureKey> names_without_error(const FigureComparison& figures)
{
    std::vector<FigureKey> names;
    for (const FigureMove& move : figures.moves) {
        if (move.verdict == Verdict::no_error) {
            names.push_back(move.name);
        }
    }
    return names;
}

std::string counts_text(const FigureComparison& figures)
{
    const auto metric = [](const FigureKey& name) { return name.metric; };
    const auto kind = [](const FigureKey& name) {
        return name.statistic == "mean" ? name.metric : name.statistic;
    };
    TextTable table({{"figures"}, {"", Align::left}});
    const auto append = [&](std::size_t count, const std::string& meaning) {
        if (count > 0) {
            table.append({grouped(count),
                          cut_after(meaning, screen_width - 4 - width_of(grouped(count)) - 7)});
        }
    };
    append(figures.count(Verdict::beyond), "moved beyond sampling error");
    append(figures.count(Verdict::within), "moved within sampling error");
    append(figures.count(Verdict::same), "the same number");
    append(figures.count(Verdict::no_error),
           fmt::format("moved, no error known ({})",
                       counts_by_kind(names_without_error(figures), kind)));
    append(figures.only_before.size(),
           fmt::format("before only ({})", counts_by_kind(figures.only_before, metric)));
    append(figures.only_after.size(),
           fmt::format("after only ({})", counts_by_kind(figures.only_after, metric)));
    return table.size() > 0 ? fmt::format("\n{}", table.text(indent)) : "";
}

std::string files_text(const std::vector<FileComparison>& files)
{
    std::vector<std::string> compared, same, others, lone;
    for (const FileComparison& file : files) {
        if (file.in_before != file.in_after) {
            lone.push_back(fmt::format("{} ({} only)", printable(file.name),
                                       file.in_before ? "before" : "after"));
        } else if (file.same_bytes) {
            same.push_back(printable(file.name));
        } else if (file.by_figure) {
            compared.push_back(printable(file.name));
        } else if (file.name != "scenario.resolved.yaml") {
            others.push_back(printable(file.name));
        }
    }
    std::string text;
    const auto append = [&](const char* sentence, const std::vector<std::string>& names) {
        if (!names.empty()) {
            text += fmt::format(" {}: {}.", sentence, fmt::join(names, ", "));
        }
    };
    append("Compared figure by figure", compared);
    append("The same bytes", same);
    append("Differ, but not compared figure by figure", others);
    append("In one folder", lone);
    return text.empty() ? "" : fmt::format("\n{}", wrapped(text));
}

}  // namespace

std::string diff_text(const RunDiff& diff, bool all)
{
    const std::string inputs = run_line("before", diff.before) + run_line("after", diff.after)
                               + "\n" + inputs_text(diff, all) + "\n";
    if (diff.same_results()) {
        return inputs
               + "The results are identical: every file but the manifest, byte for byte.\n";
    }
    const std::string restriction =
        diff.metric.empty() ? "" : fmt::format("Of {} alone: ", printable(diff.metric));
    return inputs + wrapped(restriction + headline(diff)) + seed_note(diff)
           + moves_text(diff.figures, all) + counts_text(diff.figures) + files_text(diff.files);
}

}  // namespace chokepoint
