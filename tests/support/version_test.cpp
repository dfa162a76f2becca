#include "chokepoint/support/version.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chokepoint {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;

TEST(BuildInfo, NamesProgramVersionCompilerAndBuildType)
{
    const BuildInfo info = build_info();
    EXPECT_THAT(info.version, ContainsRegex("^[0-9]+\\.[0-9]+\\.[0-9]+$"));
    EXPECT_THAT(info.compiler, ContainsRegex("^[A-Za-z]+ [0-9]+\\.[0-9.]+$"));
    EXPECT_THAT(info.build_type, ContainsRegex("^(Release|Debug|RelWithDebInfo|MinSizeRel)$"));
}

TEST(BuildInfo, NamesACommitOrSaysThatItIsUnknown)
{
    EXPECT_THAT(build_info().commit, ContainsRegex("^([0-9a-f]{12,40}(-dirty)?|unknown)$"));
}

TEST(BuildInfo, NamesAVersionOfEveryLibrary)
{
    std::vector<std::string> names;
    for (const LibraryVersion& library : build_info().libraries) {
        names.push_back(library.name);
        EXPECT_THAT(library.version, ContainsRegex("^[0-9]+\\.[0-9]+")) << library.name;
    }
    EXPECT_THAT(names, ElementsAre("Boost", "CLI11", "Eigen", "OpenSSL", "fmt", "netCDF",
                                   "nlohmann-json", "yaml-cpp"));
}

}  // namespace
}  // namespace chokepoint
