// Eight processes on a disk whose every sync takes 5 ms, and a ninth that settles what they emit: everybody
// gets the lock in turn, so nobody has to spill. PAWPRINT_CROWD_EVENTS chooses how many events each emits.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "kill/crowd.h"
#include "kill/settler.h"
#include "kill/slow_sync.h"
#include "kill/small_home.h"

namespace pawprint::testing {
namespace {

TEST(SlowDisk, EightProcessesAndASettlingOneTakeTurnsAndNobodySpills) {
  constexpr std::size_t kProcesses = 8;
  const SmallHome at;
  const std::size_t events_each = from_variable("PAWPRINT_CROWD_EVENTS", 40);
  // Making a home takes syncs of its own, which nobody is to wait for here.
  Crowd first({.home = at.home(),
               .project = at.project(),
               .receipts = at.directory() / "first",
               .processes = 1,
               .events_each = 1});
  ASSERT_EQ(first.receipts().size(), 1U);
  Crowd crowd({.home = at.home(),
               .project = at.project(),
               .receipts = at.directory() / "receipts",
               .processes = kProcesses,
               .events_each = events_each,
               .slow_syncs = true});
  const std::size_t all = kProcesses * events_each;
  const pid_t settler = in_child([&] {
    make_syncs_slow();
    return settle_until(at.home(), all + 1);
  });
  const auto receipts = crowd.receipts();
  EXPECT_EQ(receipts.size(), all);
  std::set<std::uint64_t> values;
  std::chrono::microseconds longest{0};
  for (const CrowdReceipt& receipt : receipts) {
    values.insert(receipt.lamport);
    longest = std::max(longest, receipt.took);
  }
  EXPECT_EQ(values.size(), all);
  EXPECT_EQ(std::ranges::count_if(receipts, &CrowdReceipt::spilled), 0);
  if (::testing::Test::HasFailure()) ::kill(settler, SIGKILL);  // it would wait for what does not come
  const int settled = exit_code_of_child(settler);
  EXPECT_TRUE(settled == 0 || ::testing::Test::HasFailure());
  std::cout << all << " events, longest wait of an emission " << longest.count() / 1000 << " ms\n";
}

}  // namespace
}  // namespace pawprint::testing
