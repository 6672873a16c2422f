#include "protocol/order.h"

#include <gtest/gtest.h>

#include "protocol/limits.h"

namespace pawprint::protocol {
namespace {

TEST(Order, ComparesLamportThenMachineThenId) {
  const OrderKey base{.lamport_clock = 10, .node_id = "b", .event_id = "02"};
  EXPECT_LT((OrderKey{9, "z", "99"}), base);
  EXPECT_LT((OrderKey{10, "a", "99"}), base);
  EXPECT_LT((OrderKey{10, "b", "01"}), base);
  EXPECT_EQ((OrderKey{10, "b", "02"}), base);
  EXPECT_GT((OrderKey{18446744073709551615U, "a", "00"}), base);
}

EventPlace place() {
  return {.project_uuid = "p", .feature_slug = "001-a", .aggregate_id = "WP01", .key = {5, "a", "01"}};
}

TEST(Concurrency, IsTheSameLamportValueOfTwoEventsInOnePlace) {
  EventPlace other = place();
  other.key = {5, "b", "02"};
  EXPECT_TRUE(is_concurrent(place(), other));
  EXPECT_TRUE(is_concurrent(other, place()));
  EXPECT_FALSE(is_concurrent(place(), place()));
}

TEST(Concurrency, EndsWhereAnythingElseDiffers) {
  EventPlace other = place();
  other.key = {6, "b", "02"};
  EXPECT_FALSE(is_concurrent(place(), other));
  for (std::string EventPlace::* member :
       {&EventPlace::project_uuid, &EventPlace::feature_slug, &EventPlace::aggregate_id}) {
    other = place();
    other.key.event_id = "02";
    other.*member = "another";
    EXPECT_FALSE(is_concurrent(place(), other));
  }
}

TEST(LamportCeiling, RisesAMillionASecondFromTheStartOf2026) {
  constexpr std::uint64_t kBase = 4'294'967'296;
  EXPECT_EQ(lamport_ceiling(0), kBase);
  EXPECT_EQ(lamport_ceiling(1767225600), kBase);
  EXPECT_EQ(lamport_ceiling(1767225601), kBase + 1'000'000);
}

}  // namespace
}  // namespace pawprint::protocol
