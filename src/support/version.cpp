#include "chokepoint/support/version.hpp"

#include "build_commit.hpp"
#include "build_facts.hpp"

namespace chokepoint {

BuildInfo build_info()
{
    return {.version = build_facts::version,
            .commit = build_facts::commit,
            .compiler = build_facts::compiler,
            .build_type = build_facts::build_type,
            .libraries = {{"Boost", build_facts::boost},
                          {"CLI11", build_facts::cli11},
                          {"Eigen", build_facts::eigen},
                          {"OpenSSL", build_facts::openssl},
                          {"fmt", build_facts::fmt},
                          {"netCDF", build_facts::netcdf},
                          {"nlohmann-json", build_facts::nlohmann_json},
                          {"yaml-cpp", build_facts::yaml_cpp}}};
}

}  // namespace chokepoint
