// What every subscriber sees is the log, with no hole, whoever writes, reads slowly or reconnects meanwhile.
#include <gtest/gtest.h>

#include <thread>

#include "hub/live/live_fixture.h"

namespace pawprint::hub::live {
namespace {

class LiveOrderTest : public LiveFixture {};

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

}  // namespace
}  // namespace pawprint::hub::live
