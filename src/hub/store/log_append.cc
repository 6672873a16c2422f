#include "hub/store/log_append.h"

#include <algorithm>

#include "base/format.h"
#include "base/sabotage.h"
#include "hub/store/digest_column.h"

namespace pawprint::hub::store {

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
  PAW_TRY(insert,
          write.prepare("INSERT INTO events(team_id, seq, event_id, project_uuid, event_type, lamport,"
                        " node_id, received_at_ms, body, body_hash)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                        " ON CONFLICT(team_id, event_id) DO NOTHING"));
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
  for (const NewEvent& event : events) {
    PAW_TRY(outcome, add_one(team_id, *head, event));
    appended.outcomes.push_back(outcome);
  }
  appended.highest_lamport = head->highest_lamport;
  return appended;
}

Result<AppendOutcome> LogAppend::add_one(const std::string& team_id, Head& head, const NewEvent& event) {
  if (event.only_if_known) return compare(team_id, event);
  head.appended_to = true;
  sqlite::BorrowedBindings row(insert_);
  row.bind(1, team_id)
      .bind(2, static_cast<std::int64_t>(head.seq + 1))
      .bind(3, event.event_id)
      .bind(4, event.project_uuid)
      .bind(5, event.event_type)
      .bind(6, static_cast<std::int64_t>(event.lamport))
      .bind(7, event.node_id)
      .bind(8, now_ms_)
      .bind_blob(9, event.body)
      .bind_blob(10, bytes_of(event.body_hash));
  PAW_TRY(inserted, row.run());
  if (write_->connection().changes() == 0) return compare(team_id, event);
  head.seq += 1;
  if (event.advances_clock) head.highest_lamport = std::max(head.highest_lamport, event.lamport);
  return AppendOutcome::stored;
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
