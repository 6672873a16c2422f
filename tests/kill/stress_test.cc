// Several connections of several processes write and checkpoint one outbox.db, each as this program does it:
// under home.lock, one transaction at a time. SQLite before 3.51.3 can corrupt a WAL where two do so at the
// same moment (https://sqlite.org/wal.html). PAWPRINT_STRESS_TRANSACTIONS chooses how many there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "base/environment.h"
#include "base/ulid.h"
#include "kill/crowd.h"
#include "kill/small_home.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

constexpr std::size_t kWriters = 4;
constexpr std::size_t kTransactionsPerConnection = 500;  // then a new one, as each command has its own

// Appends a row and settles it in the next transaction.
int write_rows(const std::filesystem::path& home, std::size_t transactions) {
  const Environment environment = process_environment();
  UlidGenerator ulids(*environment.clock, *environment.random);
  const std::string data(600, 'x');
  std::int64_t rows = 0;  // of this writer: there are at least as many
  for (std::size_t done = 0; done < transactions;) {
    auto outbox = outbox::Outbox::open(environment, home);
    if (!outbox) return 1;
    for (std::size_t i = 0; i < kTransactionsPerConnection && done < transactions; ++i) {
      const outbox::NewRow row{ulids.next(), done + 1, std::nullopt, std::nullopt, data, {}};
      const auto appended = outbox->append(std::span(&row, 1), Durability::process, 1'000'000);
      if (appended) {
        ++done;
        ++rows;
      }
      if (!appended && appended.error().kind != ErrorKind::busy) return 2;
    }
    std::vector<outbox::Settlement> settlements;
    for (std::int64_t id = std::max<std::int64_t>(rows - 50, 0) + 1; id <= rows; ++id)
      settlements.push_back({.id = id, .to = outbox::RowState::sent, .reason = {}});
    const auto settled = outbox->settle(settlements);
    if (settled) ++done;
    if (!settled && settled.error().kind != ErrorKind::busy) return 3;
  }
  return 0;
}

TEST(Stress, ManyConnectionsWriteAndCheckpointAndTheDatabaseStaysWhole) {
  const SmallHome at;
  const std::size_t transactions = from_variable("PAWPRINT_STRESS_TRANSACTIONS", 5'000);
  std::array<pid_t, kWriters> writers{};
  for (pid_t& writer : writers)
    writer = in_child([&] { return write_rows(at.home(), transactions / kWriters); });
  for (const pid_t writer : writers) EXPECT_EQ(exit_code_of_child(writer), 0);

  auto connection = sqlite::Connection::open(at.home() / "outbox.db", sqlite::Access::read_write);
  ASSERT_TRUE(connection);
  auto check = connection->prepare("PRAGMA integrity_check");
  ASSERT_TRUE(check && *check->step());
  EXPECT_EQ(check->text(0), "ok");
  auto rows = connection->prepare("SELECT count(*) FROM queue");
  ASSERT_TRUE(rows && *rows->step());
  EXPECT_GE(rows->integer(0), 1);
}

}  // namespace
}  // namespace pawprint::testing
