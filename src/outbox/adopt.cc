// What waits for a link that was ended, and how the project's present link takes it up.
#include <algorithm>
#include <vector>

#include "base/failpoint.h"
#include "base/format.h"
#include "outbox/link_rows.h"
#include "outbox/outbox.h"
#include "protocol/envelope.h"

namespace pawprint::outbox {
namespace {

constexpr std::int64_t kRowsPerTransaction = 256;

constexpr std::string_view kEnded =
    "SELECT l.link_id, l.project_uuid, l.repo_instance, l.server_origin, l.team_id, l.team_slug, l.user_id, "
    "l.linked_at, coalesce(c.value, 0) FROM links l LEFT JOIN meta c ON c.key = 'pending' AND c.scope = "
    "CAST(l.link_id AS TEXT) WHERE l.project_uuid = ?1 AND l.repo_instance = ?2 AND l.ended_at IS NOT NULL "
    "ORDER BY l.link_id";
constexpr std::string_view kMayAdopt =
    "SELECT 1 FROM links f JOIN links t USING (project_uuid, repo_instance) WHERE f.link_id = ?1 AND "
    "f.ended_at IS NOT NULL AND t.link_id = ?2 AND t.ended_at IS NULL";
constexpr std::string_view kWaiting =
    "SELECT id, reason IS NOT NULL, data FROM queue WHERE state = 'pending' AND link_id = ?1 "
    "ORDER BY lamport, event_id LIMIT ?2";
constexpr std::string_view kAdopt = "UPDATE queue SET link_id = ?2, data = ?3, reason = NULL WHERE id = ?1";

struct Waiting {
  std::int64_t id = 0;
  bool again = false;  // the hub of the former link had it before
  std::string data;
};

Result<std::vector<Waiting>> some_waiting(Database& database, const Link& from) {
  PAW_TRY(query, database.statement(kWaiting));
  query->bind(1, from.link_id).bind(2, kRowsPerTransaction);
  std::vector<Waiting> rows;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return rows;
    rows.push_back({query->integer(0), query->integer(1) != 0, query->text(2)});
  }
}

// An event names the team that it is for, and a hub refuses one that is for another. All else stays byte for
// byte, so that a hub that has another address now knows what it has.
std::string for_team(std::string data, const Link& from, const Link& to) {
  if (from.team_slug == to.team_slug) return data;
  auto envelope = protocol::read_envelope(data);
  if (!envelope || envelope->team_slug != from.team_slug) return data;
  envelope->team_slug = to.team_slug;
  return protocol::write_envelope(*envelope);
}

// Inside a transaction. Somebody may have linked the project elsewhere since it was looked at.
Result<void> check_may_adopt(Database& database, const Link& from, const Link& to) {
  PAW_TRY(query, database.statement(kMayAdopt));
  PAW_TRY(may, query->bind(1, from.link_id).bind(2, to.link_id).step());
  if (may) return {};
  return fail(ErrorKind::failed,
              fmt::format("cannot move events from {} at {} to {} at {}: the project's link has changed",
                          from.team_slug, from.server_origin, to.team_slug, to.server_origin),
              "pawprint sync status");
}

Result<std::uint64_t> adopt_some(Database& database, const Link& from, const Link& to) {
  PAW_TRY(allowed, check_may_adopt(database, from, to));
  PAW_TRY(rows, some_waiting(database, from));
  PAW_TRY(adopt, database.statement(kAdopt));
  CounterChanges changes;
  for (Waiting& row : rows) {
    const std::string data = for_team(std::move(row.data), from, to);
    PAW_TRY(adopted, adopt->bind(1, row.id).bind(2, to.link_id).bind(3, data).run());
    changes.add_pending(class_of(from.link_id, {}), -1);
    changes.add_pending(class_of(to.link_id, {}), 1);
    if (row.again) changes.add_again(from.link_id, -1);
  }
  PAW_TRY(counted, changes.write(database));
  return rows.size();
}

Outbox::EarlierLinks& to_destination(std::vector<Outbox::EarlierLinks>& earlier,
                                     const Destination& destination) {
  const auto found = std::ranges::find(earlier, destination, &Outbox::EarlierLinks::destination);
  return found != earlier.end() ? *found : earlier.emplace_back(destination);
}

Result<std::vector<Outbox::EarlierLinks>> ended_links(Database& database, std::string_view project_uuid,
                                                      std::string_view repo_instance) {
  PAW_TRY(query, database.statement(kEnded));
  query->bind(1, project_uuid).bind(2, repo_instance);
  std::vector<Outbox::EarlierLinks> earlier;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return earlier;
    Link link = link_of(query);
    Outbox::EarlierLinks& same = to_destination(earlier, {link.server_origin, link.team_slug});
    same.waiting += static_cast<std::uint64_t>(query->integer(8));
    same.links.push_back(std::move(link));
  }
}

}  // namespace

Result<std::vector<Outbox::EarlierLinks>> Outbox::earlier_links(std::string_view project_uuid,
                                                                std::string_view repo_instance,
                                                                const Overflow& overflow) {
  PAW_TRY(earlier, ended_links(database_, project_uuid, repo_instance));
  for (const auto& [from_and_to, events] : overflow.events) {
    if (from_and_to.link_ended && from_and_to.project_uuid == project_uuid &&
        from_and_to.repo_instance == repo_instance)
      to_destination(earlier, *from_and_to.destination).waiting += events;
  }
  return earlier;
}

Result<std::uint64_t> Outbox::adopt(const Link& from, const Link& to) {
  std::uint64_t adopted = 0;
  const auto some = [&]() -> Result<void> {
    PAW_TRY(rows, adopt_some(database_, from, to));
    adopted = rows;
    failpoint("adopt-before-commit");
    return {};
  };
  PAW_TRY(written, mending([&] { return database_.write(Durability::power, some); }));
  failpoint("adopt-committed");
  return adopted;
}

}  // namespace pawprint::outbox
