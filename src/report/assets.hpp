#pragma once

#include <string_view>

namespace chokepoint {

// Files that are built into the program.

std::string_view page_style();
std::string_view page_script();
/// Vega, Vega-Lite and Vega-Embed; empty if the program was built without them.
std::string_view chart_library();

}  // namespace chokepoint
