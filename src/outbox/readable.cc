#include "outbox/readable.h"

#include <algorithm>
#include <utility>

#include "outbox/carried_rows.h"
#include "outbox/database.h"
#include "outbox/salvage.h"
#include "outbox/schema.h"
#include "sqlite/file_format.h"
#include "sqlite/wal_frames.h"

namespace pawprint::outbox {
namespace {

// Where rows are looked for one by one: this many after the last readable one, if the end cannot be found
// from the other side, and not beyond so many that are not there or cannot be read.
constexpr std::int64_t kProbedRows = 50'000;
constexpr int kFruitless = 2'000;

Result<std::optional<sqlite::Connection>> open_reading(const Environment& environment, const Path& home) {
  PAW_TRY(status, environment.disk->status(home / kDatabase));
  if (!status) return std::nullopt;
  PAW_TRY(connection, open_database(*environment.disk, home / kDatabase, sqlite::Access::read_only));
  if (!connection) return std::nullopt;
  PAW_TRY(ours, check_is_ours(*environment.disk, home / kDatabase, *connection));
  return connection;
}

class Reading {
 public:
  Reading(sqlite::Connection& connection, const std::function<void(ReadableRow)>& take)
      : connection_(connection), take_(take) {}

  Result<std::vector<UnreadableRows>> run() {
    const auto whole =
        walk("SELECT id, event_id, data, state FROM queue NOT INDEXED WHERE id > ?1 ORDER BY id", 0);
    if (whole) return std::move(lost_);
    // From the other end up to the damage, then what lies between, row by row.
    const std::int64_t low = last_id_;
    last_id_ = low + kProbedRows + 1;
    const auto back =
        walk("SELECT id, event_id, data, state FROM queue NOT INDEXED WHERE id > ?1 ORDER BY id DESC", low);
    if (back) lost_.push_back({low + 1, last_id_ - 1, whole.error().message});
    if (!back) probe(low + 1, last_id_ - 1);
    if (taken_ == 0) return std::unexpected(whole.error());
    return std::move(lost_);
  }

 private:
  // Stops at the first error; last_id_ is the last row that was read.
  Result<void> walk(std::string_view sql, std::int64_t after_id) {
    PAW_TRY(query, connection_.prepare(sql));
    query.bind(1, after_id);
    for (;;) {
      PAW_TRY(there, query.step());
      if (!there) return {};
      const std::int64_t id = query.integer(0);
      // A torn page reads as zeros.
      if (id <= after_id || query.view(2).empty()) return fail(ErrorKind::io, "a page is torn");
      give(query);
      last_id_ = id;
    }
  }

  void give(const sqlite::Statement& row) {
    ++taken_;
    take_({row.integer(0), row.text(1), row.text(2), row.text(3)});
  }

  void probe(std::int64_t first_id, std::int64_t last_id) {
    auto query = connection_.prepare("SELECT id, event_id, data, state FROM queue NOT INDEXED WHERE id = ?1");
    if (!query) return lost_.push_back({first_id, last_id, query.error().message});
    int fruitless = 0;
    for (std::int64_t id = first_id; id <= last_id && fruitless < kFruitless; ++id, ++fruitless) {
      const auto there = query->bind(1, id).step();
      if (!there) {
        note_lost(id, there.error().message);
      } else if (*there && !query->view(2).empty()) {
        give(*query);
        query->reset();
        fruitless = 0;
      }
    }
  }

  void note_lost(std::int64_t id, const std::string& why) {
    if (!lost_.empty() && lost_.back().last_id + 1 == id) {
      lost_.back().last_id = id;
    } else {
      lost_.push_back({id, id, why});
    }
  }

  sqlite::Connection& connection_;
  const std::function<void(ReadableRow)>& take_;
  std::int64_t last_id_ = 0;
  std::uint64_t taken_ = 0;
  std::vector<UnreadableRows> lost_;
};

// As a salvage reads it, without SQLite: page by page. nullopt: there is nothing that way either.
Result<std::optional<std::vector<UnreadableRows>>> read_by_pages(
    const Environment& environment, const Path& home, const std::string& why,
    const std::function<void(ReadableRow)>& take) {
  PAW_TRY(database, read_file(*environment.disk, home / kDatabase));
  PAW_TRY(wal, read_file(*environment.disk, home / kWal));
  const Carried carried = read_carried(database.value_or(""), wal.value_or(""));
  if (carried.rows.empty()) return std::nullopt;
  std::vector<std::pair<std::int64_t, std::string_view>> in_order;
  for (const auto& [event_id, row] : carried.rows) in_order.emplace_back(row.id, event_id);
  std::ranges::sort(in_order);
  for (const auto& [id, event_id] : in_order) {
    const CarriedRow& row = carried.rows.find(std::string(event_id))->second;
    take({id, std::string(event_id), row.data, std::string(name_of(row.state))});
  }
  return std::vector<UnreadableRows>{{0, 0, why}};
}

}  // namespace

Result<std::optional<std::vector<UnreadableRows>>> read_what_is_readable(
    const Environment& environment, const Path& home, const std::function<void(ReadableRow)>& take) {
  PAW_TRY(finished, refuse_unfinished_salvage(*environment.disk, home));
  PAW_TRY(of_wal, sqlite::wal_damage(*environment.disk, home / kDatabase));
  if (of_wal) {  // SQLite would end there
    PAW_TRY(by_pages, read_by_pages(environment, home, *of_wal, take));
    if (by_pages) return by_pages;
  }
  auto connection = open_reading(environment, home);
  if (connection && !*connection) return std::nullopt;
  auto lost = connection ? Reading(**connection, take).run() : std::unexpected(connection.error());
  if (lost) return *std::move(lost);
  if (lost.error().kind != ErrorKind::io) return std::unexpected(std::move(lost).error());
  PAW_TRY(by_pages, read_by_pages(environment, home, lost.error().message, take));
  if (by_pages) return by_pages;
  return std::unexpected(std::move(lost).error());
}

Result<bool> wal_is_empty_or_cut(const Environment& environment, const Path& home) {
  constexpr std::uint64_t kFrameBytes = sqlite::kFrameHeaderBytes + sqlite::kPageBytes;
  PAW_TRY(wal, environment.disk->status(home / kWal));
  if (!wal || wal->size_bytes <= sqlite::kWalHeaderBytes) return true;
  return (wal->size_bytes - sqlite::kWalHeaderBytes) % kFrameBytes != 0;
}

Result<std::optional<DatabaseFacts>> database_facts(const Environment& environment, const Path& home) {
  PAW_TRY(connection, open_reading(environment, home));
  if (!connection) return std::nullopt;
  PAW_TRY(facts, facts_of(*connection));
  PAW_TRY(of_wal, sqlite::wal_damage(*environment.disk, home / kDatabase));
  if (of_wal && facts.damage.empty()) facts.damage = *of_wal;
  return facts;
}

}  // namespace pawprint::outbox
