// Watchers of a team whose board is folded from a long log, as after an upgrade that has it folded anew.
#include <gtest/gtest.h>

#include "hub/live/live_fixture.h"

namespace pawprint::hub::live {
namespace {

class LongFoldTest : public LiveFixture {};

TEST_F(LongFoldTest, WhoWaitsForItKeepsNobodyElseWaiting) {
  constexpr std::uint64_t kEvents = 600;
  constexpr std::size_t kWatchers = 12;  // more than the hub has threads for them
  for (std::uint64_t first = 1; first <= kEvents; first += 200) store_events(ada_, first, 200);
  stop_hub();
  start_hub(1);  // each event a step
  std::vector<Watcher> watchers;
  for (std::size_t i = 0; i < kWatchers; ++i) watchers.push_back(watch(ada_));
  Watcher sender = watch(bob_, "?stream=clock");
  sender.send(event_of({.number = 1, .team_slug = "other"}));
  EXPECT_EQ(text_at(sender.next_of("ack"), "status"), "success");
  Watcher same_team = watch(ada_, "?stream=clock");
  same_team.send(event_of({.number = kEvents + 1}));
  EXPECT_EQ(text_at(same_team.next_of("ack"), "status"), "success");
  EXPECT_LT(store_->boards().position(acme_.team_id)->seq, kEvents) << "they waited for the whole log";
  for (Watcher& watcher : watchers) {
    const auto snapshot = watcher.next();
    EXPECT_EQ(text_at(snapshot, "type"), "snapshot");
    EXPECT_EQ(snapshot.at("work_packages").as_array().size(), 20U);
    EXPECT_GE(watcher.snapshot_seq(), kEvents) << "of a board that is not whole";
    watcher.read_until_seq(kEvents + 1);
    watcher.expect_no_hole();
  }
}

TEST_F(LongFoldTest, WhoWaitsForItIsPingedAndNotDropped) {
  store_events(ada_, 1, 5);
  auto held_up = store_->boards().update("another");  // the fold waits to write
  ASSERT_TRUE(held_up);
  Watcher watcher = watch(ada_);
  watch(ada_, "?stream=clock").next_of("clock");  // who came before is in by then
  for (int round = 0; round < 3; ++round) {
    moved_clock_.advance_ms(20'000);
    EXPECT_EQ(text_at(watcher.next(), "type"), "ping");  // a pong would be read behind the snapshot
  }
  held_up = fail(ErrorKind::interrupted, "done");
  EXPECT_EQ(watcher.next().at("work_packages").as_array().size(), 5U);
  moved_clock_.advance_ms(20'000);
  EXPECT_EQ(text_at(watcher.next(), "type"), "ping");
  moved_clock_.advance_ms(20'000);
  EXPECT_EQ(watcher.read_to_end(), net::kClosePolicy);
}

TEST_F(LongFoldTest, AHubThatStopsDoesNotWaitForIt) {
  constexpr std::uint64_t kEvents = 600;
  for (std::uint64_t first = 1; first <= kEvents; first += 200) store_events(ada_, first, 200);
  stop_hub();
  start_hub(1);
  Watcher watcher = watch(ada_);
  stop_hub();
  EXPECT_LT(store_->boards().position(acme_.team_id)->seq, kEvents);
  EXPECT_EQ(watcher.read_to_end(), 1001);
}

}  // namespace
}  // namespace pawprint::hub::live
