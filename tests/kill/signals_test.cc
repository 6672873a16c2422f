// A host that uses signals, and that has not asked for calls to be restarted.
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>

#include <set>

#include "base/environment.h"
#include "base/file_lock.h"
#include "kill/crowd.h"
#include "kill/network_disk.h"
#include "kill/signal_storm.h"
#include "kill/small_home.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

constexpr int kHeldMs = 10;
constexpr int kFreeMs = 5;
constexpr int kTurns = 10;

// Somebody who has the lock for longer than it is asked for in passing, until it is killed.
int hold_again_and_again(const Path& lock, LockKind kind) {
  for (;;) {
    {
      const auto held = FileLock::acquire(lock, std::chrono::seconds(10), kind);
      if (!held) return 1;
      ::poll(nullptr, 0, kHeldMs);
    }
    ::poll(nullptr, 0, kFreeMs);
  }
}

// A wait that a signal ends is waited out in vain.
TEST(Signals, EndNoWaitingForALock) {
  const SmallHome at;
  const Path path = at.directory() / "a.lock";
  for (const LockKind kind : {LockKind::flock, LockKind::record}) {
    const pid_t holder = in_child([&] { return hold_again_and_again(path, kind); });
    const pid_t waiter = in_child([&] {
      const SignalStorm storm;
      for (int i = 0; i < kTurns; ++i) {
        while (storm.handled() == 0 || FileLock::acquire(path, std::chrono::seconds(0), kind))
          ::sched_yield();
        if (!FileLock::acquire(path, std::chrono::seconds(10), kind)) return 1;
      }
      return 0;
    });
    EXPECT_EQ(exit_code_of_child(waiter), 0);
    ::kill(holder, SIGKILL);
    EXPECT_EQ(exit_code_of_child(holder), 128 + SIGKILL);
  }
}

TEST(Signals, CostNoEvent) {
  for (const bool network_home : {false, true}) {
    const SmallHome at;
    Environment environment = process_environment();
    NetworkDisk network(*environment.disk);
    if (network_home) environment.disk = &network;
    CrowdOrder order{.home = at.home(),
                     .project = at.project(),
                     .receipts = at.directory() / "first",
                     .processes = 1,
                     .events_each = 1,
                     .network_home = network_home};
    EXPECT_EQ(Crowd(order).receipts().size(), 1U);
    const LockKind kind = network_home ? LockKind::record : LockKind::flock;
    const pid_t holder = in_child([&] { return hold_again_and_again(at.home() / "home.lock", kind); });
    order.receipts = at.directory() / "receipts";
    order.processes = 2;
    order.events_each = 30;
    order.signals = true;
    std::set<std::uint64_t> values;
    std::vector<std::string> ids;
    for (const CrowdReceipt& receipt : Crowd(order).receipts()) {
      values.insert(receipt.lamport);
      ids.push_back(receipt.event_id);
      EXPECT_EQ(receipt.refused, 0U);
    }
    ::kill(holder, SIGKILL);
    EXPECT_EQ(exit_code_of_child(holder), 128 + SIGKILL);
    EXPECT_EQ(values.size(), order.processes * order.events_each);
    auto outbox = outbox::Outbox::open(environment, at.home());
    ASSERT_TRUE(outbox && outbox->refill(1'000'000));
    EXPECT_EQ(outbox->known_ids(ids).value().size(), order.processes * order.events_each);
  }
}

}  // namespace
}  // namespace pawprint::testing
