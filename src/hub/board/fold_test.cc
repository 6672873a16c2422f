#include "hub/board/fold.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/format.h"
#include "base/random.h"
#include "hub/board/card_history.h"

namespace pawprint::hub::board {
namespace {

using protocol::Lane;
using store::TransitionRow;

// "in_progress <- planned" by a node at a Lamport value; the id is what the story calls it.
struct Step {
  std::string id;
  std::uint64_t lamport;
  std::string node;
  Lane from, to;
  std::optional<std::string> after = {};
  bool resolve = false;
};

TransitionRow row_of(const Step& step) {
  TransitionRow row;
  row.order = {step.lamport, step.node, step.id};
  row.causation_id = step.after;
  row.from = step.from;
  row.to = step.to;
  row.actor = "actor of " + step.node;
  row.resolve = step.resolve;
  return row;
}

std::vector<TransitionRow> rows(const std::vector<Step>& steps) {
  std::vector<TransitionRow> all;
  for (const Step& step : steps) all.push_back(row_of(step));
  return all;
}

// The fold in one line: "done by e3", or "in_progress by e2, e2 won over e1".
std::string told(const Folded& folded) {
  if (!folded.last) return "nothing";
  std::string text = fmt::format("{} by {}", protocol::name_of(folded.last->to), folded.last->order.event_id);
  if (folded.conflict) {
    text += fmt::format(", {} won over {}", folded.conflict->winner.order.event_id,
                        folded.conflict->loser.order.event_id);
  }
  return text;
}

// Folds every permutation and expects one answer.
std::string told_in_every_order(const std::vector<Step>& steps) {
  std::vector<std::size_t> places(steps.size());
  std::iota(places.begin(), places.end(), 0);
  std::set<std::string> answers;
  do {
    std::vector<TransitionRow> arrived;
    for (const std::size_t place : places) arrived.push_back(row_of(steps[place]));
    answers.insert(told(fold(std::move(arrived))));
  } while (std::next_permutation(places.begin(), places.end()));
  EXPECT_EQ(answers.size(), 1U) << "the order of arrival shows";
  return *answers.begin();
}

TEST(Fold, WithoutTransitionsNothingIsSaid) {
  EXPECT_EQ(told(fold({})), "nothing");
}

TEST(Fold, WorkHandedOverByGitEndsDoneWithoutAConflict) {
  EXPECT_EQ(told_in_every_order({
                {"a1", 1000, "A", Lane::planned, Lane::in_progress},
                {"a2", 1001, "A", Lane::in_progress, Lane::for_review, "a1"},
                {"b1", 1003, "B", Lane::for_review, Lane::done, "a2"},
            }),
            "done by b1");
}

TEST(Fold, CausalityOutranksALowClock) {
  EXPECT_EQ(told_in_every_order({
                {"a1", 1000, "A", Lane::planned, Lane::in_progress},
                {"a2", 1001, "A", Lane::in_progress, Lane::for_review, "a1"},
                {"b1", 5, "B", Lane::for_review, Lane::done, "a2"},
            }),
            "done by b1");
}

TEST(Fold, TheLaterOfTwoThatLeaveOneLaneWinsAndBothAreKept) {
  const Folded folded = fold(rows({
      {"e1", 7, "A", Lane::planned, Lane::in_progress},
      {"e2", 8, "B", Lane::planned, Lane::blocked},
  }));
  ASSERT_TRUE(folded.conflict);
  EXPECT_EQ(folded.last->to, Lane::blocked);
  EXPECT_EQ(folded.conflict->winner.order.event_id, "e2");
  EXPECT_EQ(folded.conflict->winner.actor, "actor of B");
  EXPECT_EQ(folded.conflict->loser.order.event_id, "e1");
  EXPECT_EQ(folded.conflict->loser.actor, "actor of A");
}

TEST(Fold, EqualClocksAreDecidedByNodeThenByEvent) {
  EXPECT_EQ(told_in_every_order({
                {"e2", 7, "A", Lane::planned, Lane::in_progress},
                {"e1", 7, "B", Lane::planned, Lane::blocked},
            }),
            "blocked by e1, e1 won over e2");
  EXPECT_EQ(told_in_every_order({
                {"e1", 7, "A", Lane::planned, Lane::in_progress},
                {"e2", 7, "A", Lane::planned, Lane::blocked},
            }),
            "blocked by e2, e2 won over e1");
}

TEST(Fold, BranchesThatLeaveDifferentLanesDoNotConflict) {
  EXPECT_EQ(told_in_every_order({
                {"e1", 1, "A", Lane::planned, Lane::in_progress},
                {"e2", 2, "B", Lane::claimed, Lane::blocked},
            }),
            "blocked by e2");
}

const std::vector<Step> kTwoStarted = {
    {"l1", 5, "B", Lane::planned, Lane::in_progress},
    {"l2", 6, "B", Lane::in_progress, Lane::for_review, "l1"},
    {"w1", 7, "A", Lane::planned, Lane::in_progress},
};

std::vector<Step> and_then(std::vector<Step> steps, const std::vector<Step>& more) {
  steps.insert(steps.end(), more.begin(), more.end());
  return steps;
}

TEST(Fold, AConflictStaysMarkedWhileWorkGoesOn) {
  EXPECT_EQ(
      told_in_every_order(and_then(kTwoStarted, {{"w2", 8, "A", Lane::in_progress, Lane::blocked, "w1"},
                                                 {"w3", 9, "A", Lane::blocked, Lane::in_progress, "w2"}})),
      "in_progress by w3, w2 won over l2");
}

TEST(Fold, ADecisionOnTheWinnersSideSettlesTheLosingBranch) {
  EXPECT_EQ(told_in_every_order(
                and_then(kTwoStarted, {{"w2", 8, "A", Lane::in_progress, Lane::for_review, "w1", true}})),
            "for_review by w2");
}

TEST(Fold, WorkAfterADecisionIsNotHeldAgainstTheOldLoser) {
  EXPECT_EQ(
      told_in_every_order(and_then(kTwoStarted, {{"w2", 8, "A", Lane::in_progress, Lane::planned, "w1", true},
                                                 {"w3", 9, "A", Lane::planned, Lane::in_progress, "w2"}})),
      "in_progress by w3");
}

TEST(Fold, ADecisionOnTheLosersSideSettlesNothing) {
  EXPECT_EQ(told_in_every_order({
                {"l1", 5, "B", Lane::planned, Lane::in_progress},
                {"w1", 7, "A", Lane::planned, Lane::blocked},
                {"l2", 8, "B", Lane::in_progress, Lane::for_review, "l1", true},
            }),
            "for_review by l2, w1 won over l1");
}

TEST(Fold, TwoDecisionsAtOnceAreAConflictOfTheirOwn) {
  EXPECT_EQ(told_in_every_order({
                {"l1", 5, "B", Lane::planned, Lane::in_progress},
                {"w1", 7, "A", Lane::planned, Lane::blocked},
                {"d1", 8, "A", Lane::blocked, Lane::in_progress, "w1", true},
                {"d2", 9, "B", Lane::blocked, Lane::canceled, "w1", true},
            }),
            "canceled by d2, d2 won over d1");
}

TEST(Fold, WhatHappensOnTheLosingSideAfterADecisionConflictsAgain) {
  EXPECT_EQ(told_in_every_order(
                and_then(kTwoStarted, {{"w2", 8, "A", Lane::in_progress, Lane::for_review, "w1", true},
                                       {"l3", 9, "B", Lane::for_review, Lane::done, "l2"},
                                       {"w3", 10, "A", Lane::for_review, Lane::done, "w2"}})),
            "done by w3, w3 won over l3");
}

TEST(Fold, ACauseThatNobodyKnowsCountsForNothing) {
  EXPECT_EQ(told_in_every_order({
                {"e1", 1, "A", Lane::planned, Lane::in_progress, "never seen"},
                {"e2", 2, "B", Lane::planned, Lane::blocked, "e2"},
            }),
            "blocked by e2, e2 won over e1");
}

TEST(Fold, CirclesOfCausesEndAndAreOpenedAtTheirFirst) {
  EXPECT_EQ(told_in_every_order({
                {"e1", 1, "A", Lane::planned, Lane::claimed, "e3"},
                {"e2", 2, "A", Lane::claimed, Lane::in_progress, "e1"},
                {"e3", 3, "A", Lane::in_progress, Lane::for_review, "e2"},
                {"e4", 4, "A", Lane::for_review, Lane::done, "e3"},
            }),
            "done by e4");
}

TEST(Fold, WhoeverHangsOnACircleDoesNotChooseWhereItIsOpened) {
  EXPECT_EQ(told_in_every_order({
                {"e0", 0, "A", Lane::for_review, Lane::done, "e3"},
                {"e1", 1, "A", Lane::planned, Lane::claimed, "e3"},
                {"e2", 2, "A", Lane::claimed, Lane::in_progress, "e1"},
                {"e3", 3, "A", Lane::in_progress, Lane::for_review, "e2"},
            }),
            "done by e0");
}

std::vector<TransitionRow> by_an_older_client(std::vector<TransitionRow> all) {
  for (TransitionRow& row : all) row.older_client = true;
  return all;
}

TEST(Fold, TheReviewLoopOfAnOlderClientIsNoConflict) {
  EXPECT_EQ(told(fold(by_an_older_client(rows({
                {"e1", 1, "A", Lane::planned, Lane::in_progress},
                {"e2", 2, "A", Lane::in_progress, Lane::for_review},
                {"e3", 3, "B", Lane::for_review, Lane::in_progress},
                {"e4", 4, "A", Lane::in_progress, Lane::for_review},
            })))),
            "for_review by e4");
}

TEST(Fold, TheCauseThatAnOlderClientMintsForACommandCountsAsNone) {
  EXPECT_EQ(told(fold(by_an_older_client(rows({
                {"e1", 1, "A", Lane::planned, Lane::in_progress, "command 1"},
                {"e2", 2, "A", Lane::in_progress, Lane::planned, "command 2"},
                {"e3", 3, "A", Lane::planned, Lane::in_progress, "command 3"},
            })))),
            "in_progress by e3");
}

TEST(Fold, TwoOlderClientsThatLeaveOneLaneConflict) {
  EXPECT_EQ(told(fold(by_an_older_client(rows({
                {"e1", 1, "A", Lane::planned, Lane::in_progress},
                {"e2", 2, "A", Lane::in_progress, Lane::planned},
                {"e3", 3, "A", Lane::planned, Lane::in_progress},
                {"e4", 4, "B", Lane::planned, Lane::blocked},
            })))),
            "blocked by e4, e4 won over e3");
}

// The rules once more, as plainly as they can be said, to hold the fold against.
class PlainFold {
 public:
  explicit PlainFold(std::vector<TransitionRow> all) : all_(std::move(all)) {
    std::sort(all_.begin(), all_.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
    for (std::size_t i = 0; i < all_.size(); ++i) {
      for (std::size_t j = 0; j < all_.size(); ++j) {
        if (i != j && all_[i].causation_id == all_[j].order.event_id) parent_[i] = j;
      }
    }
    while (order_.size() < all_.size()) place_next();
  }

  Folded folded() const {
    Folded result;
    result.last = all_[order_.back()];
    for (std::size_t w = 0; w < order_.size(); ++w) {
      for (std::size_t l = 0; l < w; ++l) {
        if (open(l, w)) result.conflict = Conflict{all_[order_[l]], all_[order_[w]]};
      }
    }
    return result;
  }

 private:
  void place_next() {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const bool placed = std::count(order_.begin(), order_.end(), i) > 0;
      const auto parent = parent_.find(i);
      const bool free =
          parent == parent_.end() || std::count(order_.begin(), order_.end(), parent->second) > 0;
      if (!placed && free) return order_.push_back(i);
    }
    FAIL() << "a circle";
  }

  bool descends(std::size_t node, std::size_t from) const {
    for (auto parent = parent_.find(node); parent != parent_.end(); parent = parent_.find(parent->second)) {
      if (parent->second == from) return true;
    }
    return false;
  }

  // l and w are places in the linear order.
  bool open(std::size_t l, std::size_t w) const {
    const std::size_t loser = order_[l], winner = order_[w];
    if (all_[loser].from != all_[winner].from || descends(winner, loser)) return false;
    for (std::size_t d = 0; d < order_.size(); ++d) {
      const std::size_t decision = order_[d];
      const auto decided_for = parent_.find(decision);
      if (!all_[decision].resolve || decided_for == parent_.end()) continue;
      if (descends(decision, winner)) return false;
      const bool taken_in = l < d && loser != decided_for->second && !descends(loser, decided_for->second);
      if ((decision == winner || descends(winner, decision)) && taken_in) return false;
    }
    return true;
  }

  std::vector<TransitionRow> all_;
  std::map<std::size_t, std::size_t> parent_;
  std::vector<std::size_t> order_;
};

// Nodes name causes among those made before them, sometimes with clocks that contradict it.
std::vector<TransitionRow> random_history(SeededRandom& random) {
  const std::size_t count = 1 + random.next_u64() % 12;
  std::vector<TransitionRow> all;
  for (std::size_t i = 0; i < count; ++i) {
    Step step{fmt::format("e{:02}", i), random.next_u64() % 8, random.next_u64() % 2 == 0 ? "A" : "B",
              protocol::kLanes[random.next_u64() % 3], protocol::kLanes[random.next_u64() % 3]};
    if (i > 0 && random.next_u64() % 4 != 0) step.after = fmt::format("e{:02}", random.next_u64() % i);
    step.resolve = random.next_u64() % 5 == 0;
    all.push_back(row_of(step));
  }
  return all;
}

TEST(Fold, RandomHistoriesFoldAsTheRulesSayInEveryOrderTried) {
  SeededRandom random(20260203);
  std::size_t conflicts = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<TransitionRow> history = random_history(random);
    const Folded expected = PlainFold(history).folded();
    conflicts += expected.conflict ? 1 : 0;
    for (int shuffle = 0; shuffle < 3; ++shuffle) {
      for (std::size_t i = history.size(); i > 1; --i)
        std::swap(history[i - 1], history[random.next_u64() % i]);
      ASSERT_EQ(told(fold(history)), told(expected)) << "round " << round;
    }
  }
  EXPECT_GT(conflicts, 200U);
  EXPECT_LT(conflicts, 1900U);
}

TEST(Fold, RandomTanglesOfCausesFoldToOneAnswer) {
  SeededRandom random(7);
  for (int round = 0; round < 500; ++round) {
    std::vector<TransitionRow> tangle = random_history(random);
    for (TransitionRow& row : tangle) {
      row.causation_id = fmt::format("e{:02}", random.next_u64() % tangle.size());
      row.older_client = random.next_u64() % 2 == 0;
      if (random.next_u64() % 3 == 0) row.causation_id.reset();
    }
    const std::string first = told(fold(tangle));
    std::reverse(tangle.begin(), tangle.end());
    ASSERT_EQ(told(fold(tangle)), first) << "round " << round;
  }
}

// Adds one after the other as a projection does, and compares with the fold of all of them each time. How
// many were added without looking at the others.
std::size_t added_alone(const std::vector<TransitionRow>& arriving) {
  std::vector<TransitionRow> all;
  CardHistory history({});
  std::size_t alone = 0;
  for (const TransitionRow& row : arriving) {
    all.push_back(row);
    const bool added = history.add(row);
    alone += added ? 1 : 0;
    if (!added) history = CardHistory({.transitions = all, .facts = {}});
    EXPECT_EQ(history.card("WP01"), CardHistory({.transitions = all, .facts = {}}).card("WP01"));
  }
  return alone;
}

TEST(Fold, OneByOneIsTheSameAsAllAtOnce) {
  SeededRandom random(11);
  std::size_t alone = 0;
  for (int round = 0; round < 1500 && !testing::Test::HasFailure(); ++round) {
    std::vector<TransitionRow> history = random_history(random);
    if (round % 3 != 0) std::ranges::sort(history, {}, &TransitionRow::order);
    for (std::size_t i = 1; i < history.size(); ++i) {
      if (random.next_u64() % 2 != 0) continue;
      history[i].causation_id = history[i - 1].order.event_id;
    }
    alone += added_alone(history);
  }
  EXPECT_GT(alone, 1000U);
}

TEST(Fold, WorkThatGoesOnInOrderIsNeverFoldedFromTheStart) {
  std::vector<TransitionRow> all;
  for (std::size_t i = 0; i < 200; ++i) {
    Step step{fmt::format("e{:05}", i), i, "A", Lane::planned, Lane::in_progress};
    if (i % 2 != 0) std::swap(step.from, step.to);
    if (i > 0) step.after = fmt::format("e{:05}", i - 1);
    step.resolve = i % 10 == 9;
    all.push_back(row_of(step));
  }
  EXPECT_EQ(added_alone(all), 199U);
}

TEST(Fold, ManyDecisionsOnBothSidesOfManyConflictsAreFolded) {
  std::vector<TransitionRow> all;
  for (std::size_t i = 0; i < 20'000; ++i) {
    Step step{fmt::format("e{:05}", i), i, i % 2 == 0 ? "A" : "B", Lane::planned, Lane::in_progress};
    if (i > 1) step.after = fmt::format("e{:05}", i - 2);
    step.resolve = i % 2 == 0 && i > 0;
    all.push_back(row_of(step));
  }
  EXPECT_TRUE(told(fold(all)).starts_with("in_progress by e19999"));
}

TEST(Fold, TenThousandTransitionsOfOneWorkPackageAreFolded) {
  std::vector<TransitionRow> all;
  for (std::size_t i = 0; i < 10'000; ++i) {
    const bool even = i % 2 == 0;
    Step step{fmt::format("e{:05}", i), i, "A", even ? Lane::planned : Lane::in_progress,
              even ? Lane::in_progress : Lane::planned};
    if (i > 0) step.after = fmt::format("e{:05}", i - 1);
    all.push_back(row_of(step));
  }
  EXPECT_EQ(told(fold(all)), "planned by e09999");
  for (TransitionRow& row : all) row.causation_id.reset();
  EXPECT_EQ(told(fold(all)), "planned by e09999, e09999 won over e09997");
}

}  // namespace
}  // namespace pawprint::hub::board
