#include "hub/access/throttle.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "hub/access/password_gate.h"

namespace pawprint::hub::access {
namespace {

TEST(Throttle, AllowsTheNextAttemptWhenTheOldestFailureIsOutOfTheWindow) {
  ManualClock clock(0);
  Throttle throttle(clock);
  for (std::size_t i = 0; i < kMaxFailures; ++i) {
    EXPECT_EQ(throttle.wait_ms("a", "x"), 0);
    throttle.failed("a", "x");
    clock.advance_ms(1000);
  }
  EXPECT_EQ(throttle.wait_ms("a", "x"), kFailureWindowMs - 10'000);
  clock.advance_ms(kFailureWindowMs - 10'000);
  EXPECT_EQ(throttle.wait_ms("a", "x"), 0);
  throttle.failed("a", "x");
  EXPECT_EQ(throttle.wait_ms("a", "x"), 1000);
}

TEST(Throttle, ASuccessForgetsTheFailures) {
  ManualClock clock(0);
  Throttle throttle(clock);
  for (std::size_t i = 0; i < kMaxFailures - 1; ++i) throttle.failed("a", "x");
  throttle.succeeded("A", "x");
  throttle.failed("a", "x");
  EXPECT_EQ(throttle.wait_ms("a", "x"), 0);
}

TEST(Throttle, AnotherAddressOfTheSameNetworkIsNoOtherPlaceToGuessFrom) {
  ManualClock clock(0);
  Throttle throttle(clock);
  for (std::size_t i = 0; i < kMaxFailures; ++i) throttle.failed("a", "2001:db8::" + std::to_string(i));
  EXPECT_GT(throttle.wait_ms("a", "2001:db8::ffff"), 0);
  EXPECT_EQ(throttle.wait_ms("a", "2001:db8:0:1::1"), 0);
  for (std::size_t i = 0; i < kMaxFailures; ++i) throttle.failed("a", "::ffff:192.0.2.1");
  EXPECT_GT(throttle.wait_ms("a", "192.0.2.1"), 0);
  EXPECT_EQ(throttle.wait_ms("a", "::ffff:192.0.2.2"), 0);
}

TEST(Throttle, AFloodOfPairsForgetsTheOldestFirst) {
  ManualClock clock(0);
  Throttle throttle(clock);
  for (std::size_t i = 0; i < kMaxFailures; ++i) throttle.failed("first", "x");
  clock.advance_ms(1);
  for (std::size_t i = 0; i < kMaxFailures; ++i) throttle.failed("second", "x");
  clock.advance_ms(1);
  for (std::size_t i = 0; i + 1 < kMaxThrottledPairs; ++i) throttle.failed(std::to_string(i), "x");
  EXPECT_EQ(throttle.wait_ms("first", "x"), 0);
  EXPECT_GT(throttle.wait_ms("second", "x"), 0);
}

TEST(PasswordGate, LetsNoMoreInThanItSays) {
  PasswordGate gate;
  auto first = gate.enter(), second = gate.enter();
  ASSERT_TRUE(first && second);
  std::atomic<std::size_t> entered = 0, turned_away = 0;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kMaxWaitingPasswordChecks + 5; ++i) {
      threads.emplace_back([&] { gate.enter() ? ++entered : ++turned_away; });
    }
    while (turned_away < 5) std::this_thread::yield();
    EXPECT_EQ(entered, 0u);
    first.reset();
  }
  EXPECT_EQ(turned_away, 5u);
  EXPECT_EQ(entered, kMaxWaitingPasswordChecks);
}

}  // namespace
}  // namespace pawprint::hub::access
