#include "laws.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <stdexcept>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "chokepoint/scenario/read_scenario.hpp"
#include "messages.hpp"
#include "scalars.hpp"

namespace chokepoint {
namespace {

constexpr LawInfo laws[] = {
    {"fixed", "{fixed: 3}", "just that number; a place for notes"},
    {"uniform", "{uniform: [low, high]}", "every value between is equally likely"},
    {"triangular", "{triangular: [low, mode, high]}",
     "a lowest, a likeliest and a highest value"},
    {"normal", "{normal: {mean: 5, sd: 1}}", "the bell curve; unbounded"},
    {"lognormal", "{lognormal: {median: 85, sigma: 1.2}}",
     "a positive number whose logarithm is normal", "{p5: 10, p95: 700}",
     "its 5 % and 95 % quantiles"},
    {"beta", "{beta: {mean: 0.6, sd: 0.2}}",
     "a share between 0 and 1", "{a: 3, b: 2}", "its shape parameters"},
    {"exponential", "{exponential: {mean: 30}}", "waiting times without memory"},
    {"weibull", "{weibull: {shape: 1.5, scale: 40}}", "waiting times with ageing"},
    {"poisson", "{poisson: {mean: 2}}", "a count"},
    {"bernoulli", "{bernoulli: 0.3}", "1 with that probability, else 0"},
    {"discrete", "{discrete: {values: [1, 2, 4], weights: [5, 3, 1]}}",
     "one of the values, with probabilities in proportion to the weights"},
    {"gamma", "{gamma: {shape: 2, scale: 15}}",
     "a positive number, skewed to the right", "{mean: 30, sd: 21}",
     "its mean and standard deviation"},
    {"pert", "{pert: [low, mode, high]}",
     "a lowest, a likeliest and a highest value, with thinner tails than triangular"},
    {"empirical", "{empirical: [12, 9, 31, 18]}",
     "a sample of at least 2 numbers; values between neighbours are equally likely"},
    {"student_t", "{student_t: {location: 5, scale: 1, nu: 4}}",
     "the bell curve with heavy tails; `nu` above 1; unbounded"},
};

/// Reads the parameters of one law; every problem found makes the result nothing.
class LawReader {
public:
    LawReader(const YamlNode& node, std::string path, Reading& reading)
        : node_(node), path_(std::move(path)), reading_(reading)
    {}

    /// \param law  One of `all_laws`.
    std::optional<Distribution> read(std::string_view law)
    {
        using Reader = std::optional<Distribution> (LawReader::*)();
        static constexpr std::pair<std::string_view, Reader> readers[] = {
            {"fixed", &LawReader::fixed},
            {"uniform", &LawReader::uniform},
            {"triangular", &LawReader::triangular},
            {"normal", &LawReader::normal},
            {"lognormal", &LawReader::lognormal},
            {"beta", &LawReader::beta},
            {"exponential", &LawReader::exponential},
            {"weibull", &LawReader::weibull},
            {"poisson", &LawReader::poisson},
            {"bernoulli", &LawReader::bernoulli},
            {"discrete", &LawReader::discrete},
            {"gamma", &LawReader::gamma},
            {"pert", &LawReader::pert},
            {"empirical", &LawReader::sample},
            {"student_t", &LawReader::student_t},
        };
        if (node_.kind == YamlNode::Kind::faulty) {
            return std::nullopt;
        }
        const auto reader =
            std::ranges::find(readers, law, &std::pair<std::string_view, Reader>::first);
        return (this->*(reader->second))();
    }

private:
    using Values = std::vector<double>;
    using Read = std::optional<Distribution>;

    Read fixed()
    {
        return of_scalar([](double value) { return Fixed{value}; });
    }
    Read uniform()
    {
        return of_list({"low", "high"}, [](const Values& v) { return Uniform{v[0], v[1]}; });
    }
    Read triangular()
    {
        return of_list({"low", "mode", "high"}, [](const Values& v) {
            return Triangular{v[0], v[1], v[2]};
        });
    }
    Read normal()
    {
        return of_map({"mean", "sd"}, [](const Values& v) { return Normal{v[0], v[1]}; });
    }
    Read lognormal()
    {
        if (has_any_of({"p5", "p95"})) {
            return of_map({"p5", "p95"},
                          [](const Values& v) { return lognormal_from_p5_p95(v[0], v[1]); });
        }
        return of_map({"median", "sigma"}, [](const Values& v) {
            return Lognormal{v[0], v[1]};
        });
    }
    Read beta()
    {
        if (has_any_of({"mean", "sd"})) {
            return of_map({"mean", "sd"},
                          [](const Values& v) { return beta_from_mean_sd(v[0], v[1]); });
        }
        return of_map({"a", "b"}, [](const Values& v) { return Beta{v[0], v[1]}; });
    }
    Read exponential()
    {
        return of_map({"mean"}, [](const Values& v) { return Exponential{v[0]}; });
    }
    Read weibull()
    {
        return of_map({"shape", "scale"}, [](const Values& v) { return Weibull{v[0], v[1]}; });
    }
    Read poisson()
    {
        return of_map({"mean"}, [](const Values& v) { return Poisson{v[0]}; });
    }
    Read bernoulli()
    {
        return of_scalar([](double p) { return Bernoulli{p}; });
    }
    Read gamma()
    {
        if (has_any_of({"mean", "sd"})) {
            return of_map({"mean", "sd"},
                          [](const Values& v) { return gamma_from_mean_sd(v[0], v[1]); });
        }
        return of_map({"shape", "scale"}, [](const Values& v) { return Gamma{v[0], v[1]}; });
    }
    Read pert()
    {
        return of_list({"low", "mode", "high"}, [](const Values& v) {
            return Pert{v[0], v[1], v[2]};
        });
    }
    Read student_t()
    {
        return of_map({"location", "scale", "nu"}, [](const Values& v) {
            return StudentT{v[0], v[1], v[2]};
        });
    }

    void error(const Place& place, const std::string& path, std::string problem,
               std::string hint = {})
    {
        reading_.error(place, path, std::move(problem), std::move(hint));
    }

    bool has_any_of(std::initializer_list<std::string_view> keys) const
    {
        return std::any_of(keys.begin(), keys.end(),
                           [&](std::string_view key) { return node_.find(key) != nullptr; });
    }

    std::optional<double> number(const YamlNode& node, const std::string& path)
    {
        if (node.kind == YamlNode::Kind::faulty) {
            return std::nullopt;
        }
        Parsed<double> parsed = parse_number(node);
        if (!parsed.value) {
            error(node.place, path, std::move(parsed.problem), std::move(parsed.hint));
        }
        return parsed.value;
    }

    /// The law made from parameters; what the distribution says against them is reported here.
    template <class Make>
    std::optional<Distribution> made(const Make& make)
    {
        try {
            return Distribution(Distribution::Law(make()));
        } catch (const std::invalid_argument& fault) {
            error(node_.place, path_, fault.what());
            return std::nullopt;
        }
    }

    template <class Make>
    std::optional<Distribution> of_scalar(const Make& make)
    {
        const auto value = number(node_, path_);
        return value ? made([&] { return make(*value); }) : std::nullopt;
    }

    template <class Make>
    std::optional<Distribution> of_list(std::initializer_list<std::string_view> names,
                                        const Make& make)
    {
        if (!node_.is_list() || node_.items.size() != names.size()) {
            error(node_.place, path_,
                  fmt::format("must be [{}] (got {})", fmt::join(names, ", "),
                              node_.is_list() ? fmt::format("a list of {}", node_.items.size())
                                              : found(node_)));
            return std::nullopt;
        }
        const auto values = numbers(node_, path_);
        return values ? made([&] { return make(*values); }) : std::nullopt;
    }

    std::optional<Values> numbers(const YamlNode& list, const std::string& path)
    {
        Values values;
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            if (const auto value = number(list.items[i], indexed_path(path, i))) {
                values.push_back(*value);
            }
        }
        return values.size() == list.items.size() ? std::optional(std::move(values))
                                                  : std::nullopt;
    }

    /// True if the node is a map with exactly these keys.
    bool check_keys(const std::vector<std::string>& keys)
    {
        if (!node_.is_map()) {
            error(node_.place, path_,
                  fmt::format("must be a map with {} (got {})", fmt::join(keys, " and "),
                              found(node_)));
            return false;
        }
        bool complete = true;
        for (const YamlEntry& entry : node_.entries) {
            if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
                error(entry.place, path_,
                      fmt::format(
                          "unknown key {}{}", in_quotes(entry.key),
                          did_you_mean(entry.key, keys,
                                       fmt::format("it takes {}", fmt::join(keys, " and ")))));
                complete = false;
            }
        }
        for (const std::string& key : keys) {
            if (node_.find(key) == nullptr) {
                error(node_.place, path_,
                      fmt::format("\"{}\" is missing (it takes {})", key,
                                  fmt::join(keys, " and ")));
                complete = false;
            }
        }
        return complete;
    }

    template <class Make>
    std::optional<Distribution> of_map(const std::vector<std::string>& keys, const Make& make)
    {
        const bool complete = check_keys(keys);
        Values values;
        for (const std::string& key : keys) {
            const YamlNode* argument = node_.find(key);
            const auto value =
                argument == nullptr ? std::nullopt : number(*argument, path_ + "." + key);
            if (value) {
                values.push_back(*value);
            }
        }
        if (!complete || values.size() != keys.size()) {
            return std::nullopt;
        }
        return made([&] { return make(values); });
    }

    std::optional<Distribution> sample()
    {
        if (!node_.is_list()) {
            error(node_.place, path_,
                  fmt::format("must be a list of numbers (got {})", found(node_)));
            return std::nullopt;
        }
        auto values = numbers(node_, path_);
        return values ? made([&] { return Empirical{std::move(*values)}; }) : std::nullopt;
    }

    std::optional<Distribution> discrete()
    {
        const bool complete = check_keys({"values", "weights"});
        std::vector<Values> lists;
        for (const char* key : {"values", "weights"}) {
            const YamlNode* list = node_.find(key);
            if (list == nullptr || list->kind == YamlNode::Kind::faulty) {
                continue;
            }
            const std::string path = fmt::format("{}.{}", path_, key);
            if (!list->is_list()) {
                error(list->place, path,
                      fmt::format("must be a list of numbers (got {})", found(*list)));
            } else if (auto values = numbers(*list, path)) {
                lists.push_back(std::move(*values));
            }
        }
        if (!complete || lists.size() != 2) {
            return std::nullopt;
        }
        return made([&] { return Discrete{lists[0], lists[1]}; });
    }

    const YamlNode& node_;
    std::string path_;
    Reading& reading_;
};

bool is_law(std::string_view word)
{
    return std::any_of(std::begin(laws), std::end(laws),
                       [&](const LawInfo& law) { return law.name == word; });
}

std::vector<std::string> law_names()
{
    std::vector<std::string> names;
    for (const LawInfo& law : laws) {
        names.emplace_back(law.name);
    }
    return names;
}

/// The one law of a map, after complaints about everything else in it.
const YamlEntry* the_law(const YamlNode& map, const std::string& path, Reading& reading)
{
    const YamlEntry* law = nullptr;
    bool sound = true;
    for (const YamlEntry& entry : map.entries) {
        if (is_note(entry.key)) {
            check_note(entry, path, reading);
        } else if (is_law(entry.key)) {
            if (law != nullptr) {
                reading.error(entry.place, path,
                              fmt::format("a second law, \"{}\" after \"{}\" (must be one)",
                                          entry.key, law->key));
                sound = false;
            } else {
                law = &entry;
            }
        } else if (entry.key != "truncate") {
            std::vector<std::string> words = law_names();
            words.insert(words.end(), {"truncate", "source", "assumption", "note"});
            reading.error(entry.place, path,
                          fmt::format("unknown key {}{}", in_quotes(entry.key),
                                      did_you_mean(entry.key, words)),
                          fmt::format("laws are: {}", fmt::join(law_names(), ", ")));
            sound = false;
        }
    }
    if (law == nullptr && sound) {
        reading.error(map.place, path,
                      fmt::format("must be a number or a map with a law ({})",
                                  fmt::join(law_names(), ", ")));
    }
    return sound ? law : nullptr;
}

/// The bounds that `truncate` names; nothing after a complaint.
std::optional<std::pair<double, double>> truncation(const YamlNode& node,
                                                    const std::string& path, Reading& reading)
{
    if (node.kind == YamlNode::Kind::faulty) {
        return std::nullopt;
    }
    if (!node.is_list() || node.items.size() != 2) {
        reading.error(
            node.place, path,
            fmt::format(
                "must be [lowest, highest], either may be null (got {})",
                node.is_list() ? fmt::format("a list of {}", node.items.size()) : found(node)));
        return std::nullopt;
    }
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double limits[2] = {-infinity, infinity};
    bool sound = true;
    for (std::size_t i = 0; i < 2; ++i) {
        const YamlNode& item = node.items[i];
        if (item.kind == YamlNode::Kind::empty) {
            continue;
        }
        Parsed<double> parsed = parse_number(item);
        if (parsed.value) {
            limits[i] = *parsed.value;
        } else {
            sound = false;
            reading.error(item.place, fmt::format("{}[{}]", path, i), std::move(parsed.problem),
                          std::move(parsed.hint));
        }
    }
    return sound ? std::optional(std::pair(limits[0], limits[1])) : std::nullopt;
}

std::optional<Distribution> read_law_map(const YamlNode& map, const std::string& path,
                                         Reading& reading)
{
    const YamlEntry* law = the_law(map, path, reading);
    auto distribution =
        law == nullptr ? std::nullopt
                       : LawReader(law->value, path + "." + law->key, reading).read(law->key);
    const YamlNode* truncate = map.find("truncate");
    if (truncate == nullptr) {
        return distribution;
    }
    const auto limits = truncation(*truncate, path + ".truncate", reading);
    if (!limits || !distribution) {
        return std::nullopt;
    }
    try {
        return distribution->truncated(limits->first, limits->second);
    } catch (const std::invalid_argument& fault) {
        reading.error(truncate->place, path + ".truncate", fault.what());
        return std::nullopt;
    }
}

std::optional<Distribution> fixed(double value, const YamlNode& node, const std::string& path,
                                  Reading& reading)
{
    try {
        return Distribution(Fixed{value});
    } catch (const std::invalid_argument& fault) {
        reading.error(node.place, path, fault.what());
        return std::nullopt;
    }
}

/// True for laws that come as near to 0, or to 1, as one likes but never reach it.
bool never_reaches(const Distribution& distribution, double bound)
{
    const Distribution::Law& law = distribution.law();
    if (std::holds_alternative<Beta>(law)) {
        return bound == 0 || bound == 1;
    }
    return bound == 0
           && (std::holds_alternative<Lognormal>(law) || std::holds_alternative<Weibull>(law)
               || std::holds_alternative<Exponential>(law)
               || std::holds_alternative<Gamma>(law));
}

bool lower_end_fits(const Distribution& distribution, const Bounds& bounds)
{
    const double lower = distribution.lower();
    return lower > bounds.low
           || (lower == bounds.low && (!bounds.low_open || never_reaches(distribution, lower)));
}

bool upper_end_fits(const Distribution& distribution, const Bounds& bounds)
{
    const double upper = distribution.upper();
    return upper < bounds.high
           || (upper == bounds.high
               && (!bounds.high_open || never_reaches(distribution, upper)));
}

/// A truncation that would keep the law within the bounds.
std::string truncation_hint(const Distribution& distribution, const Bounds& bounds)
{
    const double margin =
        std::isfinite(bounds.high - bounds.low) ? (bounds.high - bounds.low) / 100 : 0.01;
    const std::string low = lower_end_fits(distribution, bounds)
                                ? "null"
                                : shown(bounds.low + (bounds.low_open ? margin : 0));
    const std::string high = upper_end_fits(distribution, bounds)
                                 ? "null"
                                 : shown(bounds.high - (bounds.high_open ? margin : 0));
    return fmt::format("add for example truncate: [{}, {}]", low, high);
}

bool check_bounds(const Distribution& distribution, const YamlNode& node,
                  const std::string& path, const Bounds& bounds, std::string_view hint,
                  Reading& reading)
{
    if (lower_end_fits(distribution, bounds) && upper_end_fits(distribution, bounds)) {
        return true;
    }
    const double lower = distribution.lower();
    const double upper = distribution.upper();
    if (lower == upper) {
        reading.error(node.place, path,
                      fmt::format("must {} (got {})", bounds.phrase(), shown(lower)),
                      std::string(hint));
        return false;
    }
    const bool unbounded = (std::isinf(lower) && !lower_end_fits(distribution, bounds))
                           || (std::isinf(upper) && !upper_end_fits(distribution, bounds));
    reading.error(node.place, path,
                  fmt::format("must {} (this law reaches from {} to {})", bounds.phrase(),
                              shown(lower), shown(upper)),
                  unbounded ? truncation_hint(distribution, bounds) : std::string(hint));
    return false;
}

}  // namespace

std::vector<KindInfo> law_catalogue()
{
    std::vector<KindInfo> catalogue = {{"3.5", "a fixed number, the same in every trial"}};
    for (const LawInfo& law : laws) {
        catalogue.push_back({std::string(law.written), std::string(law.meaning)});
        if (!law.also.empty()) {
            catalogue.push_back({fmt::format("{{{}: {}}}", law.name, law.also),
                                 fmt::format("the same by {}", law.also_meaning)});
        }
    }
    catalogue.push_back(
        {"truncate: [low, high]", "beside any law: only values between the bounds"});
    return catalogue;
}

std::span<const LawInfo> all_laws()
{
    return laws;
}

std::optional<Distribution> read_distribution(const YamlNode& node, const std::string& path,
                                              const Bounds& bounds, std::string_view hint,
                                              Reading& reading)
{
    if (node.kind == YamlNode::Kind::faulty) {
        return std::nullopt;
    }
    std::optional<Distribution> distribution;
    if (node.is_map()) {
        distribution = read_law_map(node, path, reading);
    } else {
        Parsed<double> parsed = parse_number(node);
        if (parsed.value) {
            distribution = fixed(*parsed.value, node, path, reading);
        } else {
            reading.error(node.place, path, std::move(parsed.problem),
                          parsed.hint.empty() ? std::string(hint) : std::move(parsed.hint));
        }
    }
    if (!distribution || !check_bounds(*distribution, node, path, bounds, hint, reading)) {
        return std::nullopt;
    }
    return distribution;
}

void check_note(const YamlEntry& entry, const std::string& path, Reading& reading)
{
    const YamlNode& node = entry.value;
    if (node.kind == YamlNode::Kind::faulty) {
        return;
    }
    if (entry.key == "assumption") {
        const Parsed<bool> parsed = parse_flag(node);
        if (!parsed.value) {
            reading.error(node.place, path.empty() ? entry.key : path + "." + entry.key,
                          parsed.problem);
        }
    } else if (!node.is_scalar()) {
        reading.error(node.place, path.empty() ? entry.key : path + "." + entry.key,
                      fmt::format("must be a text (got {})", found(node)));
    }
}

}  // namespace chokepoint
