#include "outbox/restored.h"

#include "base/failpoint.h"
#include "base/format.h"
#include "base/sabotage.h"
#include "outbox/link_rows.h"
#include "outbox/move.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kRowsPerTransaction = 256;
// Behind one origin may stand several hubs that answer in turn; they must not be taken for one that is
// restored again and again.
constexpr std::int64_t kEpochsRemembered = 32;

// Scopes of the epochs of a link: "<link_id> <epoch>".
struct EpochScopes {
  explicit EpochScopes(std::int64_t link_id)
      : first(fmt::format("{} ", link_id)), behind(fmt::format("{}!", link_id)) {}
  std::string of(std::string_view epoch) const { return first + std::string(epoch); }
  std::string first, behind;
};

struct Known {
  bool epoch = false;  // it was heard before
  bool any = false;    // some epoch was
};

Result<Known> look_up(Database& database, const EpochScopes& scopes, std::string_view epoch) {
  PAW_TRY(query, database.statement("SELECT count(*), coalesce(max(scope = ?3), 0) FROM meta "
                                    "WHERE key = 'epoch' AND scope >= ?1 AND scope < ?2"));
  PAW_TRY(row, query->bind(1, scopes.first).bind(2, scopes.behind).bind(3, scopes.of(epoch)).step());
  if (!row) return Known{};
  return Known{.epoch = query->integer(1) != 0, .any = query->integer(0) > 0};
}

Result<void> remember(Database& database, const EpochScopes& scopes, std::string_view epoch,
                      std::int64_t now_ms) {
  PAW_TRY(insert, database.statement("INSERT INTO meta(key, scope, value) VALUES('epoch', ?1, ?2) "
                                     "ON CONFLICT(key, scope) DO NOTHING"));
  PAW_TRY(inserted, insert->bind(1, scopes.of(epoch)).bind(2, now_ms).run());
  PAW_TRY(forget, database.statement("DELETE FROM meta WHERE key = 'epoch' AND scope IN (SELECT scope FROM "
                                     "meta WHERE key = 'epoch' AND scope >= ?1 AND scope < ?2 "
                                     "ORDER BY value DESC LIMIT -1 OFFSET ?3)"));
  return forget->bind(1, scopes.first).bind(2, scopes.behind).bind(3, kEpochsRemembered).run();
}

Result<void> note_restored(Database& database, std::int64_t link_id, std::int64_t now_ms) {
  PAW_TRY(due, put_link_value(database, "again_due", link_id, 1));
  PAW_TRY(when, put_link_value(database, "restored", link_id, now_ms));
  PAW_TRY(count, link_value(database, "forgotten", link_id));
  PAW_TRY(until, link_value(database, "forgotten_until", link_id));
  PAW_TRY(counted, put_link_value(database, "not_kept", link_id, count));
  return put_link_value(database, "not_kept_until", link_id, until);
}

Result<std::vector<std::int64_t>> sent_rows_of(Database& database, std::int64_t link_id) {
  PAW_TRY(query, database.statement("SELECT id FROM queue WHERE state = 'sent' AND link_id = ?1 "
                                    "ORDER BY settled_at DESC LIMIT ?2"));
  query->bind(1, link_id).bind(2, std::int64_t{kRowsPerTransaction});
  std::vector<std::int64_t> ids;
  for (;;) {
    PAW_TRY(there, query->step());
    if (!there) return ids;
    ids.push_back(query->integer(0));
  }
}

// False: that were the last of them.
Result<bool> put_back_some(Database& database, std::int64_t link_id, std::int64_t now_ms) {
  PAW_TRY(ids, sent_rows_of(database, link_id));
  CounterChanges changes;
  for (const std::int64_t id : ids) {
    PAW_TRY(moved, move_row(database, {id, RowState::pending, std::string(kSentAgain)}, now_ms, changes));
  }
  PAW_TRY(counted, changes.write(database));
  const bool more = ids.size() == kRowsPerTransaction;
  if (!more) {
    PAW_TRY(done, drop_link_value(database, "again_due", link_id));
  }
  failpoint("again-before-commit");
  return more;
}

Result<Restored> restored_of(Database& database, std::int64_t link_id) {
  Restored restored;
  PAW_TRY(again, link_value(database, "again", link_id));
  restored.again = static_cast<std::uint64_t>(again);
  PAW_TRY(not_kept, link_value(database, "not_kept", link_id));
  restored.not_kept = static_cast<std::uint64_t>(not_kept);
  PAW_TRY(until, link_value(database, "not_kept_until", link_id));
  if (until > 0) restored.not_kept_until_ms = until;
  return restored;
}

}  // namespace

Result<std::vector<Link>> Outbox::heard_links() {
  return mending([&]() -> Result<std::vector<Link>> {
    PAW_TRY(query, database_.statement(
                       "SELECT link_id, project_uuid, repo_instance, server_origin, team_id, team_slug, "
                       "user_id, linked_at FROM links l WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM "
                       "meta WHERE key = 'epoch' AND scope >= l.link_id || ' ' AND scope < l.link_id || '!') "
                       "ORDER BY link_id"));
    std::vector<Link> links;
    for (;;) {
      PAW_TRY(row, query->step());
      if (!row) return links;
      links.push_back(link_of(query));
    }
  });
}

Result<void> Outbox::note_epoch(const Link& link, std::string_view epoch) {
  const EpochScopes scopes(link.link_id);
  PAW_TRY(known, look_up(database_, scopes, epoch));
  if (known.epoch) return {};
  const std::int64_t now_ms = environment_->clock->unix_ms();
  PAW_TRY(written, database_.write(Durability::power, [&]() -> Result<void> {
    PAW_TRY(remembered, remember(database_, scopes, epoch, now_ms));
    if (known.any && !sabotaged("epoch-before-its-rows")) {
      PAW_TRY(noted, note_restored(database_, link.link_id, now_ms));
    }
    failpoint("epoch-before-commit");
    return {};
  }));
  failpoint("epoch-committed");
  if (!known.any || !sabotaged("epoch-before-its-rows")) return {};
  return database_.write(Durability::power, [&] { return note_restored(database_, link.link_id, now_ms); });
}

Result<void> Outbox::put_back_sent(const Link& link) {
  for (bool more = true; more;) {
    PAW_TRY(written, database_.write(Durability::power, [&]() -> Result<void> {
      PAW_TRY(some, put_back_some(database_, link.link_id, environment_->clock->unix_ms()));
      more = some;
      return {};
    }));
    failpoint("again-committed");
  }
  return {};
}

Result<std::optional<Restored>> Outbox::hear_epoch(const Link& link, std::string_view epoch) {
  return mending([&]() -> Result<std::optional<Restored>> {
    PAW_TRY(noted, note_epoch(link, epoch));
    PAW_TRY(due, link_value(database_, "again_due", link.link_id));
    if (due == 0) return std::nullopt;
    PAW_TRY(put_back, put_back_sent(link));
    PAW_TRY(restored, restored_of(database_, link.link_id));
    return restored;
  });
}

}  // namespace pawprint::outbox
