#include "outbox/listing.h"

#include "base/format.h"
#include "outbox/move.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

#define PAW_QUEUED_ROWS                                                                                   \
  "SELECT q.id, q.event_id, q.lamport, l.server_origin, l.team_slug, q.project_uuid, q.state, q.reason, " \
  "q.attempts, q.queued_at, q.data, l.ended_at IS NOT NULL FROM queue q LEFT JOIN links l USING (link_id) "

constexpr std::string_view kPage =
    PAW_QUEUED_ROWS "WHERE q.id > ?1 AND instr(?2, q.state) > 0 ORDER BY q.id LIMIT ?3";
constexpr std::string_view kByEventId = PAW_QUEUED_ROWS "WHERE q.event_id = ?1";
#undef PAW_QUEUED_ROWS
// By the rows themselves: the indexes still have them under the states that they had.
constexpr std::string_view kOfNoState =
    "SELECT event_id, state FROM queue NOT INDEXED WHERE state NOT IN ('intent', 'pending', 'sent', "
    "'parked', "
    "'discarded', 'dropped') ORDER BY id";

// Every link with rows, and every active one.
constexpr std::string_view kDestinations =
    "SELECT l.server_origin, l.team_slug, coalesce(sum(c.value), 0), coalesce(sum(p.parked), 0), "
    "coalesce(sum(c.value) FILTER (WHERE l.ended_at IS NOT NULL), 0) FROM links l LEFT JOIN meta c ON c.key "
    "= 'pending' AND c.scope = CAST(l.link_id AS TEXT) "
    "LEFT JOIN (SELECT link_id, count(*) AS parked FROM queue WHERE state = 'parked' AND link_id > 0 "
    "GROUP BY link_id) p ON p.link_id = l.link_id "
    "WHERE l.ended_at IS NULL OR c.value > 0 OR p.parked > 0 "
    "GROUP BY l.server_origin, l.team_id, l.team_slug ORDER BY l.server_origin, l.team_slug";
constexpr std::string_view kProjects =
    "SELECT project, sum(pending), sum(unlinked), sum(parked), sum(ended) FROM ("
    "SELECT l.project_uuid AS project, c.value AS pending, 0 AS unlinked, 0 AS parked, "
    "iif(l.ended_at IS NULL, 0, c.value) AS ended "
    "FROM links l JOIN meta c ON c.key = 'pending' AND c.scope = CAST(l.link_id AS TEXT) "
    "UNION ALL SELECT scope, 0, value, 0, 0 FROM meta WHERE key = 'unlinked' "
    "UNION ALL SELECT coalesce(project_uuid, ''), 0, 0, count(*), 0 FROM queue WHERE state = 'parked' GROUP "
    "BY 1) "
    "GROUP BY project HAVING sum(pending + unlinked + parked) > 0 ORDER BY project";

std::uint64_t count_at(const LentStatement& row, int column) {
  return static_cast<std::uint64_t>(row->integer(column));
}

Result<QueuedRow> queued_row(Database& database, const LentStatement& row) {
  PAW_TRY(state, state_of_row(database, row->integer(0), row->view(6)));
  QueuedRow queued;
  queued.id = row->integer(0);
  queued.event_id = row->text(1);
  queued.lamport = count_at(row, 2);
  if (!row->is_null(3)) queued.destination = {row->text(3), row->text(4)};
  if (!row->is_null(5)) queued.project_uuid = row->text(5);
  queued.state = state;
  queued.reason = row->text(7);
  queued.attempts = count_at(row, 8);
  queued.queued_at_ms = row->integer(9);
  queued.data = row->text(10);
  queued.link_ended = row->integer(11) != 0;
  return queued;
}

}  // namespace

Result<std::vector<QueuedRow>> Outbox::rows(std::span<const RowState> states, std::int64_t after_id,
                                            std::size_t max_rows) {
  std::string names;
  for (const RowState state : states) names += fmt::format("{} ", name_of(state));
  PAW_TRY(query, database_.statement(kPage));
  query->bind(1, after_id).bind(2, names).bind(3, static_cast<std::int64_t>(max_rows));
  std::vector<QueuedRow> rows;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return rows;
    PAW_TRY(row, queued_row(database_, query));
    rows.push_back(std::move(row));
  }
}

Result<std::vector<std::pair<std::string, std::string>>> Outbox::rows_of_no_state() {
  PAW_TRY(query, database_.statement(kOfNoState));
  std::vector<std::pair<std::string, std::string>> rows;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return rows;
    rows.emplace_back(query->text(0), query->text(1));
  }
}

Result<std::optional<QueuedRow>> Outbox::row(std::string_view event_id) {
  PAW_TRY(query, database_.statement(kByEventId));
  PAW_TRY(there, query->bind(1, event_id).step());
  if (!there) return std::nullopt;
  PAW_TRY(row, queued_row(database_, query));
  return row;
}

Result<std::vector<DestinationCount>> Outbox::destinations() {
  PAW_TRY(query, database_.statement(kDestinations));
  std::vector<DestinationCount> counts;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return counts;
    counts.push_back(
        {{query->text(0), query->text(1)}, count_at(query, 2), count_at(query, 4), count_at(query, 3)});
  }
}

Result<std::vector<ProjectCount>> Outbox::projects() {
  PAW_TRY(query, database_.statement(kProjects));
  std::vector<ProjectCount> counts;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return counts;
    counts.push_back(
        {query->text(0), count_at(query, 1), count_at(query, 4), count_at(query, 2), count_at(query, 3)});
  }
}

}  // namespace pawprint::outbox
