#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace chokepoint {

/// The message of the std::invalid_argument that `act` throws.
inline std::string complaint(const std::function<void()>& act)
{
    try {
        act();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "(no complaint)";
}

}  // namespace chokepoint
