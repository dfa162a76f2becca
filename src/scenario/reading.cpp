#include "reading.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "messages.hpp"

namespace chokepoint {
namespace {

constexpr std::size_t most_errors = 500;
constexpr std::size_t most_names_listed = 12;
constexpr std::size_t most_names_compared = 5000;

/// `no region is called "finnland" (did you mean "finland"?)`.
std::string unknown_among(const std::vector<std::string>& names, std::string_view kind,
                          std::string_view name)
{
    if (names.size() > most_names_compared) {
        return fmt::format("no {} is called {}", kind, in_quotes(name));
    }
    const std::string known = names.empty() ? "there is none"
                              : names.size() <= most_names_listed
                                  ? fmt::format("known: {}", fmt::join(names, ", "))
                                  : fmt::format("{} are known", names.size());
    return fmt::format("no {} is called {}{}", kind, in_quotes(name),
                       did_you_mean(name, names, known));
}

}  // namespace

bool Vocabulary::add(const std::string& name, const Place& place)
{
    const bool is_new = places_.emplace(name, place).second;
    if (is_new) {
        names_.push_back(name);
    }
    return is_new;
}

bool Vocabulary::has(const std::string& name) const
{
    return places_.contains(name);
}

std::string Vocabulary::unknown(std::string_view name) const
{
    return unknown_among(names_, kind_, name);
}

void Reading::error(const Place& place, std::string path, std::string problem, std::string hint)
{
    problems_.error(place, std::move(path), std::move(problem), std::move(hint));
    if (++errors_ == most_errors) {
        problems_.error(
            {place.file, 0, 0}, "",
            fmt::format("too many problems (only the first {} are shown)", most_errors));
        throw TooManyProblems{};
    }
}

void Reading::warning(const Place& place, std::string path, std::string problem)
{
    problems_.warning(place, std::move(path), std::move(problem));
}

std::string Reading::unknown_area(const std::string& name) const
{
    std::vector<std::string> known = regions.names();
    known.insert(known.end(), alliances.names().begin(), alliances.names().end());
    return unknown_among(known, "region or alliance", name);
}

Vocabulary& Reading::vocabulary(std::string_view kind)
{
    for (Vocabulary* candidate : {&regions, &alliances, &stages, &commodities, &facilities,
                                  &grades, &tensions, &restrictions, &price_shocks, &outages,
                                  &common_causes, &reserves, &currencies, &desks}) {
        if (candidate->kind() == kind) {
            return *candidate;
        }
    }
    throw std::logic_error(fmt::format("Reading: no vocabulary of kind {}", kind));
}

}  // namespace chokepoint
