#pragma once

#include <string>
#include <vector>

#include "chokepoint/scenario/scenario.hpp"
#include "reading.hpp"

namespace chokepoint {

/// The rows of a record, a CSV table with the columns that docs/scenario-format.md names.
/// Everything wrong with it is complained about; regions, alliances and commodities are bound
/// already.
std::vector<RecordPoint> read_record(const std::string& text, const std::string& file,
                                     Reading& reading);

}  // namespace chokepoint
