// Eight processes emit into one home while the agent delivers to a hub. PAWPRINT_CROWD_ROUNDS and
// PAWPRINT_CROWD_EVENTS choose how many rounds there are, and how many events each process emits in one.
#include "kill/crowd.h"

#include "kill/cpu_wait.h"
#include "kill/kill_fixture.h"

namespace pawprint::testing {
namespace {

class CrowdedHome : public KillTest, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(CrowdedHome, KeepsEveryEventOnceAndEachProcessesOrder) {
  constexpr std::size_t kProcesses = 8;
  const std::size_t events_each = from_variable("PAWPRINT_CROWD_EVENTS", 250);
  Crowd crowd({.home = machine_.home,
               .project = machine_.directory,
               .receipts = directory_.path() / "receipts",
               .processes = kProcesses,
               .events_each = events_each});
  CpuWait cpu_wait;
  int deliveries = 0;
  // One that goes on while the crowd does may take as long.
  for (; crowd.still_at_it(); ++deliveries)
    EXPECT_EQ(deliver({.step = {}, .after = std::chrono::minutes(10)}), 0);
  std::map<std::string, CrowdReceipt> receipts;
  std::size_t spilled = 0;
  std::size_t refused = 0;
  for (const CrowdReceipt& receipt : crowd.receipts()) {
    EXPECT_TRUE(receipts.emplace(receipt.event_id, receipt).second);
    promised_[receipt.event_id] = receipt.lamport;
    if (receipt.spilled) ++spilled;
    refused += receipt.refused;
  }
  ASSERT_EQ(receipts.size(), kProcesses * events_each);
  deliver_everything();
  expect_nothing_lost();

  std::vector<std::size_t> next(kProcesses, 0);
  std::vector<std::uint64_t> last(kProcesses, 0);
  const auto log = log_of(hub_data_);
  EXPECT_EQ(log.size(), kProcesses * events_each);
  for (const Holding& holding : log) {
    const CrowdReceipt& receipt = receipts.at(holding.event_id);
    ASSERT_EQ(receipt.number, next[receipt.process]++) << "process " << receipt.process;
    ASSERT_GT(holding.lamport, last[receipt.process]);
    last[receipt.process] = holding.lamport;
  }
  std::cout << log.size() << " of " << kProcesses * events_each << " at the hub, " << spilled
            << " through the overflow, " << refused << " times refused, " << deliveries
            << " deliveries meanwhile\n";
  EXPECT_TRUE(refused == 0 || cpu_wait.starved()) << refused << " emissions found every way taken";
}

INSTANTIATE_TEST_SUITE_P(Rounds, CrowdedHome,
                         ::testing::Range<std::uint64_t>(0, from_variable("PAWPRINT_CROWD_ROUNDS", 2)));

}  // namespace
}  // namespace pawprint::testing
