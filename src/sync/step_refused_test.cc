// What a hub, or something in its place, refuses.
#include <set>

#include "sync/stepped_for_test.h"

namespace pawprint::sync {
namespace {

TEST(Step, WhatAProxySaysAboutARequestDecidesNothingAboutItsEvents) {
  for (const int status : {400, 413}) {
    State state = posted(2);
    Answered of_a_proxy = answer(status);
    of_a_proxy.in_hubs_words = false;
    const auto actions = step(state, of_a_proxy, kMoment);
    ASSERT_EQ(actions.size(), 1U) << status;
    ASSERT_NE(last_as<Stop>(actions), nullptr) << status;
    EXPECT_EQ(last_as<Stop>(actions)->reason, StopReason::refused) << status;
    EXPECT_EQ(state.tally.parked, 0U) << status;
  }
}

TEST(Step, ALinkThatIsEndedOnTheWaySendsNothingMore) {
  State state = posted(2);
  const auto actions = step(state, LinkEnded{}, kMoment);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(last_as<Stop>(actions)->reason, StopReason::empty);
}

TEST(Step, AnExpiredTokenIsRefreshedOnceAndTheSameEventsGoOutAgain) {
  State state = posted(2);
  auto actions = step(state, answer(401), kMoment);
  ASSERT_NE(last_as<Refresh>(actions), nullptr);
  actions = step(state, Refreshed::done, kMoment);
  EXPECT_EQ(last_as<Post>(actions)->ids, (std::vector<std::int64_t>{1, 2}));
  actions = step(state, answer(401), kMoment);
  EXPECT_EQ(last_as<Stop>(actions)->reason, StopReason::refused)
      << "the sign-in has been renewed, so it holds";
  EXPECT_EQ(last_as<Stop>(actions)->words, "HTTP 401, with a sign-in that it had just renewed");
}

TEST(Step, AVerdictAllowsTheNextRefresh) {
  State state = posted(1);
  step(state, answer(401), kMoment);
  step(state, Refreshed::done, kMoment);
  step(state, verdicts({verdict(1)}), kMoment);
  step(state, RowsLoaded{{row(2)}}, kMoment);
  EXPECT_NE(last_as<Refresh>(step(state, answer(401), kMoment)), nullptr);
}

TEST(Step, ARefreshThatIsRejectedOrUnknownStopsWithItsReason) {
  State rejected = posted(1);
  step(rejected, answer(401), kMoment);
  EXPECT_EQ(last_as<Stop>(step(rejected, Refreshed::rejected, kMoment))->reason, StopReason::not_signed_in);
  State unknown = posted(1);
  step(unknown, answer(401), kMoment);
  const auto actions = step(unknown, NotRefreshed{"HTTP 429: quota"}, kMoment);
  EXPECT_EQ(last_as<Stop>(actions)->reason, StopReason::unreachable);
  EXPECT_EQ(last_as<Stop>(actions)->words, "HTTP 429: quota");
  EXPECT_EQ(unknown.unknown(), 0U);
}

TEST(Step, EventsOfAnotherTeamAreParkedOneByOneAndTheLinkGoesOn) {
  State state = posted(2);
  Verdict one = verdict(1, VerdictStatus::error);
  one.error_category = "cross_tenant";
  one.error_message = "team other";
  Verdict two = one;
  two.event_id = "E2";
  Answered answered = verdicts({one, two}, 403);
  answered.category = "cross_tenant";
  const auto actions = step(state, answered, kMoment);
  EXPECT_EQ(first_as<Settle>(actions)->items.at(1).reason, "cross_tenant: team other");
  EXPECT_NE(last_as<LoadRows>(actions), nullptr);
}

TEST(Step, ARefusalWithVerdictsOfAnotherCategorySettlesNothing) {
  State state = posted(1);
  Answered answered = verdicts({verdict(1, VerdictStatus::error)}, 403);
  answered.category = "role";
  const auto actions = step(state, answered, kMoment);
  EXPECT_EQ(first_as<Stop>(actions)->reason, StopReason::refused);
}

TEST(Step, RetryAfterIsObeyedUpToADay) {
  const std::pair<std::int64_t, std::int64_t> expected[] = {
      {17, 17}, {0, 1}, {-5, 1}, {10'000'000, 24 * 3600}};
  for (const auto& [asked_s, waits_s] : expected) {
    State state = posted(1);
    Answered busy = answer(429);
    busy.retry_after_s = asked_s;
    step(state, busy, {.now_ms = kMoment.now_ms, .jitter = 0});
    EXPECT_EQ(state.next_attempt_ms, kMoment.now_ms + waits_s * 1000) << asked_s;
  }
}

TEST(Step, ThoseWhoWereToldToWaitAsLongComeBackAtDifferentTimesAndNoneTooEarly) {
  const std::pair<std::int64_t, std::int64_t> expected[] = {{1, 100}, {17, 1700}, {3600, 30'000}};
  for (const auto& [asked_s, spread_ms] : expected) {
    std::set<std::int64_t> later_ms;
    for (std::uint64_t jitter = 0; jitter < 100'000; jitter += 10) {
      State state = posted(1);
      Answered busy = answer(503);
      busy.retry_after_s = asked_s;
      step(state, busy, {.now_ms = kMoment.now_ms, .jitter = jitter});
      later_ms.insert(state.next_attempt_ms - kMoment.now_ms - asked_s * 1000);
    }
    EXPECT_EQ(*later_ms.begin(), 0) << asked_s;
    EXPECT_GT(*later_ms.rbegin(), spread_ms * 9 / 10) << asked_s;
    EXPECT_LE(*later_ms.rbegin(), spread_ms) << asked_s;
  }
}

TEST(Step, ATextThatIsNoEventIsParkedBeforeAnythingIsSent) {
  State state(protocol::default_limits());
  step(state, Started{}, kMoment);
  Row broken = row(2);
  broken.malformed = "line 1: not JSON";
  const auto actions = step(state, RowsLoaded{{row(1), broken, row(3)}}, kMoment);
  EXPECT_EQ(first_as<Settle>(actions)->items.at(0).id, 2);
  EXPECT_EQ(first_as<Settle>(actions)->items.at(0).reason, "malformed: line 1: not JSON");
  EXPECT_EQ(last_as<Post>(actions)->ids, (std::vector<std::int64_t>{1, 3}));
}

TEST(Step, AReasonIsHarmlessAndBounded) {
  State state = posted(1);
  Verdict refused = verdict(1, VerdictStatus::error);
  refused.error_message = "\x1b[2J" + std::string(5000, 'x');
  const auto actions = step(state, verdicts({refused}), kMoment);
  const std::string& reason = first_as<Settle>(actions)->items.at(0).reason;
  EXPECT_TRUE(reason.starts_with("error: "));
  EXPECT_EQ(reason.find('\x1b'), std::string::npos);
  EXPECT_LT(reason.size(), 1100U);
}

TEST(Step, AnInterruptionKeepsEverythingForTheNextTime) {
  State state = posted(2);
  step(state, Lost{"gone"}, kMoment);
  const auto actions = step(state, Interrupted{}, kMoment);
  EXPECT_EQ(last_as<Stop>(actions)->reason, StopReason::interrupted);
  EXPECT_EQ(state.unknown(), 2U);
}

TEST(StopReasons, UnreachableWinsOverNotSignedIn) {
  EXPECT_EQ(graver(StopReason::unreachable, StopReason::not_signed_in), StopReason::unreachable);
  EXPECT_EQ(graver(StopReason::empty, StopReason::not_signed_in), StopReason::not_signed_in);
}

}  // namespace
}  // namespace pawprint::sync
