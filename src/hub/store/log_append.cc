#include "hub/store/log_append.h"

#include <algorithm>

#include "base/format.h"
#include "base/sabotage.h"
#include "hub/store/digest_column.h"

namespace pawprint::hub::store {
namespace {

// A row looks for its place in every index from the root down, the further the longer the log is; one that
// the same statement inserts behind another begins where that one ended. More rows than these gain no more.
constexpr std::size_t kRowsAtOnce = 250;

std::string insert_of(std::size_t rows) {
  std::string sql =
      "INSERT INTO events(team_id, received_at_ms, seq, event_id, project_uuid, event_type, lamport,"
      " node_id, body, body_hash) VALUES";
  for (std::size_t row = 0; row < rows; ++row) {
    sql += row == 0 ? "(?1, ?2" : ", (?1, ?2";
    for (std::size_t column = 0; column < 8; ++column) sql += fmt::format(", ?{}", 3 + row * 8 + column);
    sql += ')';
  }
  return sql + " ON CONFLICT(team_id, event_id) DO NOTHING";
}

// Whether the ids are in the order of time, or nearly. Others lie on a page each, of which SQLite keeps a
// copy for as long as the statement can be undone: together they cost more than one by one.
bool in_order(std::span<const NewEvent> events) {
  std::size_t back = 0;
  for (std::size_t i = 1; i < events.size(); ++i) back += events[i].event_id < events[i - 1].event_id ? 1 : 0;
  return back * 8 <= events.size();
}

bool worth_one_statement(std::span<const NewEvent> events) {
  return events.size() == kRowsAtOnce && std::ranges::none_of(events, &NewEvent::only_if_known) &&
         in_order(events);
}

}  // namespace

std::unexpected<Error> no_such_team(std::string_view team_id) {
  return fail(ErrorKind::failed,
              fmt::format("cannot use the log of team {}: there is no such team", team_id));
}

LogAppend::LogAppend(Write& write, std::int64_t now_ms, sqlite::Statement read_head, sqlite::Statement insert,
                     sqlite::Statement find)
    : write_(&write),
      now_ms_(now_ms),
      read_head_(std::move(read_head)),
      insert_(std::move(insert)),
      find_(std::move(find)) {}

Result<LogAppend> LogAppend::begin(Write& write, std::int64_t now_ms) {
  PAW_TRY(read_head, write.prepare("SELECT head_seq, highest_lamport FROM teams WHERE team_id = ?1"));
  static const std::string one_row = insert_of(1);
  PAW_TRY(insert, write.prepare(one_row));
  PAW_TRY(find, write.prepare("SELECT body_hash FROM events WHERE team_id = ?1 AND event_id = ?2"));
  return LogAppend(write, now_ms, std::move(read_head), std::move(insert), std::move(find));
}

Result<LogAppend::Head*> LogAppend::head_of(const std::string& team_id) {
  const auto known = heads_.find(team_id);
  if (known != heads_.end()) return &known->second;
  PAW_TRY(there, read_head_.bind(1, team_id).step());
  if (!there) return no_such_team(team_id);
  Head head;
  head.first_seq = head.seq = static_cast<std::uint64_t>(read_head_.integer(0));
  head.highest_lamport = static_cast<std::uint64_t>(read_head_.integer(1));
  read_head_.reset();
  return &heads_.emplace(team_id, head).first->second;
}

Result<Appended> LogAppend::add(const std::string& team_id, std::span<const NewEvent> events) {
  PAW_TRY(head, head_of(team_id));
  Appended appended;
  appended.first_seq = head->seq + 1;
  appended.outcomes.reserve(events.size());
  for (bool all_new = true; !events.empty();) {
    const auto some = events.first(std::min(events.size(), kRowsAtOnce));
    events = events.subspan(some.size());
    if (all_new && worth_one_statement(some)) {
      PAW_TRY(stored, add_if_all_new(team_id, *head, some));
      all_new = stored;  // where one is known, more are likely to be
      if (stored) {
        appended.outcomes.resize(appended.outcomes.size() + some.size(), AppendOutcome::stored);
        continue;
      }
    }
    for (const NewEvent& event : some) {
      PAW_TRY(outcome, add_one(team_id, *head, event));
      appended.outcomes.push_back(outcome);
    }
  }
  appended.highest_lamport = head->highest_lamport;
  return appended;
}

Result<LogAppend::Together*> LogAppend::together() {
  if (together_) return &*together_;
  static const std::string many_rows = insert_of(kRowsAtOnce);
  PAW_TRY(insert, write_->prepare(many_rows));
  PAW_TRY(take_back, write_->prepare("DELETE FROM events WHERE team_id = ?1 AND seq > ?2"));
  return &together_.emplace(std::move(insert), std::move(take_back));
}

// Numbers are without gaps: where an id is known, none of the rows stays. They are deleted and not rolled
// back to a savepoint, after which a commit may lack frames in the file (ADR 0009).
Result<bool> LogAppend::add_if_all_new(const std::string& team_id, Head& head,
                                       std::span<const NewEvent> events) {
  PAW_TRY(statements, together());
  head.appended_to = true;
  PAW_TRY(inserted, insert_rows(statements->insert, team_id, head, events));
  const bool all_new = inserted == events.size();
  if (all_new) {
    for (const NewEvent& event : events) count(head, event);
  } else if (inserted > 0 && !sabotaged("some-rows-stay")) {
    PAW_TRY(taken_back,
            statements->take_back.bind(1, team_id).bind(2, static_cast<std::int64_t>(head.seq)).run());
  }
  return all_new;
}

Result<AppendOutcome> LogAppend::add_one(const std::string& team_id, Head& head, const NewEvent& event) {
  if (event.only_if_known) return compare(team_id, event);
  head.appended_to = true;
  PAW_TRY(inserted, insert_rows(insert_, team_id, head, std::span(&event, 1)));
  if (inserted == 0) return compare(team_id, event);
  count(head, event);
  return AppendOutcome::stored;
}

Result<std::size_t> LogAppend::insert_rows(sqlite::Statement& insert, const std::string& team_id,
                                           const Head& head, std::span<const NewEvent> events) {
  sqlite::BorrowedBindings row(insert);
  row.bind(1, team_id).bind(2, now_ms_);
  auto seq = static_cast<std::int64_t>(head.seq);
  int next = 3;
  for (const NewEvent& event : events) {
    row.bind(next, ++seq)
        .bind(next + 1, event.event_id)
        .bind(next + 2, event.project_uuid)
        .bind(next + 3, event.event_type)
        .bind(next + 4, static_cast<std::int64_t>(event.lamport))
        .bind(next + 5, event.node_id)
        .bind_blob(next + 6, event.body)
        .bind_blob(next + 7, bytes_of(event.body_hash));
    next += 8;
  }
  PAW_TRY(run, row.run());
  return static_cast<std::size_t>(write_->connection().changes());
}

void LogAppend::count(Head& head, const NewEvent& event) {
  head.seq += 1;
  if (event.advances_clock) head.highest_lamport = std::max(head.highest_lamport, event.lamport);
}

Result<AppendOutcome> LogAppend::compare(const std::string& team_id, const NewEvent& event) {
  PAW_TRY(there, find_.bind(1, team_id).bind(2, event.event_id).step());
  if (!there) return AppendOutcome::unknown;
  const bool same = find_.view(0) == bytes_of(event.body_hash) || sabotaged("conflict-as-duplicate");
  find_.reset();
  return same ? AppendOutcome::duplicate : AppendOutcome::conflict;
}

// Also when nothing was new: every append of an event passes through the team's row, as it must where several
// processes share one database.
Result<void> LogAppend::save_heads() {
  PAW_TRY(update, write_->prepare("UPDATE teams SET head_seq = ?2, highest_lamport = ?3 WHERE team_id = ?1"));
  for (const auto& [team_id, head] : heads_) {
    if (!head.appended_to) continue;
    PAW_TRY(saved, update.bind(1, team_id)
                       .bind(2, static_cast<std::int64_t>(head.seq))
                       .bind(3, static_cast<std::int64_t>(head.highest_lamport))
                       .run());
  }
  return {};
}

std::vector<std::string> LogAppend::grown_teams() const {
  std::vector<std::string> grown;
  for (const auto& [team_id, head] : heads_) {
    if (head.seq > head.first_seq) grown.push_back(team_id);
  }
  return grown;
}

}  // namespace pawprint::hub::store
