// Eight processes emit into a home on a file system that several machines may use, while another one refills
// and settles: without a WAL, and with locks of open file descriptions. PAWPRINT_CROWD_EVENTS chooses how
// many events each emits.
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <set>

#include "base/environment.h"
#include "kill/crowd.h"
#include "kill/network_disk.h"
#include "kill/small_home.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

constexpr std::size_t kProcesses = 8;
constexpr std::uint64_t kRoomy = 100'000;

// Those that can be read now.
std::vector<outbox::Settlement> pending_of(const std::filesystem::path& home) {
  std::vector<outbox::Settlement> settlements;
  auto connection = sqlite::Connection::open(home / "outbox.db", sqlite::Access::read_only);
  if (!connection) return settlements;
  auto query = connection->prepare("SELECT id FROM queue WHERE state = 'pending' ORDER BY id LIMIT 256");
  if (!query) return settlements;
  for (auto row = query->step(); row && *row; row = query->step())
    settlements.push_back({.id = query->integer(0), .to = outbox::RowState::sent, .reason = {}});
  return settlements;
}

// What a delivery does to the queue, until all `rows` are in it and settled. What others are at is tried
// again.
int refill_and_settle(const std::filesystem::path& home, std::size_t rows) {
  Environment environment = process_environment();
  NetworkDisk network(*environment.disk);
  environment.disk = &network;
  for (std::size_t settled = 0; settled < rows;) {
    auto outbox = outbox::Outbox::open(environment, home);
    if (!outbox) continue;
    const auto refilled = outbox->refill(kRoomy);
    if (!refilled && refilled.error().kind != ErrorKind::busy) {
      std::cerr << refilled.error().message << "\n";
      return 1;
    }
    const auto settlements = pending_of(home);
    if (outbox->settle(settlements)) settled += settlements.size();
  }
  return 0;
}

TEST(NetworkHome, KeepsEveryEventOnceAndEachProcessesOrder) {
  const SmallHome at;
  const std::size_t events_each = from_variable("PAWPRINT_CROWD_EVENTS", 40);
  Crowd crowd({.home = at.home(),
               .project = at.project(),
               .receipts = at.directory() / "receipts",
               .processes = kProcesses,
               .events_each = events_each,
               .network_home = true});
  const pid_t settler = in_child([&] { return refill_and_settle(at.home(), kProcesses * events_each); });
  std::map<std::string, CrowdReceipt> receipts;
  std::size_t spilled = 0;
  for (const CrowdReceipt& receipt : crowd.receipts()) {
    receipts.emplace(receipt.event_id, receipt);
    spilled += receipt.spilled ? 1 : 0;
  }
  ASSERT_EQ(receipts.size(), kProcesses * events_each);
  ASSERT_EQ(exit_code_of_child(settler), 0);

  EXPECT_FALSE(std::filesystem::exists(at.home() / "outbox.db-wal"));
  auto connection = sqlite::Connection::open(at.home() / "outbox.db", sqlite::Access::read_only);
  ASSERT_TRUE(connection);
  auto check = connection->prepare("PRAGMA integrity_check");
  ASSERT_TRUE(check && *check->step());
  EXPECT_EQ(check->text(0), "ok");
  auto query = connection->prepare("SELECT event_id, lamport FROM queue WHERE state = 'sent' ORDER BY id");
  ASSERT_TRUE(query);
  std::set<std::int64_t> values;
  std::vector<std::size_t> next(kProcesses, 0);
  while (*query->step()) {
    const CrowdReceipt& receipt = receipts.at(query->text(0));
    EXPECT_TRUE(values.insert(query->integer(1)).second) << query->integer(1);
    ASSERT_EQ(receipt.number, next[receipt.process]++) << "process " << receipt.process;
  }
  EXPECT_EQ(values.size(), receipts.size());
  std::cout << values.size() << " events, " << spilled << " through the overflow\n";
}

}  // namespace
}  // namespace pawprint::testing
