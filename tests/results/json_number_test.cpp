#include "chokepoint/results/json_number.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chokepoint {
namespace {

TEST(JsonNumber, HasWordsForInfinityAndNullForWhatDoesNotExist)
{
    constexpr double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(json_number<nlohmann::json>(1.5).dump(), "1.5");
    EXPECT_EQ(json_number<nlohmann::json>(infinity).dump(), "\"inf\"");
    EXPECT_EQ(json_number<nlohmann::json>(-infinity).dump(), "\"-inf\"");
    EXPECT_EQ(json_number<nlohmann::json>(std::numeric_limits<double>::quiet_NaN()).dump(),
              "null");
}

}  // namespace
}  // namespace chokepoint
