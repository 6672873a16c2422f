#include "outbox/counters.h"
#include "outbox/link_rows.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

constexpr std::string_view kActiveLink =
    "SELECT link_id, project_uuid, repo_instance, server_origin, team_id, team_slug, user_id, linked_at FROM "
    "links "
    "WHERE project_uuid = ?1 AND repo_instance = ?2 AND ended_at IS NULL";

bool same_destination(const Link& a, const Link& b) {
  return a.server_origin == b.server_origin && a.team_id == b.team_id && a.user_id == b.user_id;
}

Result<void> end_link(Database& database, std::int64_t link_id, std::int64_t now_ms) {
  PAW_TRY(end, database.statement("UPDATE links SET ended_at = ?2 WHERE link_id = ?1"));
  return end->bind(1, link_id).bind(2, now_ms).run();
}

// An ended link to the same destination, whose rows still wait: it is taken up again, so nothing is stranded
// by ending a link and making it anew.
Result<std::optional<Link>> reopen_link(Database& database, const Link& link) {
  PAW_TRY(query,
          database.statement(
              "SELECT link_id, project_uuid, repo_instance, server_origin, team_id, team_slug, user_id, "
              "linked_at FROM links WHERE project_uuid = ?1 AND repo_instance = ?2 AND server_origin = ?3 "
              "AND team_id = ?4 AND user_id = ?5 ORDER BY link_id DESC LIMIT 1"));
  query->bind(1, link.project_uuid).bind(2, link.repo_instance).bind(3, link.server_origin);
  PAW_TRY(row, query->bind(4, link.team_id).bind(5, link.user_id).step());
  if (!row) return std::nullopt;
  Link reopened = link_of(query);
  PAW_TRY(reopen, database.statement("UPDATE links SET ended_at = NULL WHERE link_id = ?1"));
  PAW_TRY(done, reopen->bind(1, reopened.link_id).run());
  return reopened;
}

Result<std::int64_t> insert_link(Database& database, const Link& link) {
  PAW_TRY(insert, database.statement(
                      "INSERT INTO links(project_uuid, repo_instance, server_origin, team_id, team_slug, "
                      "user_id, linked_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  insert->bind(1, link.project_uuid)
      .bind(2, link.repo_instance)
      .bind(3, link.server_origin)
      .bind(4, link.team_id);
  insert->bind(5, link.team_slug).bind(6, link.user_id).bind(7, link.linked_at_ms);
  PAW_TRY(inserted, insert->run());
  return database.last_insert_rowid();
}

// The one statement that gives rows a destination after they were appended.
constexpr std::string_view kRelease =
    "UPDATE queue SET link_id = ?1 WHERE id IN (SELECT id FROM queue "
    "WHERE link_id IS NULL AND state = 'pending' AND project_uuid = ?2 AND repo_instance = ?3 LIMIT ?4)";
constexpr std::int64_t kReleasedPerTransaction = 256;

Result<std::int64_t> release_some(Database& database, const Link& link) {
  PAW_TRY(release, database.statement(kRelease));
  release->bind(1, link.link_id).bind(2, link.project_uuid).bind(3, link.repo_instance);
  release->bind(4, kReleasedPerTransaction);
  PAW_TRY(done, release->run());
  const std::int64_t rows = database.changes();
  CounterChanges changes;
  changes.add_pending(class_of(std::nullopt, link.project_uuid), -rows);
  changes.add_pending(class_of(link.link_id, link.project_uuid), rows);
  PAW_TRY(counted, changes.write(database));
  return rows;
}

}  // namespace

Link link_of(const LentStatement& row) {
  Link link;
  link.link_id = row->integer(0);
  link.project_uuid = row->text(1);
  link.repo_instance = row->text(2);
  link.server_origin = row->text(3);
  link.team_id = row->text(4);
  link.team_slug = row->text(5);
  link.user_id = row->text(6);
  link.linked_at_ms = row->integer(7);
  return link;
}

Result<std::optional<Link>> find_active_link(Database& database, std::string_view project_uuid,
                                             std::string_view repo_instance) {
  PAW_TRY(query, database.statement(kActiveLink));
  PAW_TRY(row, query->bind(1, project_uuid).bind(2, repo_instance).step());
  if (!row) return std::nullopt;
  return link_of(query);
}

Result<bool> is_linked_elsewhere(Database& database, std::string_view project_uuid,
                                 std::string_view repo_instance) {
  PAW_TRY(query, database.statement("SELECT 1 FROM links WHERE project_uuid = ?1 AND repo_instance <> ?2 "
                                    "AND ended_at IS NULL LIMIT 1"));
  return query->bind(1, project_uuid).bind(2, repo_instance).step();
}

Result<void> note_link_change(Database& database) {
  PAW_TRY(note, database.statement("INSERT INTO meta(key, value) VALUES('link_changes', 1) "
                                   "ON CONFLICT(key, scope) DO UPDATE SET value = value + 1"));
  return note->run();
}

Result<std::optional<Link>> Outbox::active_link(std::string_view project_uuid,
                                                std::string_view repo_instance) {
  return mending([&] { return find_active_link(database_, project_uuid, repo_instance); });
}

Result<bool> Outbox::linked_elsewhere(std::string_view project_uuid, std::string_view repo_instance) {
  return mending([&] { return is_linked_elsewhere(database_, project_uuid, repo_instance); });
}

Result<bool> Outbox::was_ever_linked(std::string_view project_uuid, std::string_view repo_instance) {
  return mending([&]() -> Result<bool> {
    PAW_TRY(query, database_.statement(
                       "SELECT 1 FROM links WHERE project_uuid = ?1 AND repo_instance = ?2 LIMIT 1"));
    return query->bind(1, project_uuid).bind(2, repo_instance).step();
  });
}

Result<std::uint64_t> Outbox::unlinked_pending(std::string_view project_uuid,
                                               std::string_view repo_instance) {
  return mending([&]() -> Result<std::uint64_t> {
    PAW_TRY(query,
            database_.statement("SELECT count(*) FROM queue WHERE link_id IS NULL AND state = 'pending' "
                                "AND project_uuid = ?1 AND repo_instance = ?2"));
    PAW_TRY(row, query->bind(1, project_uuid).bind(2, repo_instance).step());
    return row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
  });
}

Result<std::uint64_t> Outbox::left_behind(const Link& link) {
  PAW_TRY(query,
          database_.statement(
              "SELECT coalesce(sum(c.value), 0) FROM links l JOIN meta c ON c.key = 'pending' AND "
              "c.scope = CAST(l.link_id AS TEXT) WHERE l.project_uuid = ?1 AND l.repo_instance = ?2 "
              "AND l.server_origin = ?3 AND l.team_id = ?4 AND l.user_id = ?5 AND l.ended_at IS NOT NULL"));
  query->bind(1, link.project_uuid).bind(2, link.repo_instance).bind(3, link.server_origin);
  PAW_TRY(row, query->bind(4, link.team_id).bind(5, link.user_id).step());
  return row ? static_cast<std::uint64_t>(query->integer(0)) : 0;
}

Result<std::uint64_t> Outbox::release_unlinked(const Link& link) {
  std::uint64_t released = 0;
  for (std::int64_t rows = kReleasedPerTransaction; rows == kReleasedPerTransaction;) {
    const auto release = [&]() -> Result<void> {
      PAW_TRY(some, release_some(database_, link));
      rows = some;
      return {};
    };
    PAW_TRY(written, mending([&] { return database_.write(Durability::power, release); }));
    released += static_cast<std::uint64_t>(rows);
  }
  return released;
}

Result<Outbox::LinkOutcome> Outbox::make_link(Link link) {
  LinkOutcome outcome;
  PAW_TRY(active, find_active_link(database_, link.project_uuid, link.repo_instance));
  if (active && same_destination(*active, link)) {
    outcome.link = *std::move(active);
    return outcome;
  }
  link.linked_at_ms = environment_->clock->unix_ms();
  if (active) {
    PAW_TRY(ended, end_link(database_, active->link_id, link.linked_at_ms));
  }
  outcome.changed = true;
  PAW_TRY(noted, note_link_change(database_));
  PAW_TRY(reopened, reopen_link(database_, link));
  if (reopened) {
    outcome.link = *std::move(reopened);
    return outcome;
  }
  PAW_TRY(link_id, insert_link(database_, link));
  link.link_id = link_id;
  outcome.link = std::move(link);
  return outcome;
}

Result<Outbox::LinkOutcome> Outbox::link(Link link, bool release) {
  LinkOutcome outcome;
  const auto make = [&]() -> Result<void> {
    PAW_TRY(made, make_link(link));
    outcome = std::move(made);
    return {};
  };
  PAW_TRY(written, mending([&] { return database_.write(Durability::power, make); }));
  if (!release) return outcome;
  PAW_TRY(released, release_unlinked(outcome.link));
  outcome.released = released;
  return outcome;
}

Result<std::optional<Link>> Outbox::unlink(std::string_view project_uuid, std::string_view repo_instance) {
  std::optional<Link> ended;
  const auto end = [&]() -> Result<void> {
    PAW_TRY(active, find_active_link(database_, project_uuid, repo_instance));
    if (!active) return {};
    PAW_TRY(noted, note_link_change(database_));
    PAW_TRY(done, end_link(database_, active->link_id, environment_->clock->unix_ms()));
    ended = std::move(active);
    return {};
  };
  PAW_TRY(written, mending([&] { return database_.write(Durability::power, end); }));
  return ended;
}

}  // namespace pawprint::outbox
