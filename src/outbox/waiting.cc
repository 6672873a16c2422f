// What a delivery asks of the queue besides its rows.
#include "outbox/link_rows.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kWaiting =
    "SELECT l.link_id, l.project_uuid, l.repo_instance, l.server_origin, l.team_id, l.team_slug, l.user_id, "
    "l.linked_at, c.value FROM links l JOIN meta c ON c.key = 'pending' AND c.scope = CAST(l.link_id AS "
    "TEXT) "
    "WHERE l.ended_at IS NULL AND c.value > 0 ORDER BY l.link_id";

// A changed value, because SQLite writes nothing, and syncs nothing, for a value that stays the same.
constexpr std::string_view kCount =
    "INSERT INTO meta(key, value) VALUES('made_durable', 1) "
    "ON CONFLICT(key, scope) DO UPDATE SET value = value + 1";

LinkQueue queue_of(const LentStatement& row) {
  LinkQueue queue;
  queue.link = link_of(row);
  queue.pending = static_cast<std::uint64_t>(row->integer(8));
  return queue;
}

}  // namespace

Result<std::vector<LinkQueue>> Outbox::waiting_links() {
  return mending([&]() -> Result<std::vector<LinkQueue>> {
    PAW_TRY(query, database_.statement(kWaiting));
    PAW_TRY(first, database_.statement("SELECT queued_at FROM queue WHERE state = 'pending' AND link_id = ?1 "
                                       "ORDER BY lamport, event_id LIMIT 1"));
    std::vector<LinkQueue> links;
    for (;;) {
      PAW_TRY(row, query->step());
      if (!row) return links;
      LinkQueue queue = queue_of(query);
      PAW_TRY(oldest, first->bind(1, queue.link.link_id).step());
      if (oldest) queue.oldest_queued_at_ms = first->integer(0);
      first->reset();
      links.push_back(std::move(queue));
    }
  });
}

Result<bool> Outbox::is_active(const Link& link) {
  PAW_TRY(query, database_.statement("SELECT 1 FROM links WHERE link_id = ?1 AND ended_at IS NULL"));
  return query->bind(1, link.link_id).step();
}

Result<void> Outbox::make_durable() {
  return database_.write(Durability::power, [&]() -> Result<void> {
    PAW_TRY(count, database_.statement(kCount));
    return count->run();
  });
}

}  // namespace pawprint::outbox
