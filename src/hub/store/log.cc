#include "hub/store/log.h"

#include <algorithm>

#include "base/failpoint.h"
#include "base/format.h"
#include "hub/store/digest_column.h"

namespace pawprint::hub::store {
namespace {

std::unexpected<Error> no_such_team(std::string_view team_id) {
  return fail(ErrorKind::failed,
              fmt::format("cannot use the log of team {}: there is no such team", team_id));
}

struct TeamHead {
  std::uint64_t seq = 0;
  std::uint64_t highest_lamport = 0;
};

// The statements of one append, and the numbers of the team while it runs.
class Appending {
 public:
  static Result<Appending> begin(Write& write, std::string_view team_id, std::int64_t now_ms) {
    PAW_TRY(read_head, write.prepare("SELECT head_seq, highest_lamport FROM teams WHERE team_id = ?1"));
    PAW_TRY(there, read_head.bind(1, team_id).step());
    if (!there) return no_such_team(team_id);
    const TeamHead head{static_cast<std::uint64_t>(read_head.integer(0)),
                        static_cast<std::uint64_t>(read_head.integer(1))};
    PAW_TRY(insert,
            write.prepare("INSERT INTO events(team_id, seq, event_id, project_uuid, event_type, lamport,"
                          " node_id, received_at_ms, body, body_hash)"
                          " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
                          " ON CONFLICT(team_id, event_id) DO NOTHING"));
    PAW_TRY(find, write.prepare("SELECT body_hash FROM events WHERE team_id = ?1 AND event_id = ?2"));
    return Appending(write, team_id, now_ms, head, std::move(insert), std::move(find));
  }

  Result<AppendOutcome> add(const NewEvent& event) {
    if (event.only_if_known) return compare(event);
    stores_ = true;
    insert_.bind(1, team_id_)
        .bind(2, static_cast<std::int64_t>(head_.seq + 1))
        .bind(3, event.event_id)
        .bind(4, event.project_uuid)
        .bind(5, event.event_type)
        .bind(6, static_cast<std::int64_t>(event.lamport))
        .bind(7, event.node_id)
        .bind(8, now_ms_)
        .bind_blob(9, event.body)
        .bind_blob(10, bytes_of(event.body_hash));
    PAW_TRY(inserted, insert_.run());
    if (write_.connection().changes() == 0) return compare(event);
    head_.seq += 1;
    if (event.advances_clock) head_.highest_lamport = std::max(head_.highest_lamport, event.lamport);
    return AppendOutcome::stored;
  }

  // Also when nothing was new: every append of an event passes through the team's row, as it must where
  // several processes share one database.
  Result<void> save_head() {
    if (!stores_) return {};
    PAW_TRY(update,
            write_.prepare("UPDATE teams SET head_seq = ?2, highest_lamport = ?3 WHERE team_id = ?1"));
    return update.bind(1, team_id_)
        .bind(2, static_cast<std::int64_t>(head_.seq))
        .bind(3, static_cast<std::int64_t>(head_.highest_lamport))
        .run();
  }

 private:
  Appending(Write& write, std::string_view team_id, std::int64_t now_ms, TeamHead head,
            sqlite::Statement insert, sqlite::Statement find)
      : write_(write),
        team_id_(team_id),
        now_ms_(now_ms),
        head_(head),
        insert_(std::move(insert)),
        find_(std::move(find)) {}

  Result<AppendOutcome> compare(const NewEvent& event) {
    PAW_TRY(there, find_.bind(1, team_id_).bind(2, event.event_id).step());
    if (!there) return AppendOutcome::unknown;
    const bool same = find_.view(0) == bytes_of(event.body_hash);
    find_.reset();
    return same ? AppendOutcome::duplicate : AppendOutcome::conflict;
  }

  Write& write_;
  std::string_view team_id_;
  std::int64_t now_ms_;
  TeamHead head_;
  bool stores_ = false;
  sqlite::Statement insert_, find_;
};

Result<std::vector<AppendOutcome>> append_all(Write& write, std::string_view team_id, std::int64_t now_ms,
                                              std::span<const NewEvent> events) {
  PAW_TRY(appending, Appending::begin(write, team_id, now_ms));
  std::vector<AppendOutcome> outcomes;
  outcomes.reserve(events.size());
  for (const NewEvent& event : events) {
    PAW_TRY(outcome, appending.add(event));
    outcomes.push_back(outcome);
  }
  PAW_TRY(saved, appending.save_head());
  return outcomes;
}

// Two statements, so that each runs along an index of its own and meets no row that it does not return.
constexpr std::string_view kReadAll =
    "SELECT seq, received_at_ms, event_id, project_uuid, body, body_hash FROM events"
    " WHERE team_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
constexpr std::string_view kReadOfProject =
    "SELECT seq, received_at_ms, event_id, project_uuid, body, body_hash FROM events"
    " WHERE team_id = ?1 AND project_uuid = ?4 AND seq > ?2 ORDER BY seq LIMIT ?3";

LoggedEvent row_of(const sqlite::Statement& row) {
  LoggedEvent event;
  event.seq = static_cast<std::uint64_t>(row.integer(0));
  event.received_at_ms = row.integer(1);
  event.event_id = row.text(2);
  if (!row.is_null(3)) event.project_uuid = row.text(3);
  event.body = row.text(4);
  event.body_hash = digest_of(row.view(5));
  return event;
}

}  // namespace

Result<std::vector<AppendOutcome>> Log::append(std::string_view team_id, std::span<const NewEvent> events) {
  PAW_TRY(write, database_.write());
  PAW_TRY(outcomes, append_all(write, team_id, database_.clock().unix_ms(), events));
  failpoint("hub-append-before-commit");
  PAW_TRY(committed, write.commit());
  failpoint("hub-append-committed");
  return outcomes;
}

Result<std::vector<LoggedEvent>> Log::read(std::string_view team_id, std::uint64_t after_seq,
                                           std::size_t limit, std::optional<std::string_view> project_uuid) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare(project_uuid ? kReadOfProject : kReadAll));
  constexpr auto kMaxInteger = static_cast<std::uint64_t>(INT64_MAX);
  select.bind(1, team_id)
      .bind(2, static_cast<std::int64_t>(std::min(after_seq, kMaxInteger)))
      .bind(3, static_cast<std::int64_t>(std::min<std::uint64_t>(limit, kMaxInteger)));
  if (project_uuid) select.bind(4, *project_uuid);
  std::vector<LoggedEvent> events;
  for (;;) {
    PAW_TRY(there, select.step());
    if (!there) return events;
    events.push_back(row_of(select));
  }
}

Result<std::uint64_t> Log::team_number(std::string_view team_id, std::string_view sql) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare(sql));
  PAW_TRY(there, select.bind(1, team_id).step());
  if (!there) return no_such_team(team_id);
  return static_cast<std::uint64_t>(select.integer(0));
}

Result<std::uint64_t> Log::head(std::string_view team_id) {
  return team_number(team_id, "SELECT head_seq FROM teams WHERE team_id = ?1");
}

Result<std::uint64_t> Log::highest_lamport(std::string_view team_id) {
  return team_number(team_id, "SELECT highest_lamport FROM teams WHERE team_id = ?1");
}

}  // namespace pawprint::hub::store
