#include "base/sabotage.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

// The destination is the one that the row was given when it was appended.
constexpr std::string_view kSendable =
    "SELECT id, event_id, lamport, link_id, data FROM sendable WHERE link_id = ?1 AND server_origin = ?2 "
    "AND team_id = ?3 AND user_id = ?4 ORDER BY lamport, event_id LIMIT ?5";
constexpr std::string_view kByJoin =
    "SELECT q.id, q.event_id, q.lamport, l.link_id, q.data FROM queue q JOIN links l USING (project_uuid) "
    "WHERE q.state = 'pending' AND l.link_id = ?1 AND l.server_origin = ?2 AND l.team_id = ?3 "
    "AND l.user_id = ?4 AND l.ended_at IS NULL ORDER BY q.lamport, q.event_id LIMIT ?5";

}  // namespace

Result<std::vector<SendableRow>> Outbox::sendable(const Link& link, std::size_t max_rows,
                                                  std::uint64_t max_bytes) {
  return mending([&]() -> Result<std::vector<SendableRow>> {
    PAW_TRY(query, database_.statement(sabotaged("link-by-join") ? kByJoin : kSendable));
    query->bind(1, link.link_id).bind(2, link.server_origin).bind(3, link.team_id).bind(4, link.user_id);
    query->bind(5, static_cast<std::int64_t>(max_rows));
    std::vector<SendableRow> rows;
    std::uint64_t bytes = 0;
    for (;;) {
      PAW_TRY(row, query->step());
      if (!row) return rows;
      bytes += query->view(4).size();
      if (bytes > max_bytes && !rows.empty()) return rows;
      rows.push_back({query->integer(0), query->text(1), static_cast<std::uint64_t>(query->integer(2)),
                      query->integer(3), query->text(4)});
    }
  });
}

}  // namespace pawprint::outbox
