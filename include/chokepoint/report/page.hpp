#pragma once

#include <functional>
#include <optional>
#include <string>

namespace chokepoint {

/// The content of a file of a result folder by its name; nothing if it has no such file.
using FileReader = std::function<std::optional<std::string>(const std::string& name)>;

/// True if the program was built with what draws charts; else pages have tables and text alone.
bool has_charts();

/// One self-contained page of what a result folder says, for a browser without a network: a
/// headline in words, tables, charts with the data behind them, warnings. Names from input
/// files appear as text, whatever they hold. The same files give the same bytes.
///
/// \param read  Of a run, a comparison, an attribution, a hindcast, a stress test or an
///              experiment; it must have summary.json, stress.csv or experiment.csv.
/// \throws std::invalid_argument  if it has none of them, or if one of its files is not what this
///                                program writes.
std::string report_page(const FileReader& read);

}  // namespace chokepoint
