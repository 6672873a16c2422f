#include "base/ulid.h"

#include <gtest/gtest.h>

#include <set>

namespace pawprint {
namespace {

TEST(Ulid, RisesWithinOneMillisecond) {
  ManualClock clock(1'700'000'000'000);
  SeededRandom random(1);
  UlidGenerator ulids(clock, random);
  std::string last = ulids.next();
  for (int i = 0; i < 10'000; ++i) {
    std::string next = ulids.next();
    ASSERT_LT(last, next);
    ASSERT_EQ(normalised_ulid(next), next);
    last = std::move(next);
  }
}

TEST(Ulid, RisesWhenTheWallClockStepsBack) {
  ManualClock clock(1'700'000'000'000);
  SeededRandom random(1);
  UlidGenerator ulids(clock, random);
  const std::string before = ulids.next();
  clock.jump_wall_ms(-3'600'000);
  EXPECT_LT(before, ulids.next());
}

class AllOnes final : public Random {
 public:
  void fill(std::span<std::byte> out) override {
    for (std::byte& byte : out) byte = std::byte{0xFF};
  }
};

TEST(Ulid, AnOverflowingRandomPartGoesToTheNextMillisecond) {
  ManualClock clock(1'700'000'000'000);
  AllOnes random;
  UlidGenerator ulids(clock, random);
  const std::string first = ulids.next();
  const std::string second = ulids.next();
  EXPECT_LT(first, second);
  EXPECT_NE(first.substr(0, 10), second.substr(0, 10));
}

TEST(Ulid, EncodesTheSpecificationsExample) {
  EXPECT_EQ(ulid_text(1469918176385, UlidRandom{}).substr(0, 10), "01ARYZ6S41");
  UlidRandom ones;
  ones.fill(0xFF);
  EXPECT_EQ(ulid_text((std::uint64_t{1} << 48) - 1, ones), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

TEST(Ulid, NormalisesCaseAndRefusesWhatIsNone) {
  EXPECT_EQ(normalised_ulid("01aryz6s41tszzzzzzzzzzzzzz"), "01ARYZ6S41TSZZZZZZZZZZZZZZ");
  EXPECT_FALSE(normalised_ulid("81ARYZ6S41TSZZZZZZZZZZZZZZ"));  // above 48 bits of time
  EXPECT_FALSE(normalised_ulid("01ARYZ6S41TSZZZZZZZZZZZZZU"));  // U is not in the alphabet
  EXPECT_FALSE(normalised_ulid("01ARYZ6S41"));
}

}  // namespace
}  // namespace pawprint
