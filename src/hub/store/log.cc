#include "hub/store/log.h"

#include <algorithm>
#include <future>

#include "base/format.h"
#include "base/sabotage.h"
#include "hub/store/digest_column.h"
#include "hub/store/log_append.h"
#include "hub/store/log_writer.h"
#include "hub/store/way_back.h"
#include "protocol/canonical.h"

namespace pawprint::hub::store {
namespace {

// Some 14,000 usual events: a board that is so far behind under load still takes them in from memory.
constexpr std::uint64_t kTailBytes = 24U << 20;

// Two statements, so that each runs along an index of its own and meets no row that it does not return.
constexpr std::string_view kReadAll =
    "SELECT seq, received_at_ms, event_id, project_uuid, node_id, lamport, body, body_hash FROM events"
    " WHERE team_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3";
constexpr std::string_view kReadOfProject =
    "SELECT seq, received_at_ms, event_id, project_uuid, node_id, lamport, body, body_hash FROM events"
    " WHERE team_id = ?1 AND project_uuid = ?4 AND seq > ?2 ORDER BY seq LIMIT ?3";

LoggedEvent row_of(const sqlite::Statement& row) {
  LoggedEvent event;
  event.seq = static_cast<std::uint64_t>(row.integer(0));
  event.received_at_ms = row.integer(1);
  event.event_id = row.text(2);
  if (!row.is_null(3)) event.project_uuid = row.text(3);
  event.node_id = row.text(4);
  event.lamport = static_cast<std::uint64_t>(row.integer(5));
  event.body = row.text(6);
  event.body_hash = digest_of(row.view(7));
  return event;
}

std::unexpected<Error> damaged_at(std::uint64_t seq, std::string_view team) {
  auto error =
      fail(ErrorKind::io, fmt::format("cannot use the log of team {}: the event at seq {} is not what "
                                      "was stored",
                                      team, seq));
  return std::unexpected(with_way_back(std::move(error).error(), true));
}

}  // namespace

bool is_what_was_stored(const LoggedEvent& event) {
  const auto hash = protocol::content_hash(event.body);
  return hash && *hash == event.body_hash;
}

Log::Log(Database& database)
    : database_(database),
      tail_(kTailBytes),
      writer_(std::make_unique<LogWriter>(database, tail_, LogWriter::Limits{})) {}
Log::~Log() = default;

void Log::submit(std::string team_id, std::vector<NewEvent> events, Done done) {
  writer_->submit(std::move(team_id), std::move(events), std::move(done));
}

void Log::on_growth(Grown grown) {
  writer_->on_growth(std::move(grown));
}

Result<std::vector<AppendOutcome>> Log::append(std::string_view team_id, std::span<const NewEvent> events) {
  std::promise<Result<Appended>> told;
  submit(std::string(team_id), {events.begin(), events.end()},
         [&told](Result<Appended> appended) { told.set_value(std::move(appended)); });
  PAW_TRY(appended, told.get_future().get());
  return std::move(appended.outcomes);
}

Result<std::vector<LoggedEvent>> Log::read(std::string_view team_id, std::uint64_t after_seq,
                                           std::size_t limit, std::optional<std::string_view> project_uuid) {
  PAW_TRY(events, rows(team_id, after_seq, limit, project_uuid));
  const auto damaged = std::ranges::find_if_not(events, is_what_was_stored);
  if (damaged == events.end() || sabotaged("damaged-events-served")) return events;
  return damaged_at(damaged->seq, name_of(team_id));
}

Result<std::vector<LoggedEvent>> Log::read_as_is(std::string_view team_id, std::uint64_t after_seq,
                                                 std::size_t limit,
                                                 std::optional<std::string_view> project_uuid) {
  return rows(team_id, after_seq, limit, project_uuid);
}

Result<std::vector<LoggedEvent>> Log::rows(std::string_view team_id, std::uint64_t after_seq,
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

Result<SharedEvents> Log::follow(std::string_view team_id, std::uint64_t after_seq, std::size_t limit) {
  SharedEvents events = tail_.read(team_id, after_seq, limit);
  if (!events.empty()) return events;
  PAW_TRY(stored, read(team_id, after_seq, limit));
  events.reserve(stored.size());
  for (LoggedEvent& event : stored) events.push_back(std::make_shared<const LoggedEvent>(std::move(event)));
  return events;
}

Result<std::uint64_t> Log::team_number(std::string_view team_id, std::string_view sql) {
  PAW_TRY(read, database_.read());
  PAW_TRY(select, read.prepare(sql));
  PAW_TRY(there, select.bind(1, team_id).step());
  if (!there) return no_such_team(team_id);
  return static_cast<std::uint64_t>(select.integer(0));
}

std::string Log::name_of(std::string_view team_id) {
  const auto slug = [&]() -> Result<std::string> {
    PAW_TRY(read, database_.read());
    PAW_TRY(select, read.prepare("SELECT slug FROM teams WHERE team_id = ?1"));
    PAW_TRY(there, select.bind(1, team_id).step());
    if (!there) return no_such_team(team_id);
    return select.text(0);
  }();
  return slug ? fmt::format("{} ({})", *slug, team_id) : std::string(team_id);
}

Result<std::uint64_t> Log::head(std::string_view team_id) {
  return team_number(team_id, "SELECT head_seq FROM teams WHERE team_id = ?1");
}

Result<std::uint64_t> Log::highest_lamport(std::string_view team_id) {
  return team_number(team_id, "SELECT highest_lamport FROM teams WHERE team_id = ?1");
}

}  // namespace pawprint::hub::store
