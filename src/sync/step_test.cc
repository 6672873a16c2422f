#include <algorithm>
#include <array>
#include <random>

#include "sync/stepped_for_test.h"

namespace pawprint::sync {
namespace {

TEST(Step, AnEmptyQueueEndsTheDelivery) {
  State state(protocol::default_limits());
  step(state, Started{}, kMoment);
  const auto actions = step(state, RowsLoaded{}, kMoment);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(first_as<Stop>(actions)->reason, StopReason::empty);
}

TEST(Step, SuccessAndDuplicateAreSentAndARefusalIsParkedWithItsReason) {
  State state = posted(3);
  Verdict refused = verdict(2, VerdictStatus::error);
  refused.error_category = "schema_mismatch";
  refused.error_message = "payload.wp_id: missing field";
  const auto actions =
      step(state, verdicts({verdict(1), refused, verdict(3, VerdictStatus::duplicate)}), kMoment);
  const auto* settle = first_as<Settle>(actions);
  ASSERT_NE(settle, nullptr);
  ASSERT_EQ(settle->items.size(), 3U);
  EXPECT_EQ(settle->items[0].fate, Fate::sent);
  EXPECT_EQ(settle->items[1].fate, Fate::parked);
  EXPECT_EQ(settle->items[1].reason, "schema_mismatch: payload.wp_id: missing field");
  EXPECT_EQ(settle->items[2].fate, Fate::sent);
  EXPECT_NE(last_as<LoadRows>(actions), nullptr);
  EXPECT_EQ(state.tally.success, 1U);
  EXPECT_EQ(state.tally.duplicate, 1U);
  EXPECT_EQ(state.tally.parked, 1U);
}

TEST(Step, AnAnnouncementThatAnotherMachineMadeFirstIsKnown) {
  State state = posted(2);
  state.in_flight[0].announcement = true;
  Verdict conflict = verdict(1, VerdictStatus::error);
  conflict.error_category = "event_id_conflict";
  Verdict second = conflict;
  second.event_id = "E2";
  const auto actions = step(state, verdicts({conflict, second}), kMoment);
  const auto* settle = first_as<Settle>(actions);
  ASSERT_NE(settle, nullptr);
  EXPECT_EQ(settle->items.at(0).fate, Fate::sent);
  EXPECT_EQ(settle->items.at(1).fate, Fate::parked);
  EXPECT_EQ(state.tally.duplicate, 1U);
  EXPECT_EQ(state.tally.parked, 1U);
}

TEST(Step, VerdictsInAnotherOrderFindTheirEvents) {
  State state = posted(2);
  const auto actions =
      step(state, verdicts({verdict(2, VerdictStatus::error), verdict(1, VerdictStatus::success)}), kMoment);
  const auto* settle = first_as<Settle>(actions);
  ASSERT_EQ(settle->items.size(), 2U);
  EXPECT_EQ(settle->items[0].fate, Fate::sent);
  EXPECT_EQ(settle->items[1].fate, Fate::parked);
}

TEST(Step, AnIncompleteAnswerSettlesWhatItNamesAndSendsTheRestAgain) {
  State state = posted(3);
  const auto actions = step(state, verdicts({verdict(1), verdict(3)}), kMoment);
  EXPECT_EQ(first_as<Settle>(actions)->items.size(), 2U);
  ASSERT_NE(last_as<Wait>(actions), nullptr);
  EXPECT_EQ(state.unknown(), 1U);
  const auto again = step(state, Waited{}, kMoment);
  EXPECT_EQ(last_as<Post>(again)->ids, std::vector<std::int64_t>{2});
}

TEST(Step, TwoVerdictsOnOneEventDecideNothing) {
  State state = posted(1);
  const auto actions = step(state, verdicts({verdict(1), verdict(1, VerdictStatus::error)}), kMoment);
  EXPECT_NE(first_as<Wait>(actions), nullptr);
  EXPECT_EQ(state.unknown(), 1U);
}

TEST(Step, AVerdictOnAnEventThatWasNotSentSettlesNothing) {
  State state = posted(1);
  const auto actions = step(state, verdicts({verdict(7)}), kMoment);
  EXPECT_NE(first_as<Wait>(actions), nullptr);
}

TEST(Step, ARefusalWithoutAnIdIsThatOfItsPositionAndASuccessWithoutOneIsNone) {
  State state = posted(2);
  Verdict nameless = verdict(0, VerdictStatus::error);
  nameless.event_id.reset();
  Verdict nameless_success = verdict(0);
  nameless_success.event_id.reset();
  const auto actions = step(state, verdicts({nameless_success, nameless}), kMoment);
  const auto* settle = first_as<Settle>(actions);
  ASSERT_NE(settle, nullptr);
  ASSERT_EQ(settle->items.size(), 1U);
  EXPECT_EQ(settle->items[0].id, 2);
  EXPECT_EQ(state.unknown(), 1U);
}

TEST(Step, AnAnswerThatNeverSettlesAnythingEndsAfterTwoRetries) {
  State state = posted(2);
  int posts = 1;
  auto actions = step(state, verdicts({}), kMoment);
  while (last_as<Stop>(actions) == nullptr) {
    ASSERT_NE(last_as<Wait>(actions), nullptr);
    actions = step(state, Waited{}, kMoment);
    EXPECT_EQ(last_as<Post>(actions)->ids, (std::vector<std::int64_t>{1, 2}));
    ++posts;
    actions = step(state, verdicts({}), kMoment);
  }
  EXPECT_EQ(posts, 3);
  EXPECT_EQ(last_as<Stop>(actions)->reason, StopReason::unreachable);
  EXPECT_EQ(state.unknown(), 2U);
}

TEST(Step, BackoffDoublesWithFullJitter) {
  State state = posted(1);
  auto actions = step(state, Lost{"gone"}, {.now_ms = 0, .jitter = 500});
  EXPECT_EQ(last_as<Wait>(actions)->ms, 500);
  step(state, Waited{}, kMoment);
  actions = step(state, Lost{"gone"}, {.now_ms = 7000, .jitter = 1000});
  EXPECT_EQ(last_as<Wait>(actions)->ms, 1000);
  EXPECT_EQ(state.next_attempt_ms, 8000);
  step(state, Waited{}, kMoment);
  state.lost_in_a_row = 1;
  actions = step(state, Lost{"gone"}, {.now_ms = 0, .jitter = 1001});
  EXPECT_EQ(last_as<Wait>(actions)->ms, 0);  // 0 to 1000
}

// Each by its own randomness, though they have all lost the same hub at the same moment.
TEST(Step, AThousandWhoLoseTheirHubAtOnceComeBackAllOverTheTimeThatTheyHave) {
  constexpr int kMany = 1000, kParts = 10;
  constexpr std::int64_t kFirstMs = 500, kSecondMs = 1000;
  std::array<int, kParts> first{}, second{};
  std::mt19937_64 bits(1);
  for (int client = 0; client < kMany; ++client) {
    State state = posted(1);
    const auto wait = [&](std::int64_t most_ms, std::array<int, kParts>& parts) {
      const auto actions = step(state, Lost{"gone"}, {.now_ms = 0, .jitter = bits()});
      const std::int64_t ms = last_as<Wait>(actions)->ms;
      EXPECT_LE(ms, most_ms);
      ++parts[static_cast<std::size_t>(std::min<std::int64_t>(ms * kParts / most_ms, kParts - 1))];
      step(state, Waited{}, kMoment);
    };
    wait(kFirstMs, first);
    wait(kSecondMs, second);
  }
  for (const int count : first) EXPECT_NEAR(count, kMany / kParts, kMany / kParts / 2);
  for (const int count : second) EXPECT_NEAR(count, kMany / kParts, kMany / kParts / 2);
}

TEST(Step, ProgressMakesUpForLostAnswers) {
  State state = posted(3);
  for (int round = 0; round < 5; ++round) {
    step(state, Lost{"gone"}, kMoment);
    step(state, Waited{}, kMoment);
    const auto actions = step(state, verdicts({verdict(1), verdict(2), verdict(3)}), kMoment);
    ASSERT_NE(last_as<LoadRows>(actions), nullptr) << round;
    step(state, RowsLoaded{rows(3)}, kMoment);
  }
}

struct StatusRow {
  int status;
  std::optional<StopReason> stops;  // nullopt: the same events go out again after a wait
};

class EachStatus : public ::testing::TestWithParam<StatusRow> {};

TEST_P(EachStatus, TouchesNoRow) {
  State state = posted(2);
  const auto actions = step(state, answer(GetParam().status), kMoment);
  ASSERT_EQ(actions.size(), 1U);
  if (GetParam().stops) {
    ASSERT_NE(first_as<Stop>(actions), nullptr);
    EXPECT_EQ(first_as<Stop>(actions)->reason, *GetParam().stops);
    EXPECT_NE(first_as<Stop>(actions)->words.find(fmt::format("{}", GetParam().status)), std::string::npos);
    EXPECT_EQ(state.unknown(), 0U);
  } else {
    EXPECT_NE(first_as<Wait>(actions), nullptr);
    EXPECT_EQ(state.unknown(), 2U);
  }
  EXPECT_EQ(state.tally.success + state.tally.duplicate + state.tally.parked, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Table, EachStatus,
    ::testing::Values(StatusRow{200, {}}, StatusRow{408, {}}, StatusRow{500, {}}, StatusRow{502, {}},
                      StatusRow{504, {}}, StatusRow{599, {}}, StatusRow{403, StopReason::refused},
                      StatusRow{301, StopReason::refused}, StatusRow{302, StopReason::refused},
                      StatusRow{308, StopReason::refused}, StatusRow{404, StopReason::refused},
                      StatusRow{405, StopReason::refused}, StatusRow{410, StopReason::refused},
                      StatusRow{412, StopReason::refused}, StatusRow{415, StopReason::refused},
                      StatusRow{426, StopReason::refused}, StatusRow{204, StopReason::refused},
                      StatusRow{429, StopReason::rate_limited}, StatusRow{503, StopReason::rate_limited}),
    [](const auto& row) { return fmt::format("Http{}", row.param.status); });

TEST(Step, ABadFrameIsHalvedUntilTheOneEventIsParked) {
  State state = posted(4);
  std::vector<std::vector<std::int64_t>> asked;
  auto actions = step(state, answer(400), kMoment);
  std::vector<std::int64_t> parked;
  while (const auto* post = last_as<Post>(actions)) {
    asked.push_back(post->ids);
    const bool has_poison = std::ranges::find(post->ids, 3) != post->ids.end();
    std::vector<Verdict> good;
    for (const std::int64_t id : post->ids) good.push_back(verdict(id));
    actions = step(state, has_poison ? answer(400) : verdicts(good), kMoment);
    for (const Action& action : actions) {
      const auto* settle = std::get_if<Settle>(&action);
      if (settle == nullptr) continue;
      for (const auto& item : settle->items) {
        if (item.fate != Fate::parked) continue;
        parked.push_back(item.id);
        EXPECT_EQ(item.reason, "malformed: HTTP 400");
      }
    }
  }
  EXPECT_EQ(asked, (std::vector<std::vector<std::int64_t>>{{1, 2}, {3, 4}, {3}, {4}}));
  EXPECT_EQ(parked, std::vector<std::int64_t>{3});
  EXPECT_EQ(state.tally.success, 3U);
}

TEST(Step, TooLargeIsHalvedByBytesAndTheOneEventIsParked) {
  State state(protocol::default_limits());
  step(state, Started{}, kMoment);
  step(state, RowsLoaded{{row(1, 10), row(2, 10), row(3, 1000)}}, kMoment);
  auto actions = step(state, answer(413), kMoment);
  EXPECT_EQ(last_as<Post>(actions)->ids, (std::vector<std::int64_t>{1, 2}));
  actions = step(state, verdicts({verdict(1), verdict(2)}), kMoment);
  EXPECT_EQ(last_as<Post>(actions)->ids, std::vector<std::int64_t>{3});
  actions = step(state, answer(413), kMoment);
  EXPECT_EQ(first_as<Settle>(actions)->items.at(0).reason, "too_large: HTTP 413");
  EXPECT_NE(last_as<LoadRows>(actions), nullptr);
}

TEST(Step, AdvertisedLimitsHoldFromTheNextRequestOn) {
  State state = posted(10, 100);
  Answered too_large = answer(413);
  too_large.limits = protocol::default_limits();
  too_large.limits->max_events_per_batch = 3;
  too_large.limits->max_decompressed_bytes_per_batch = 250;
  auto actions = step(state, too_large, kMoment);
  EXPECT_EQ(last_as<Post>(actions)->ids, (std::vector<std::int64_t>{1, 2}));
  std::uint64_t settled = 0;
  while (const auto* post = last_as<Post>(actions)) {
    ASSERT_LE(post->ids.size(), 2U);
    std::vector<Verdict> good;
    for (const std::int64_t id : post->ids) good.push_back(verdict(id));
    settled += post->ids.size();
    actions = step(state, verdicts(good), kMoment);
  }
  EXPECT_EQ(settled, 10U);
  EXPECT_EQ(last_as<LoadRows>(actions)->max_rows, 3U);
  EXPECT_LT(last_as<LoadRows>(actions)->max_bytes, 250U);
}

TEST(Step, AHubCannotAdvertiseMoreThanTheProtocolAllows) {
  protocol::IngressLimits boundless = protocol::default_limits();
  boundless.max_events_per_batch = ~std::uint64_t{0};
  boundless.max_decompressed_bytes_per_batch = ~std::uint64_t{0};
  State state(boundless);
  const auto actions = step(state, Started{}, kMoment);
  EXPECT_EQ(last_as<LoadRows>(actions)->max_rows, protocol::default_limits().max_events_per_batch);
  EXPECT_LT(last_as<LoadRows>(actions)->max_bytes,
            protocol::default_limits().max_decompressed_bytes_per_batch);
}

TEST(Step, ABatchTooLargeWhenCompressedIsHalvedWithoutBeingSent) {
  State state = posted(2);
  auto actions = step(state, Oversized{}, kMoment);
  EXPECT_EQ(last_as<Post>(actions)->ids, std::vector<std::int64_t>{1});
  actions = step(state, Oversized{}, kMoment);
  EXPECT_TRUE(first_as<Settle>(actions)->items.at(0).reason.starts_with("too_large: "));
  EXPECT_EQ(last_as<Post>(actions)->ids, std::vector<std::int64_t>{2});
}

}  // namespace
}  // namespace pawprint::sync
