// Several connections of several processes write and checkpoint one outbox.db, each as this program does it:
// under home.lock, one transaction at a time. SQLite before 3.51.3 can corrupt a WAL where two do so at the
// same moment (https://sqlite.org/wal.html). Every row that an append told of is there afterwards.
// PAWPRINT_STRESS_TRANSACTIONS chooses how many transactions there are.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>

#include "base/environment.h"
#include "base/ulid.h"
#include "kill/crowd.h"
#include "kill/small_home.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

constexpr std::size_t kWriters = 4;
constexpr std::size_t kTransactionsPerConnection = 500;  // then a new one, as each command has its own
// Of a connection. Of 10^6 transactions that is no more than the queue keeps settled rows (state.md).
constexpr std::int64_t kSettled = 10;

std::filesystem::path report_of(const SmallHome& at, std::size_t writer) {
  return at.directory() / ("rows-of-" + std::to_string(writer));
}

int refused(const Error& error) {
  std::cerr << error.message << "\n";
  return 1;
}

// Behind home.lock nobody meets another in the database itself.
bool waited_for_home_lock(const Error& error) {
  return error.kind == ErrorKind::busy && error.message.contains("home.lock");
}

// Appends rows, and settles some with each connection. Reports how many it was told are there.
int write_rows(const std::filesystem::path& home, const std::filesystem::path& report,
               std::size_t transactions) {
  const Environment environment = process_environment();
  UlidGenerator ulids(*environment.clock, *environment.random);
  const std::string data(600, 'x');
  std::int64_t rows = 0;  // of this writer: all have at least as many
  for (std::size_t done = 0; done < transactions;) {
    auto outbox = outbox::Outbox::open(environment, home);
    if (!outbox) return refused(outbox.error());
    for (std::size_t i = 0; i < kTransactionsPerConnection && done < transactions; ++i) {
      const outbox::NewRow row{ulids.next(), done + 1, std::nullopt, std::nullopt, data, {}};
      const auto appended = outbox->append(std::span(&row, 1), Durability::process, 1'000'000);
      if (appended) {
        ++done;
        ++rows;
      }
      if (!appended && !waited_for_home_lock(appended.error())) return refused(appended.error());
    }
    std::vector<outbox::Settlement> settlements;
    for (std::int64_t id = std::max<std::int64_t>(rows - kSettled, 0) + 1; id <= rows; ++id)
      settlements.push_back({.id = id, .to = outbox::RowState::sent, .reason = {}});
    const auto settled = outbox->settle(settlements);
    if (settled) ++done;
    if (!settled && !waited_for_home_lock(settled.error())) return refused(settled.error());
  }
  std::ofstream(report) << rows;
  return 0;
}

std::int64_t rows_of(const SmallHome& at, std::size_t writer) {
  std::int64_t rows = 0;
  std::ifstream(report_of(at, writer)) >> rows;
  return rows;
}

TEST(Stress, ManyConnectionsWriteAndCheckpointAndTheDatabaseStaysWhole) {
  const SmallHome at;
  const std::size_t transactions = from_variable("PAWPRINT_STRESS_TRANSACTIONS", 5'000);
  std::array<pid_t, kWriters> writers{};
  for (std::size_t i = 0; i < kWriters; ++i)
    writers[i] = in_child([&] { return write_rows(at.home(), report_of(at, i), transactions / kWriters); });
  std::int64_t told = 0;
  for (std::size_t i = 0; i < kWriters; ++i) {
    EXPECT_EQ(exit_code_of_child(writers[i]), 0);
    told += rows_of(at, i);
  }

  auto connection = sqlite::Connection::open(at.home() / "outbox.db", sqlite::Access::read_write);
  ASSERT_TRUE(connection);
  auto check = connection->prepare("PRAGMA integrity_check");
  ASSERT_TRUE(check && *check->step());
  EXPECT_EQ(check->text(0), "ok");
  auto rows = connection->prepare("SELECT count(*) FROM queue");
  ASSERT_TRUE(rows && *rows->step());
  EXPECT_EQ(rows->integer(0), told);
}

}  // namespace
}  // namespace pawprint::testing
