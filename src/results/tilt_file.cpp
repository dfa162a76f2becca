#include "chokepoint/results/tilt_file.hpp"

#include "chokepoint/results/finished_run.hpp"
#include "chokepoint/support/diagnostic.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

using Json = nlohmann::ordered_json;

/// Takes a tilt from JSON and notes what is wrong on the way.
class TiltReader {
public:
    TiltReader(const std::filesystem::path& file, const TiltKnobs& knobs)
        : file_(file.string()), knobs_(knobs)
    {}

    Tilt read(const Json& json)
    {
        Tilt tilt;
        if (!json.is_object() || !json.contains("components")
            || !json["components"].is_array()) {
            complain("components", "is missing (a list of laws, as in the tilt.json of a run)");
        } else {
            for (const Json& component : json["components"]) {
                tilt.components.push_back(read_component(
                    component, fmt::format("components[{}]", tilt.components.size())));
            }
            check_shares(tilt);
        }
        if (problems_.has_errors()) {
            throw InputError(problems_.sorted());
        }
        return tilt;
    }

private:
    Tilt::Component read_component(const Json& json, const std::string& path)
    {
        Tilt::Component component{.share = 0, .factors = std::vector(knobs_.size(), 1.0)};
        if (!json.is_object() || !json.contains("share") || !is_positive(json["share"])) {
            complain(path + ".share", "must be a positive number");
        } else {
            component.share = json["share"];
        }
        if (!json.is_object() || !json.contains("factors") || !json["factors"].is_object()) {
            complain(path + ".factors", "must be a map from names to factors");
            return component;
        }
        for (const auto& [name, factor] : json["factors"].items()) {
            const auto known = std::find(knobs_.names().begin(), knobs_.names().end(), name);
            if (known == knobs_.names().end()) {
                complain(path + ".factors." + name, "the scenario draws nothing of this name"
                                                        + did_you_mean(name, knobs_.names()));
            } else if (!is_positive(factor)) {
                complain(path + ".factors." + name, "must be a positive number");
            } else {
                component.factors[static_cast<std::size_t>(known - knobs_.names().begin())] =
                    factor;
            }
        }
        return component;
    }

    void check_shares(const Tilt& tilt)
    {
        double sum = 0;
        for (const Tilt::Component& component : tilt.components) {
            sum += component.share;
        }
        constexpr double rounding = 1e-12;
        if (sum > 1 - least_plain_share + rounding) {
            complain("components",
                     fmt::format("the shares add up to {} (at most {}, so that the scenario's "
                                 "own law keeps a tenth)",
                                 sum, 1 - least_plain_share));
        }
    }

    static bool is_positive(const Json& json)
    {
        return json.is_number() && json.get<double>() > 0 && std::isfinite(json.get<double>());
    }

    void complain(std::string path, std::string problem)
    {
        problems_.error({.file = file_}, std::move(path), std::move(problem));
    }

    std::string file_;
    const TiltKnobs& knobs_;
    Diagnostics problems_;
};

}  // namespace

std::string tilt_json(const Tilt& tilt, const TiltKnobs& knobs)
{
    Json components = Json::array();
    for (const Tilt::Component& component : tilt.components) {
        Json factors = Json::object();
        for (std::size_t position = 0; position < knobs.size(); ++position) {
            if (component.factors[position] != 1) {
                factors[knobs.names()[position]] = component.factors[position];
            }
        }
        components.push_back({{"share", component.share}, {"factors", factors}});
    }
    return Json{{"schema", 1}, {"components", components}}.dump(2) + "\n";
}

Tilt read_tilt_file(const std::filesystem::path& file, const TiltKnobs& knobs)
{
    FolderProblems unread;
    const std::optional<std::string> text = content_of(file, unread);
    unread.throw_if_any();
    const Json json = Json::parse(*text, nullptr, false);
    if (json.is_discarded()) {
        Diagnostics problems;
        problems.error({.file = file.string()}, "", "is no JSON (a tilt.json of a run is)");
        throw InputError(problems.sorted());
    }
    return TiltReader(file, knobs).read(json);
}

}  // namespace chokepoint
