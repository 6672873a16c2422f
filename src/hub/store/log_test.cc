#include "hub/store/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "base/format.h"
#include "hub/store/store_fixture.h"
#include "protocol/canonical.h"

namespace pawprint::hub::store {
namespace {

using Outcomes = std::vector<AppendOutcome>;
constexpr auto kStored = AppendOutcome::stored;
constexpr auto kDuplicate = AppendOutcome::duplicate;
constexpr auto kConflict = AppendOutcome::conflict;

NewEvent event(std::string_view id, std::string_view content = "same", std::uint64_t lamport = 1) {
  NewEvent made;
  made.event_id = id;
  made.project_uuid = "550e8400-e29b-41d4-a716-446655440000";
  made.event_type = "WPStatusChanged";
  made.lamport = lamport;
  made.node_id = "a1b2c3d4e5f6";
  const std::string body = fmt::format("{{\"event_id\":\"{}\",\"note\":\"it's {}\"}}", id, content);
  made.body_hash = *protocol::content_hash(body);
  made.body = body;
  return made;
}

class LogTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    team_ = make_team("acme").team_id;
  }
  Outcomes append(const std::vector<NewEvent>& events) {
    const auto outcomes = store_->log().append(team_, events);
    EXPECT_TRUE(outcomes) << outcomes.error().message;
    return outcomes.value_or(Outcomes{});
  }
  std::vector<LoggedEvent> everything(std::string_view team_id) {
    auto events = store_->log().read(team_id, 0, 1'000'000);
    EXPECT_TRUE(events);
    return events.value_or(std::vector<LoggedEvent>{});
  }
  std::string team_;
};

TEST_F(LogTest, EventsAreNumberedFromOneInTheOrderTheyCame) {
  EXPECT_EQ(append({event("B"), event("A")}), (Outcomes{kStored, kStored}));
  EXPECT_EQ(append({event("C")}), (Outcomes{kStored}));
  const auto events = everything(team_);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].event_id, "B");
  EXPECT_EQ(events[2].event_id, "C");
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, i + 1);
  EXPECT_EQ(store_->log().head(team_), 3u);
}

TEST_F(LogTest, WhatWasStoredComesBackByteForByte) {
  NewEvent whole = event("A", "x");
  const std::string body = "{ \"a\" : \"\\u00e9 it's\",\t\"b\":1.0 }";
  whole.body = body;
  whole.body_hash = *protocol::content_hash(body);
  append({whole});
  const auto events = everything(team_);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].body, whole.body);
  EXPECT_EQ(events[0].body_hash, whole.body_hash);
  EXPECT_EQ(events[0].project_uuid, whole.project_uuid);
  EXPECT_EQ(events[0].received_at_ms, kNowMs);
}

TEST_F(LogTest, AKnownIdIsADuplicateOrAConflictAndUsesNoNumber) {
  append({event("A", "x")});
  EXPECT_EQ(append({event("A", "x"), event("A", "y"), event("B")}),
            (Outcomes{kDuplicate, kConflict, kStored}));
  EXPECT_EQ(store_->log().head(team_), 2u);
  EXPECT_EQ(everything(team_)[0].body_hash, event("A", "x").body_hash);
}

TEST_F(LogTest, AnEventThatIsNotWhatWasStoredIsNotReadAsIfItWere) {
  append({event("A"), event("B"), event("C")});
  open_store();  // so that nothing of it is in memory
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->execute("UPDATE events SET body = replace(body, 'same', 'sane') WHERE seq = 2"));
  for (const auto& refused : {store_->log().read(team_, 0, 10), store_->log().read(team_, 1, 1)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::io);
    EXPECT_TRUE(refused.error().message.contains("at seq 2 is not what was stored"))
        << refused.error().message;
    EXPECT_TRUE(refused.error().hint.contains("pawprint-hub restore")) << refused.error().hint;
  }
  EXPECT_FALSE(store_->log().follow(team_, 0, 10));
  EXPECT_EQ(store_->log().read(team_, 2, 10)->size(), 1U) << "what stands behind it is whole";
  EXPECT_EQ(store_->log().read_as_is(team_, 0, 10)->size(), 3U);
}

TEST_F(LogTest, WithinOneBatchTheFirstOfAnIdIsStored) {
  EXPECT_EQ(append({event("A", "x"), event("A", "x"), event("A", "y")}),
            (Outcomes{kStored, kDuplicate, kConflict}));
  EXPECT_EQ(everything(team_).size(), 1u);
}

TEST_F(LogTest, AlsoInALargeBatchAKnownIdUsesNoNumber) {
  const auto batch = [](int from, int until) {
    std::vector<NewEvent> events;
    for (int i = from; i < until; ++i) events.push_back(event(fmt::format("{:06}", i)));
    return events;
  };
  EXPECT_EQ(append(batch(400, 401)), Outcomes{kStored});
  auto events = batch(0, 1000);
  events[950] = event("000949", "other");
  Outcomes expected(1000, kStored);
  expected[400] = kDuplicate;
  expected[950] = kConflict;
  EXPECT_EQ(append(events), expected);
  EXPECT_EQ(append(batch(0, 950)), Outcomes(950, kDuplicate));
  EXPECT_EQ(append(batch(1000, 2000)), Outcomes(1000, kStored));

  const auto stored = everything(team_);
  ASSERT_EQ(stored.size(), 1999U);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i].seq, i + 1);
    EXPECT_EQ(stored[i].body, event(stored[i].event_id).body);
    ids.insert(stored[i].event_id);
  }
  EXPECT_EQ(ids.size(), 1999U);
  EXPECT_EQ(store_->log().head(team_), 1999U);
}

TEST_F(LogTest, ALargeBatchIsStoredInWhateverOrderItsIdsAre) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 1000; ++i) events.push_back(event(fmt::format("{:04}", i * 617 % 1000)));
  EXPECT_EQ(append(events), Outcomes(1000, kStored));
  const auto stored = everything(team_);
  ASSERT_EQ(stored.size(), events.size());
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(stored[i].event_id, events[i].event_id);
}

TEST_F(LogTest, OfALargeBatchWhatIsOnlyAskedForIsNotStored) {
  std::vector<NewEvent> events;
  for (int i = 0; i < 500; ++i) events.push_back(event(fmt::format("{:04}", i)));
  events[100].only_if_known = true;
  Outcomes expected(500, kStored);
  expected[100] = AppendOutcome::unknown;
  EXPECT_EQ(append(events), expected);
  EXPECT_EQ(store_->log().head(team_), 499U);
}

TEST_F(LogTest, TeamsShareNothing) {
  const std::string other = make_team("other").team_id;
  append({event("A", "x")});
  const auto outcomes = store_->log().append(other, std::vector{event("A", "y")});
  EXPECT_EQ(outcomes, (Outcomes{kStored}));
  EXPECT_EQ(everything(other).at(0).seq, 1u);
  EXPECT_EQ(everything(team_).size(), 1u);
  EXPECT_TRUE(everything("no such team").empty());
}

TEST_F(LogTest, AnUnknownTeamTakesNothing) {
  const auto outcomes = store_->log().append("no such team", std::vector{event("A")});
  ASSERT_FALSE(outcomes);
  EXPECT_EQ(outcomes.error().kind, ErrorKind::failed);
  EXPECT_EQ(store_->log().head("no such team").error().kind, ErrorKind::failed);
}

TEST_F(LogTest, TheHighestLamportValueIsThatOfStoredEvents) {
  EXPECT_EQ(store_->log().highest_lamport(team_), 0u);
  append({event("A", "x", 40), event("B", "x", 7)});
  append({event("A", "y", 900)});  // a conflict
  EXPECT_EQ(store_->log().highest_lamport(team_), 40u);
}

TEST_F(LogTest, ReadingGoesOnBehindASeqAndKeepsToALimitAndAProject) {
  NewEvent foreign = event("C");
  foreign.project_uuid = std::nullopt;
  append({event("A"), event("B"), foreign, event("D")});
  const auto page = store_->log().read(team_, 1, 2);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->at(0).event_id, "B");
  EXPECT_EQ(page->at(1).project_uuid, std::nullopt);
  const auto own = store_->log().read(team_, 1, 9, "550e8400-e29b-41d4-a716-446655440000");
  ASSERT_TRUE(own);
  ASSERT_EQ(own->size(), 2u);
  EXPECT_EQ(own->at(1).event_id, "D");
  EXPECT_TRUE(store_->log().read(team_, UINT64_MAX, 9)->empty());
}

TEST_F(LogTest, AfterARestartEverythingIsKnownStill) {
  append({event("A", "x")});
  const std::string epoch = store_->epoch();
  open_store();
  EXPECT_EQ(store_->epoch(), epoch);
  EXPECT_EQ(append({event("A", "x"), event("B")}), (Outcomes{kDuplicate, kStored}));
  EXPECT_EQ(store_->log().head(team_), 2u);
}

// Overlapping batches in opposite order, while others read.
TEST_F(LogTest, TheEventsOfAProjectAreReadAlongAnIndex) {
  auto connection = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_only);
  ASSERT_TRUE(connection);
  auto plan = connection->prepare(
      "EXPLAIN QUERY PLAN SELECT body FROM events WHERE team_id = ?1"
      " AND project_uuid = ?4 AND seq > ?2 ORDER BY seq LIMIT ?3");
  ASSERT_TRUE(plan && plan->step());
  EXPECT_TRUE(plan->text(3).contains("events_by_project (team_id=? AND project_uuid=? AND seq>?)"))
      << plan->text(3);
  EXPECT_FALSE(*plan->step()) << "rows are sorted: " << plan->text(3);
}

TEST_F(LogTest, ThreadsThatAppendTheSameEventsStoreEachOnceWithoutAGap) {
  constexpr int kThreads = 4, kRounds = 20, kBatch = 10;
  std::vector<std::size_t> stored(kThreads, 0);
  const auto work = [&](int thread) {
    for (int round = 0; round < kRounds; ++round) {
      std::vector<NewEvent> batch;
      for (int i = 0; i < kBatch; ++i) batch.push_back(event(fmt::format("E{}", round * kBatch / 2 + i)));
      if (thread % 2 == 1) std::ranges::reverse(batch);
      const auto outcomes = store_->log().append(team_, batch);
      ASSERT_TRUE(outcomes) << outcomes.error().message;
      stored[static_cast<std::size_t>(thread)] +=
          static_cast<std::size_t>(std::ranges::count(*outcomes, kStored));
      const auto seen = store_->log().read(team_, 0, 10'000);
      ASSERT_TRUE(seen) << seen.error().message;
      for (std::size_t i = 0; i < seen->size(); ++i) ASSERT_EQ(seen->at(i).seq, i + 1);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < kThreads; ++thread) threads.emplace_back(work, thread);
  }
  const auto events = everything(team_);
  std::set<std::string> ids;
  for (const auto& one : events) ids.insert(one.event_id);
  constexpr std::size_t kDistinct = kRounds * kBatch / 2 + kBatch / 2;
  EXPECT_EQ(events.size(), kDistinct);
  EXPECT_EQ(ids.size(), kDistinct);
  EXPECT_EQ(events.back().seq, kDistinct);
  EXPECT_EQ(stored[0] + stored[1] + stored[2] + stored[3], kDistinct);
}

}  // namespace
}  // namespace pawprint::hub::store
