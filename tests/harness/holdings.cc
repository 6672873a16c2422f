#include "harness/holdings.h"

#include <gtest/gtest.h>

#include <iostream>
#include <sstream>

#include "base/disk.h"
#include "harness/sandbox.h"
#include "outbox/spill_line.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

sqlite::Connection opened(const fs::path& database) {
  auto connection = sqlite::Connection::open(database, sqlite::Access::read_write);
  if (!connection) {
    std::cerr << connection.error().message << "\n";
    std::abort();
  }
  connection->busy_timeout_ms(10'000);
  EXPECT_TRUE(connection->no_checkpoint_on_close());
  return *std::move(connection);
}

std::vector<Holding> rows_of(const fs::path& database, std::string_view sql) {
  std::vector<Holding> rows;
  sqlite::Connection connection = opened(database);
  auto query = connection.prepare(sql);
  EXPECT_TRUE(query) << query.error().message;
  for (;;) {
    const auto there = query->step();
    EXPECT_TRUE(there) << there.error().message;
    if (!there || !*there) return rows;
    rows.push_back({query->text(0), static_cast<std::uint64_t>(query->integer(1)), query->text(2)});
  }
}

void add_spilled(const fs::path& file, std::vector<Holding>& waiting) {
  std::istringstream lines(read_text(file));
  for (std::string text; std::getline(lines, text);) {
    const auto line = outbox::read_spill_line(text);
    if (line) waiting.push_back({line->row.event_id, line->row.lamport, line->row.data});
  }
}

}  // namespace

Holdings holdings_of(const fs::path& home) {
  Holdings found;
  // The spill first: a refill that goes on meanwhile moves rows to where they are looked for next.
  if (fs::exists(home / "spill")) {
    for (const auto& entry : fs::directory_iterator(home / "spill")) {
      const std::string name = entry.path().filename();
      if (name == "events.jsonl" || name.starts_with("refill-")) add_spilled(entry.path(), found.waiting);
    }
  }
  if (!fs::exists(home / "outbox.db")) return found;
  const fs::path database = home / "outbox.db";
  const auto waiting =
      rows_of(database, "SELECT event_id, lamport, data FROM queue WHERE state IN ('pending', 'parked')");
  found.waiting.insert(found.waiting.end(), waiting.begin(), waiting.end());
  found.settled = rows_of(database, "SELECT event_id, lamport, data FROM queue WHERE state = 'sent'");
  return found;
}

std::vector<Holding> log_of(const fs::path& hub_data) {
  return rows_of(hub_data / "hub.db", "SELECT event_id, lamport, body FROM events ORDER BY team_id, seq");
}

std::string integrity_of(const fs::path& database) {
  sqlite::Connection connection = opened(database);
  auto check = connection.prepare("PRAGMA integrity_check");
  if (!check) return check.error().message;
  const auto there = check->step();
  if (!there) return there.error().message;
  return *there ? check->text(0) : "nothing";
}

void empty_wal_of(const fs::path& database) {
  sqlite::Connection connection = opened(database);
  // A connection sees the WAL only when it has read.
  EXPECT_TRUE(connection.execute("SELECT count(*) FROM sqlite_schema"));
  EXPECT_TRUE(connection.checkpoint_truncate());
}

void expect_nothing_lost(const fs::path& home, const fs::path& hub_data, const Promised& promised) {
  const Holdings local = holdings_of(home);
  const std::vector<Holding> log = log_of(hub_data);
  std::map<std::string, std::uint64_t> kept;  // where it counts
  std::map<std::uint64_t, std::string> owner;
  const auto expect_own_value = [&](const Holding& holding) {
    const auto& [known, fresh] = owner.emplace(holding.lamport, holding.event_id);
    EXPECT_TRUE(fresh || known->second == holding.event_id) << "two events have " << holding.lamport;
  };
  std::set<std::string> at_hub;
  for (const Holding& holding : log) {
    EXPECT_TRUE(at_hub.insert(holding.event_id).second) << "twice at the hub: " << holding.event_id;
    kept[holding.event_id] = holding.lamport;
    expect_own_value(holding);
  }
  for (const Holding& holding : local.waiting) {
    kept[holding.event_id] = holding.lamport;
    expect_own_value(holding);
  }
  for (const Holding& holding : local.settled) {
    EXPECT_TRUE(at_hub.contains(holding.event_id)) << "settled, but not at the hub: " << holding.event_id;
  }
  for (const auto& [event_id, lamport] : promised) {
    const auto found = kept.find(event_id);
    ASSERT_NE(found, kept.end()) << "lost: " << event_id << ", Lamport value " << lamport;
    EXPECT_EQ(found->second, lamport);
  }
  if (fs::exists(home / "outbox.db")) {
    EXPECT_EQ(integrity_of(home / "outbox.db"), "ok");
  }
  EXPECT_EQ(integrity_of(hub_data / "hub.db"), "ok");
}

}  // namespace pawprint::testing
