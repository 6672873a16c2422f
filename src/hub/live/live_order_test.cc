// What every subscriber sees is the log, with no hole, whoever writes, reads slowly or reconnects meanwhile.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "hub/live/live_fixture.h"

namespace pawprint::hub::live {
namespace {

class LiveOrderTest : public LiveFixture {};

// The connection of one that takes nothing.
class StuckSocket final : public net::WebSocket {
 public:
  bool send(net::Frames) override {
    note();
    return false;
  }
  void send_with(net::Volley&, net::Frames, std::shared_ptr<net::SocketEvents>) override { note(); }
  bool has_sent_all() const override { return false; }
  std::uint64_t untaken_bytes() const override { return 1; }
  std::size_t abandon(const net::Frames&) override { return 0; }
  void read_more() override {}
  void close(std::uint16_t code, std::string_view, int) override { ended_.set_value(code); }

  int handed() const { return handed_; }  // frames, several together as one
  bool waits_to_be_handed_some() { return begun_.get_future().wait_for(kLong) == std::future_status::ready; }
  std::uint16_t waits_to_be_ended() {
    auto code = ended_.get_future();
    return code.wait_for(kLong) == std::future_status::ready ? code.get() : 0;
  }

 private:
  void note() {
    if (handed_++ == 0) begun_.set_value();
  }

  std::atomic<int> handed_ = 0;
  std::promise<void> begun_;
  std::promise<std::uint16_t> ended_;
};

constexpr std::uint64_t kBatches = 30;
constexpr std::uint64_t kPerBatch = 20;
constexpr std::uint64_t kWriters = 3;
constexpr std::uint64_t kAll = kBatches * kPerBatch * kWriters;

TEST_F(LiveOrderTest, EverySubscriberSeesTheLogWhileManyWriteAndSomeReconnect) {
  std::vector<std::jthread> threads;
  for (std::uint64_t writer = 0; writer + 1 < kWriters; ++writer) {
    threads.emplace_back([this, writer] {
      for (std::uint64_t batch = 0; batch < kBatches; ++batch) {
        store_events(ada_, 1 + (writer * kBatches + batch) * kPerBatch, kPerBatch);
      }
    });
  }
  threads.emplace_back([this] {  // the last one writes live
    Watcher sender = watch(ada_, "?stream=clock");
    for (std::uint64_t i = 0; i < kBatches * kPerBatch; ++i) {
      sender.send(event_of({.number = 1 + (kWriters - 1) * kBatches * kPerBatch + i}));
    }
    for (std::uint64_t i = 0; i < kBatches * kPerBatch; ++i) sender.next_of("ack");
  });
  for (int subscriber = 0; subscriber < 4; ++subscriber) {
    threads.emplace_back([this, subscriber] {
      Watcher watcher = watch(ada_);
      watcher.next_of("snapshot");
      for (std::uint64_t goal = 100; subscriber % 2 == 1 && goal < kAll; goal += 200) {
        watcher.read_until_seq(goal);
        watcher.resume(connect(ada_));
      }
      watcher.read_until_seq(kAll);
      watcher.expect_no_hole();
      EXPECT_EQ(watcher.snapshot_seq() + watcher.seqs().size(), kAll);
    });
  }
  threads.clear();
  EXPECT_EQ(head_of(acme_), kAll);
}

TEST_F(LiveOrderTest, WhatSeveralCommitsBroughtBeforeOneLookComesWhole) {
  Watcher watcher = watch(ada_);
  watcher.next_of("snapshot");
  for (std::uint64_t round = 0; round < 20; ++round) store_events(ada_, 1 + round * 7, 7);
  watcher.read_until_seq(140);
  watcher.expect_no_hole();
}

TEST_F(LiveOrderTest, ASlowReaderIsCutOffAloneAndGoesOnFromWhereItWas) {
  Watcher slow = watch(ada_);
  slow.next_of("snapshot");
  Watcher quick = watch(ada_);
  quick.next_of("snapshot");
  constexpr std::uint64_t kRounds = 20;
  constexpr std::uint64_t kEvents = 10;
  for (std::uint64_t round = 0; round < kRounds; ++round) {  // 20 MB: more than a kernel buffers
    store_events(ada_, 1 + round * kEvents, kEvents, {.padding = 100'000});
    quick.read_until_seq((round + 1) * kEvents);
  }
  moved_clock_.advance_ms(20'000);
  quick.next_of("ping");  // the hub is looking after its sockets, and has done so before the next event comes
  store_events(ada_, 1 + kRounds * kEvents, 1);
  quick.read_until_seq(kRounds * kEvents + 1);
  EXPECT_EQ(slow.read_to_end(), 4008);
  slow.expect_no_hole();
  EXPECT_LT(slow.reached(), kRounds * kEvents);
  slow.resume(connect(ada_));
  slow.read_until_seq(kRounds * kEvents + 1);
  slow.expect_no_hole();
  quick.expect_no_hole();
}

TEST_F(LiveOrderTest, ForWhoTakesNothingNothingMoreIsDoneHoweverMuchTheOthersGet) {
  constexpr std::uint64_t kRounds = 200, kEvents = 10;
  struct Slow {
    std::shared_ptr<net::SocketEvents> events;
    std::shared_ptr<StuckSocket> socket = std::make_shared<StuckSocket>();
  };
  std::vector<Slow> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back({live_->open(ada_, false)});
    slow.back().events->opened(slow.back().socket);
    ASSERT_TRUE(slow.back().socket->waits_to_be_handed_some()) << "its snapshot";
  }
  Watcher quick = watch(ada_);
  quick.next_of("snapshot");
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    store_events(ada_, 1 + round * kEvents, kEvents, {.padding = 1'000});
    quick.read_until_seq((round + 1) * kEvents);
  }
  quick.expect_no_hole();
  for (const Slow& each : slow) EXPECT_EQ(each.socket->handed(), 1);
  moved_clock_.advance_ms(3'000);
  for (const Slow& each : slow) {
    EXPECT_EQ(each.socket->waits_to_be_ended(), 4008);
    EXPECT_EQ(each.socket->handed(), 2) << "where it was is told";
    each.events->closed();
  }
}

}  // namespace
}  // namespace pawprint::hub::live
