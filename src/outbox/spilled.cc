#include "outbox/spilled.h"

#include <algorithm>

#include "outbox/intake.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

QueuedRow row_of(SpillLine line) {
  QueuedRow row;
  row.spilled = true;
  row.event_id = std::move(line.row.event_id);
  row.lamport = line.row.lamport;
  row.project_uuid = std::move(line.row.project_uuid);
  row.data = std::move(line.row.data);
  return row;
}

struct Marked {
  Destination destination;
  bool ended = false;
};

Result<std::optional<Marked>> link_marked(Database& database, const std::optional<LinkMark>& link) {
  if (!link) return std::nullopt;
  PAW_TRY(query, database.statement("SELECT server_origin, team_slug, ended_at IS NOT NULL FROM links "
                                    "WHERE link_id = ?1 AND linked_at = ?2"));
  PAW_TRY(known, query->bind(1, link->link_id).bind(2, link->linked_at_ms).step());
  if (!known) return std::nullopt;
  return Marked{{query->text(0), query->text(1)}, query->integer(2) != 0};
}

Result<void> count_line(Database* database, SpillLine line, Overflow& overflow) {
  std::optional<Destination> destination;
  if (database != nullptr) {
    PAW_TRY(queued, has_row(*database, line.row.event_id));
    if (queued) return {};
    PAW_TRY(known, link_marked(*database, line.link));
    if (known) destination = std::move(known->destination);
  }
  overflow.highest = std::max(overflow.highest, line.row.lamport);
  ++overflow.events[{std::move(destination), std::move(line.row.project_uuid),
                     std::move(line.row.repo_instance)}];
  return {};
}

// `database`: nullptr if there is none.
Result<Overflow> count(const Environment& environment, const Path& home, Database* database) {
  const Spill spill(environment, home);
  Overflow overflow;
  PAW_TRY(rejected, spill.rejected_lines());
  overflow.unreadable = overflow.rejected = rejected;
  RefillCursor cursor;
  if (database != nullptr) {
    PAW_TRY(known, refill_cursor(*database));
    cursor = known;
  }
  std::optional<Error> failed;
  PAW_TRY(visited, spill.visit_waiting(cursor.number, cursor.position, [&](std::string_view text) {
    auto line = read_spill_line(text);
    if (!line) {
      ++overflow.unreadable;
      return true;
    }
    auto counted = count_line(database, *std::move(line), overflow);
    if (!counted) failed = std::move(counted).error();
    return !failed;
  }));
  if (failed) return std::unexpected(*std::move(failed));
  return overflow;
}

}  // namespace

Result<std::vector<QueuedRow>> Outbox::spilled_rows(std::size_t max_rows) {
  std::vector<QueuedRow> rows;
  if (max_rows == 0) return rows;
  PAW_TRY(cursor, refill_cursor(database_));
  std::optional<Error> failed;
  const auto take = [&](SpillLine line) -> Result<void> {
    PAW_TRY(queued, has_row(database_, line.row.event_id));
    if (queued) return {};
    PAW_TRY(known, link_marked(database_, line.link));
    rows.push_back(row_of(std::move(line)));
    if (known) {
      rows.back().destination = std::move(known->destination);
      rows.back().link_ended = known->ended;
    }
    return {};
  };
  const Spill spill(*environment_, database_.home());
  PAW_TRY(visited, spill.visit_waiting(cursor.number, cursor.position, [&](std::string_view text) {
    auto line = read_spill_line(text);
    if (!line) return true;
    auto taken = take(*std::move(line));
    if (!taken) failed = std::move(taken).error();
    return !failed && rows.size() < max_rows;
  }));
  if (failed) return std::unexpected(*std::move(failed));
  return rows;
}

Result<SpillContent> read_spill(const Environment& environment, const Path& home) {
  SpillContent content;
  PAW_TRY(visited, Spill(environment, home).visit_waiting(0, 0, [&](std::string_view text) {
    if (auto line = read_spill_line(text)) {
      content.rows.push_back(row_of(*std::move(line)));
    } else {
      ++content.unreadable;
    }
    return true;
  }));
  return content;
}

std::uint64_t Overflow::total() const {
  std::uint64_t total = 0;
  for (const auto& each : events) total += each.second;
  return total;
}

Result<Overflow> Outbox::overflow() {
  return mending([&] { return count(*environment_, database_.home(), &database_); });
}

Result<Overflow> count_spill(const Environment& environment, const Path& home) {
  return count(environment, home, nullptr);
}

}  // namespace pawprint::outbox
