#include <algorithm>

#include "outbox/counters.h"
#include "outbox/link_rows.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {
namespace {

Result<void> count_rows(Database& database, Outbox::Snapshot& snapshot) {
  PAW_TRY(totals, database.statement("SELECT coalesce(sum(value) FILTER (WHERE key = 'pending'), 0), "
                                     "coalesce(sum(value) FILTER (WHERE key = 'unlinked'), 0), "
                                     "coalesce(sum(value) FILTER (WHERE key = 'again'), 0), "
                                     "coalesce(sum(value) FILTER (WHERE key = 'pending' AND scope IN "
                                     "(SELECT CAST(link_id AS TEXT) FROM links WHERE ended_at IS NOT NULL)), "
                                     "0) FROM meta"));
  PAW_TRY(counted, totals->step());
  snapshot.pending = static_cast<std::uint64_t>(totals->integer(0));
  snapshot.unlinked = static_cast<std::uint64_t>(totals->integer(1));
  snapshot.again = static_cast<std::uint64_t>(totals->integer(2));
  snapshot.ended = static_cast<std::uint64_t>(totals->integer(3));
  return {};
}

// The words stand in the scope, behind the link.
Result<std::vector<Outbox::Failure>> failures_of(Database& database) {
  PAW_TRY(query,
          database.statement(
              "SELECT l.link_id, l.project_uuid, l.repo_instance, l.server_origin, l.team_id, l.team_slug, "
              "l.user_id, l.linked_at, f.key, substr(f.scope, length(l.link_id) + 2), f.value FROM meta f "
              "JOIN links l ON l.link_id = CAST(f.scope AS INTEGER) JOIN meta c ON c.key = 'pending' AND "
              "c.scope = CAST(l.link_id AS TEXT) WHERE f.key IN ('failed', 'signed_out') AND "
              "l.ended_at IS NULL AND c.value > 0 ORDER BY f.value DESC, l.link_id"));
  std::vector<Outbox::Failure> failures;
  for (;;) {
    PAW_TRY(row, query->step());
    if (!row) return failures;
    const auto by = query->view(8) == "failed" ? Outbox::FailedBy::delivery : Outbox::FailedBy::sign_in;
    failures.push_back({link_of(query), by, query->text(9), query->integer(10)});
  }
}

Result<void> look_at_deliverable_rows(Database& database, std::span<const SessionKey> sessions,
                                      std::int64_t now_ms, Outbox::Snapshot& snapshot) {
  PAW_TRY(query, database.statement(
                     "SELECT coalesce(sum(c.value), 0), (SELECT coalesce(max(value), 0) FROM meta "
                     "WHERE key = 'asked_to_wait' AND scope = ?1) FROM links l JOIN meta c ON c.key = "
                     "'pending' AND c.scope = CAST(l.link_id AS TEXT) WHERE l.ended_at IS NULL "
                     "AND l.server_origin = ?1 AND l.team_id = ?2 AND l.user_id = ?3"));
  bool all_wait = true;
  for (const SessionKey& session : sessions) {
    PAW_TRY(row, query->bind(1, session.origin).bind(2, session.team_id).bind(3, session.user_id).step());
    const auto rows = static_cast<std::uint64_t>(row ? query->integer(0) : 0);
    const std::int64_t until_ms = row ? query->integer(1) : 0;
    query->reset();
    snapshot.sendable += rows;
    if (rows == 0) continue;
    all_wait = all_wait && until_ms > now_ms;
    if (!snapshot.wait || until_ms < snapshot.wait->until_ms) snapshot.wait = {session.origin, until_ms};
  }
  if (!all_wait) snapshot.wait.reset();
  return {};
}

Result<std::vector<Outbox::ParkedReason>> parked_reasons(Database& database) {
  PAW_TRY(query, database.statement("SELECT scope, value FROM meta WHERE key = 'parked'"));
  std::vector<Outbox::ParkedReason> reasons;
  for (;;) {
    PAW_TRY(row, query->step());
    if (!row) return reasons;
    reasons.push_back({query->text(0), static_cast<std::uint64_t>(query->integer(1))});
  }
}

// The lowest Lamport value of a link was queued first, so one row a link is looked at, not the whole queue.
Result<std::optional<std::int64_t>> oldest_row(Database& database) {
  PAW_TRY(links,
          database.statement("SELECT CAST(scope AS INTEGER) FROM meta WHERE key = 'pending' AND value > 0 "
                             "UNION SELECT 0 FROM meta WHERE key = 'unlinked' AND value > 0"));
  PAW_TRY(first, database.statement("SELECT queued_at FROM queue WHERE state = 'pending' AND link_id IS ?1 "
                                    "ORDER BY lamport, event_id LIMIT 1"));
  std::optional<std::int64_t> oldest;
  for (;;) {
    PAW_TRY(link, links->step());
    if (!link) return oldest;
    const std::int64_t link_id = links->integer(0);
    PAW_TRY(row, first->bind(1, link_id == kNoLink ? std::nullopt : std::optional(link_id)).step());
    if (row) oldest = std::min(oldest.value_or(first->integer(0)), first->integer(0));
    first->reset();
  }
}

Result<std::vector<Outbox::RestoredHub>> restored_hubs(Database& database, std::int64_t since_ms) {
  PAW_TRY(query,
          database.statement(
              "SELECT l.server_origin, l.team_slug, max(r.value), sum(coalesce(a.value, 0)) AS again, "
              "sum(n.value), max(u.value) FROM meta r JOIN links l ON l.link_id = CAST(r.scope AS INTEGER) "
              "LEFT JOIN meta a ON a.key = 'again' AND a.scope = r.scope "
              "LEFT JOIN meta n ON n.key = 'not_kept' AND n.scope = r.scope "
              "LEFT JOIN meta u ON u.key = 'not_kept_until' AND u.scope = r.scope "
              "WHERE r.key = 'restored' AND l.ended_at IS NULL GROUP BY l.server_origin, l.team_id "
              "HAVING again > 0 OR max(r.value) >= ?1 ORDER BY l.server_origin, l.team_slug"));
  query->bind(1, since_ms);
  std::vector<Outbox::RestoredHub> hubs;
  for (;;) {
    PAW_TRY(row, query->step());
    if (!row) return hubs;
    Outbox::RestoredHub hub{{query->text(0), query->text(1)}, query->integer(2), {}};
    hub.events.again = static_cast<std::uint64_t>(query->integer(3));
    hub.events.not_kept = static_cast<std::uint64_t>(query->integer(4));
    if (query->integer(5) > 0) hub.events.not_kept_until_ms = query->integer(5);
    hubs.push_back(std::move(hub));
  }
}

Result<std::optional<std::int64_t>> last_delivery(Database& database) {
  PAW_TRY(query, database.statement("SELECT value FROM meta WHERE key = 'last_delivery_ms'"));
  PAW_TRY(row, query->step());
  if (!row) return std::nullopt;
  return query->integer(0);
}

constexpr std::string_view kAskedToWait = "SELECT value FROM meta WHERE key = 'asked_to_wait' AND scope = ?1";
constexpr std::string_view kAskToWait =
    "INSERT INTO meta(key, scope, value) VALUES('asked_to_wait', ?1, ?2) "
    "ON CONFLICT(key, scope) DO UPDATE SET value = excluded.value";
constexpr std::string_view kWaitNoMore = "DELETE FROM meta WHERE key = 'asked_to_wait' AND scope = ?1";
constexpr std::string_view kHasFailed =
    "SELECT 1 FROM meta WHERE key IN ('failed', 'signed_out') AND scope > ?1 || ' ' AND scope < ?1 || '!'";
constexpr std::string_view kForgetFailure =
    "DELETE FROM meta WHERE key IN ('failed', 'signed_out') AND scope > ?1 || ' ' AND scope < ?1 || '!'";
constexpr std::string_view kKeepFailure =
    "INSERT INTO meta(key, scope, value) VALUES(?1, ?2 || ' ' || ?3, ?4)";

Result<void> forget_failure(Database& database, const Link& link) {
  PAW_TRY(forget, database.statement(kForgetFailure));
  return forget->bind(1, link.link_id).run();
}

}  // namespace

Result<void> Outbox::note_wait(std::string_view origin, std::int64_t until_ms) {
  return mending([&]() -> Result<void> {
    PAW_TRY(query, database_.statement(kAskedToWait));
    PAW_TRY(asked, query->bind(1, origin).step());
    if ((asked ? query->integer(0) : 0) == until_ms) return {};
    query->reset();
    return database_.write(Durability::process, [&]() -> Result<void> {
      PAW_TRY(note, database_.statement(until_ms > 0 ? kAskToWait : kWaitNoMore));
      note->bind(1, origin);
      if (until_ms > 0) note->bind(2, until_ms);
      return note->run();
    });
  });
}

Result<void> Outbox::note_failure(const Link& link, FailedBy by, std::string_view why) {
  return mending([&] {
    return database_.write(Durability::process, [&]() -> Result<void> {
      PAW_TRY(forgotten, forget_failure(database_, link));
      PAW_TRY(keep, database_.statement(kKeepFailure));
      keep->bind(1, by == FailedBy::delivery ? "failed" : "signed_out").bind(2, link.link_id);
      return keep->bind(3, why).bind(4, environment_->clock->unix_ms()).run();
    });
  });
}

Result<void> Outbox::note_success(const Link& link) {
  return mending([&]() -> Result<void> {
    PAW_TRY(failed, database_.statement(kHasFailed));
    PAW_TRY(has, failed->bind(1, link.link_id).step());
    if (!has) return {};
    failed->reset();
    return database_.write(Durability::process, [&] { return forget_failure(database_, link); });
  });
}

Result<Outbox::Snapshot> Outbox::snapshot(std::span<const SessionKey> sessions) {
  return mending([&]() -> Result<Snapshot> {
    Snapshot snapshot;
    PAW_TRY(counted, count_rows(database_, snapshot));
    PAW_TRY(looked, look_at_deliverable_rows(database_, sessions, environment_->clock->unix_ms(), snapshot));
    PAW_TRY(failures, failures_of(database_));
    snapshot.failures = std::move(failures);
    PAW_TRY(parked, parked_reasons(database_));
    snapshot.parked = std::move(parked);
    PAW_TRY(restored, restored_hubs(database_, environment_->clock->unix_ms() - kKeepSentMs));
    snapshot.restored = std::move(restored);
    PAW_TRY(oldest, oldest_row(database_));
    snapshot.oldest_queued_at_ms = oldest;
    PAW_TRY(delivered, last_delivery(database_));
    snapshot.last_delivery_ms = delivered;
    return snapshot;
  });
}

}  // namespace pawprint::outbox
