#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace chokepoint {

/// The message of the error, of the given type, that `act` throws.
template <class Error = std::invalid_argument>
std::string complaint(const std::function<void()>& act)
{
    try {
        act();
    } catch (const Error& error) {
        return error.what();
    }
    return "(no complaint)";
}

}  // namespace chokepoint
