#include "base/failpoint.h"

#include <gtest/gtest.h>

namespace pawprint {
namespace {

TEST(Failpoint, IsBuiltIntoTheTestsPrograms) {
  EXPECT_TRUE(kFailpointsBuilt);
}

TEST(Failpoint, AnotherStepThanTheArmedOneIsPassed) {
  arm_failpoint("here");
  failpoint("there");
  arm_failpoint("");
  failpoint("here");
}

TEST(FailpointDeathTest, EndsTheProcessAtTheNthPass) {
  EXPECT_EXIT(
      {
        arm_failpoint("here:3");
        failpoint("here");
        failpoint("there");
        failpoint("here");
        std::fputs("alive after two", stderr);
        failpoint("here");
      },
      testing::KilledBySignal(SIGKILL), "alive after two");
}

}  // namespace
}  // namespace pawprint
