#include "outbox/spilled.h"

#include <algorithm>
#include <unordered_set>

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
  SpilledClass from_and_to;
  if (database != nullptr) {
    PAW_TRY(queued, has_row(*database, line.row.event_id));
    if (queued) return {};
    PAW_TRY(known, link_marked(*database, line.link));
    if (known) {
      from_and_to.destination = std::move(known->destination);
      from_and_to.link_ended = known->ended;
    }
  }
  overflow.highest = std::max(overflow.highest, line.row.lamport);
  if (const auto& at = line.row.emitted_ms)
    overflow.oldest_ms = std::min(overflow.oldest_ms.value_or(*at), *at);
  from_and_to.project_uuid = std::move(line.row.project_uuid);
  from_and_to.repo_instance = std::move(line.row.repo_instance);
  ++overflow.events[std::move(from_and_to)];
  return {};
}

Result<void> count_unreadable(Database* database, std::string_view text, Overflow& overflow) {
  ++overflow.unreadable;
  auto event_id = event_id_in(text);
  if (!event_id) return {};
  if (database != nullptr) {
    PAW_TRY(queued, has_row(*database, *event_id));
    if (queued) return {};
  }
  overflow.unreadable_ids.insert(*std::move(event_id));
  return {};
}

// Gives the events from the cursor on, each once: a rest that is written anew stands beside what it was taken
// from until the cursor is at it.
Result<void> visit_events(const Spill::Waiting& waiting, const RefillCursor& from,
                          const std::function<bool(SpillLine)>& take,
                          const std::function<bool(std::string_view)>& take_unreadable) {
  std::unordered_set<std::string> seen;
  return visit_waiting(waiting, from.number, from.position, [&](std::string_view text) {
    auto line = read_spill_line(text);
    if (!line) return take_unreadable(text);
    return !seen.insert(line->row.event_id).second || take(*std::move(line));
  });
}

// `database`: nullptr if there is none.
Result<Overflow> count(const Spill& spill, const Spill::Waiting& waiting, Database* database) {
  Overflow overflow;
  std::optional<Error> failed;
  const auto note = [&](Result<void> counted) {
    if (!counted) failed = std::move(counted).error();
    return !failed;
  };
  PAW_TRY(rejected, spill.visit_rejected([&](std::string_view text) {
    ++overflow.rejected;
    return note(count_unreadable(database, text, overflow));
  }));
  RefillCursor cursor;
  if (database != nullptr) {
    PAW_TRY(known, refill_cursor(*database));
    cursor = known;
  }
  PAW_TRY(visited,
          visit_events(
              waiting, cursor,
              [&](SpillLine line) { return note(count_line(database, std::move(line), overflow)); },
              [&](std::string_view text) { return note(count_unreadable(database, text, overflow)); }));
  if (failed) return std::unexpected(*std::move(failed));
  return overflow;
}

}  // namespace

Result<std::vector<QueuedRow>> Outbox::spilled_rows(std::size_t max_rows) {
  std::vector<QueuedRow> rows;
  if (max_rows == 0) return rows;
  if (waiting_ == nullptr) {
    PAW_TRY(looked, at_one_moment([&]() -> Result<void> {
              PAW_TRY(found, spilled_rows(max_rows));
              rows = std::move(found);
              return {};
            }));
    return rows;
  }
  PAW_TRY(cursor, refill_cursor(database_));
  std::optional<Error> failed;
  const auto look_up = [&](SpillLine line) -> Result<void> {
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
  const auto take = [&](SpillLine line) {
    auto known = look_up(std::move(line));
    if (!known) failed = std::move(known).error();
    return !failed && rows.size() < max_rows;
  };
  PAW_TRY(visited, visit_events(*waiting_, cursor, take, [](std::string_view) { return true; }));
  if (failed) return std::unexpected(*std::move(failed));
  return rows;
}

Result<SpillContent> read_spill(const Environment& environment, const Path& home) {
  PAW_TRY(waiting, Spill(environment, home).open_waiting());
  return read_spill(waiting);
}

Result<SpillContent> read_spill(const Spill::Waiting& waiting) {
  SpillContent content;
  const auto take = [&](SpillLine line) {
    const bool linked = line.link.has_value();
    content.rows.push_back(row_of(std::move(line)));
    content.rows.back().link_unknown = linked;
    return true;
  };
  PAW_TRY(visited, visit_events(waiting, {.number = 0, .position = 0}, take, [&](std::string_view) {
            ++content.unreadable;
            return true;
          }));
  return content;
}

std::uint64_t Overflow::total() const {
  std::uint64_t total = 0;
  for (const auto& each : events) total += each.second;
  return total;
}

// The files are opened first: what a refill has taken out of them by then is in the queue of the moment, and
// what it takes later is still in them. A rest that is written anew goes into another file, where the cursor
// then is; that is looked for again.
Result<void> Outbox::at_one_moment(const std::function<Result<void>()>& work) {
  constexpr int kMostLooks = 32;
  const Spill spill(*environment_, database_.home());
  return mending([&]() -> Result<void> {
    for (int look = 1;; ++look) {
      PAW_TRY(before, refill_cursor(database_));
      PAW_TRY(waiting, spill.open_waiting());
      PAW_TRY(moment, database_.begin_reading());
      PAW_TRY(cursor, refill_cursor(database_));
      if (cursor.number != before.number && look < kMostLooks) continue;
      waiting_ = &waiting;
      auto done = work();
      waiting_ = nullptr;
      return done;
    }
  });
}

Result<Overflow> Outbox::overflow() {
  const Spill spill(*environment_, database_.home());
  if (waiting_ != nullptr) return count(spill, *waiting_, &database_);
  Overflow overflow;
  PAW_TRY(looked, at_one_moment([&]() -> Result<void> {
            PAW_TRY(counted, count(spill, *waiting_, &database_));
            overflow = std::move(counted);
            return {};
          }));
  return overflow;
}

Result<Overflow> count_spill(const Environment& environment, const Path& home) {
  const Spill spill(environment, home);
  PAW_TRY(waiting, spill.open_waiting());
  return count(spill, waiting, nullptr);
}

Result<Overflow> count_spill(const Environment& environment, const Path& home,
                             const Spill::Waiting& waiting) {
  return count(Spill(environment, home), waiting, nullptr);
}

}  // namespace pawprint::outbox
