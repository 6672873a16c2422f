#include "hub/ingest/quota.h"

#include <gtest/gtest.h>

namespace pawprint::hub::ingest {
namespace {

constexpr QuotaLimits kLimits{
    .events_per_second = 10, .burst_events = 100, .bytes_per_second = 1000, .burst_bytes = 5000};

TEST(Quotas, ABurstIsGrantedAndThenOnlyWhatFlowsIn) {
  ManualClock clock(0);
  Quotas quotas(clock, kLimits);
  EXPECT_EQ(quotas.take("acme", 100, 0), std::nullopt);
  EXPECT_EQ(quotas.take("acme", 15, 0), 2);
  clock.advance_ms(1400);
  EXPECT_EQ(quotas.take("acme", 15, 0), 1);
  clock.advance_ms(100);
  EXPECT_EQ(quotas.take("acme", 15, 0), std::nullopt);
  clock.advance_ms(3'600'000);
  EXPECT_EQ(quotas.take("acme", 100, 0), std::nullopt);  // no more than the burst has come together
  EXPECT_EQ(quotas.take("acme", 1, 0), 1);
}

TEST(Quotas, BytesCountBesideEvents) {
  ManualClock clock(0);
  Quotas quotas(clock, kLimits);
  EXPECT_EQ(quotas.take("acme", 1, 5000), std::nullopt);
  EXPECT_EQ(quotas.take("acme", 1, 2500), 3);
  EXPECT_EQ(quotas.take("acme", 99, 0), std::nullopt);  // what was refused took nothing
}

TEST(Quotas, OneTeamsFloodIsNobodyElses) {
  ManualClock clock(0);
  Quotas quotas(clock, kLimits);
  EXPECT_EQ(quotas.take("acme", 100, 5000), std::nullopt);
  EXPECT_TRUE(quotas.take("acme", 1, 1));
  EXPECT_EQ(quotas.take("other", 100, 5000), std::nullopt);
}

TEST(Quotas, WhatIsMoreThanABucketNeedsAFullOne) {
  ManualClock clock(0);
  Quotas quotas(clock, kLimits);
  EXPECT_EQ(quotas.take("acme", 1000, 0), std::nullopt);
  EXPECT_EQ(quotas.take("acme", 1000, 0), 100);
  clock.advance_ms(100'000);
  EXPECT_EQ(quotas.take("acme", 1000, 0), std::nullopt);
}

TEST(Quotas, AWallClockThatJumpsChangesNothing) {
  ManualClock clock(1'000'000);
  Quotas quotas(clock, kLimits);
  EXPECT_EQ(quotas.take("acme", 100, 0), std::nullopt);
  clock.jump_wall_ms(-3'600'000);
  EXPECT_EQ(quotas.take("acme", 10, 0), 1);
  clock.jump_wall_ms(7'200'000);
  EXPECT_EQ(quotas.take("acme", 10, 0), 1);
}

}  // namespace
}  // namespace pawprint::hub::ingest
