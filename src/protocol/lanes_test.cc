#include "protocol/lanes.h"

#include <gtest/gtest.h>

namespace pawprint::protocol {
namespace {

using enum Lane;

struct Cell {
  Lane from;
  Lane to;
  Guard guard;
};

// Every move that is allowed without force, written out one by one. What is not here is forbidden.
constexpr Cell kAllowed[] = {
    {planned, claimed, Guard::actor},
    {planned, in_progress, Guard::actor},
    {planned, blocked, Guard::none},
    {planned, canceled, Guard::none},
    {claimed, in_progress, Guard::actor},
    {claimed, blocked, Guard::none},
    {claimed, canceled, Guard::none},
    {in_progress, planned, Guard::reason},
    {in_progress, for_review, Guard::subtasks},
    {in_progress, blocked, Guard::none},
    {in_progress, canceled, Guard::none},
    {for_review, in_progress, Guard::review_ref},
    {for_review, done, Guard::reviewer},
    {for_review, blocked, Guard::none},
    {for_review, canceled, Guard::none},
    {blocked, in_progress, Guard::none},
    {blocked, canceled, Guard::none},
};

Guard expected_guard(Lane from, Lane to) {
  for (const Cell& cell : kAllowed) {
    if (cell.from == from && cell.to == to) return cell.guard;
  }
  return Guard::forbidden;
}

MoveFacts everything() {
  return {.actor = "ada", .reason = "why", .review_ref = "pr/1", .subtasks_done = true, .force = false};
}

// All that a move could ask for, but what this guard asks for.
MoveFacts everything_but(Guard guard) {
  MoveFacts facts = everything();
  if (guard == Guard::actor || guard == Guard::reviewer) facts.actor.clear();
  if (guard == Guard::reason) facts.reason.clear();
  if (guard == Guard::subtasks) facts.subtasks_done = false;
  if (guard == Guard::review_ref) facts.review_ref.clear();
  return facts;
}

TEST(Lanes, EveryCellOfTheTableIsAsWrittenDown) {
  for (const Lane from : kLanes) {
    for (const Lane to : kLanes) {
      const Guard guard = expected_guard(from, to);
      SCOPED_TRACE(std::string(name_of(from)) + " -> " + std::string(name_of(to)));
      EXPECT_EQ(guard_of(from, to), guard);
      EXPECT_EQ(check_move(from, to, everything()).has_value(), guard != Guard::forbidden);
      EXPECT_EQ(check_move(from, to, everything_but(guard)).has_value(), guard == Guard::none);
      EXPECT_EQ(check_move(from, to, {}).has_value(), guard == Guard::none);
    }
  }
}

TEST(Lanes, ForceWithAReasonPassesAnyPairAndWithoutOneNone) {
  for (const Lane from : kLanes) {
    for (const Lane to : kLanes) {
      EXPECT_TRUE(check_move(
          from, to, {.actor = "", .reason = "why", .review_ref = "", .subtasks_done = false, .force = true}));
      const auto refused = check_move(
          from, to, {.actor = "ada", .reason = "", .review_ref = "r", .subtasks_done = true, .force = true});
      ASSERT_FALSE(refused);
      EXPECT_NE(refused.error().message.find("needs a reason"), std::string::npos);
    }
  }
}

TEST(Lanes, ARefusalNamesTheLanesAndWhatIsMissing) {
  const auto missing =
      check_move(for_review, in_progress,
                 {.actor = "ada", .reason = "", .review_ref = "", .subtasks_done = true, .force = false});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::invalid);
  EXPECT_EQ(missing.error().message,
            "cannot move from for_review to in_progress: it needs a review reference");
  const auto forbidden = check_move(done, planned, everything());
  ASSERT_FALSE(forbidden);
  EXPECT_EQ(forbidden.error().message, "cannot move from done to planned: this move is not allowed");
}

TEST(Lanes, NamesAreReadBackAndDoingIsInProgress) {
  for (const Lane lane : kLanes) EXPECT_EQ(lane_of(name_of(lane)), lane);
  EXPECT_EQ(lane_of("doing"), in_progress);
  EXPECT_EQ(lane_of("Done"), std::nullopt);
  EXPECT_EQ(lane_of(""), std::nullopt);
  EXPECT_EQ(lane_of("in_review"), std::nullopt);
}

}  // namespace
}  // namespace pawprint::protocol
