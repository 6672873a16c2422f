#include "outbox/salvage.h"

#include <set>

#include "base/counted.h"
#include "base/failpoint.h"
#include "base/format.h"
#include "base/ulid.h"
#include "outbox/carried_rows.h"
#include "outbox/counters.h"
#include "outbox/event_names.h"
#include "outbox/salvage_report.h"
#include "outbox/schema.h"
#include "sqlite/wal_frames.h"

namespace pawprint::outbox {
namespace {

// Complete and synced when it has this name, so that an interrupted salvage is finished and not repeated.
constexpr std::string_view kMade = "outbox.db.salvaged";
constexpr std::string_view kInTheMaking = "outbox.db.salvaging";

constexpr std::string_view kInsertRow =
    "INSERT INTO queue(event_id, lamport, link_id, project_uuid, state, reason, attempts, queued_at, "
    "settled_at, "
    "data, id, repo_instance) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
constexpr std::string_view kInsertLink =
    "INSERT INTO links(link_id, project_uuid, repo_instance, server_origin, team_id, team_slug, user_id, "
    "linked_at, "
    "ended_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

Result<void> write_meta(Database& database, std::string_view key, std::string_view scope,
                        std::int64_t value) {
  PAW_TRY(insert, database.statement("INSERT INTO meta(key, scope, value) VALUES(?1, ?2, ?3)"));
  return insert->bind(1, key).bind(2, scope).bind(3, value).run();
}

// Ids stay, since a delivery under way settles by id; where two rows claim one, the second gets another.
Result<void> write_rows(Database& database, const Carried& carried) {
  CounterChanges counters;
  std::set<std::int64_t> used;
  std::int64_t sent = 0;
  std::int64_t high_water = 0;
  for (const auto& [event_id, row] : carried.rows) {
    PAW_TRY(insert, database.statement(kInsertRow));
    insert->bind(1, event_id).bind(2, row.lamport).bind(3, row.link_id).bind(4, row.project_uuid);
    insert->bind(5, name_of(row.state)).bind(6, row.reason).bind(7, row.attempts).bind(8, row.queued_at);
    insert->bind(9, row.settled_at).bind(10, row.data);
    insert->bind(11, used.insert(row.id).second ? std::optional(row.id) : std::nullopt);
    insert->bind(12, row.repo_instance);
    PAW_TRY(inserted, insert->run());
    if (row.state == RowState::pending) counters.add_pending(class_of(row.link_id, row.project_uuid), 1);
    if (row.state == RowState::pending && row.reason && row.link_id) counters.add_again(*row.link_id, 1);
    if (row.state == RowState::parked) counters.add_parked(row.reason.value_or(""), 1);
    if (row.state == RowState::sent) ++sent;
    high_water = std::max(high_water, row.lamport);
  }
  PAW_TRY(counted, counters.write(database));
  auto meta = carried.meta;
  meta["high_water"] = std::max(meta["high_water"], high_water);
  meta["sent_rows"] = sent;
  for (const auto& [key, value] : meta) {
    PAW_TRY(written, write_meta(database, key, "", value));
  }
  for (const auto& [key_and_scope, value] : carried.link_meta) {
    PAW_TRY(written, write_meta(database, key_and_scope.first, key_and_scope.second, value));
  }
  return {};
}

// The youngest link of an instance is its active one; an older one that seems active ended when that began.
Result<void> write_links(Database& database, const Carried& carried) {
  std::map<std::pair<std::string, std::string>, std::int64_t> followed_at;
  for (auto found = carried.links.rbegin(); found != carried.links.rend(); ++found) {
    const Link& link = found->second.link;
    std::optional<std::int64_t> ended_at = found->second.ended_at;
    const std::pair instance(link.project_uuid, link.repo_instance);
    if (!ended_at && followed_at.contains(instance)) ended_at = followed_at[instance];
    followed_at[instance] = link.linked_at_ms;
    PAW_TRY(insert, database.statement(kInsertLink));
    insert->bind(1, link.link_id).bind(2, link.project_uuid).bind(3, link.repo_instance);
    insert->bind(4, link.server_origin).bind(5, link.team_id).bind(6, link.team_slug).bind(7, link.user_id);
    insert->bind(8, link.linked_at_ms).bind(9, ended_at);
    PAW_TRY(inserted, insert->run());
  }
  return {};
}

Result<void> remove_with_companions(Disk& disk, const Path& file) {
  for (const std::string_view suffix : kFilesOfOne) {
    PAW_TRY(removed, disk.remove(beside(file, suffix)));
  }
  return {};
}

Result<void> fill(const Path& file, const Path& home, const Environment& environment,
                  const Carried& carried) {
  Disk& disk = *environment.disk;
  PAW_TRY(connection, open_database(disk, file, sqlite::Access::read_write));
  if (!connection) return fail(ErrorKind::io, fmt::format("cannot use {}: it has no tables", file.string()));
  PAW_TRY(durable, connection->execute("PRAGMA synchronous = FULL"));
  {
    Database database(*std::move(connection), environment, home, {});
    PAW_TRY(begin, database.statement("BEGIN IMMEDIATE"));
    PAW_TRY(begun, begin->run());
    PAW_TRY(links, write_links(database, carried));
    PAW_TRY(rows, write_rows(database, carried));
    PAW_TRY(commit, database.statement("COMMIT"));
    PAW_TRY(committed, commit->run());
  }
  // Into one file, which one rename puts into place.
  PAW_TRY(whole, sqlite::Connection::open(file, sqlite::Access::read_write));
  PAW_TRY(kept, whole.no_checkpoint_on_close());
  PAW_TRY(read, whole.execute("SELECT count(*) FROM sqlite_schema"));  // a checkpoint sees the WAL only then
  PAW_TRY(emptied, whole.checkpoint_truncate());
  PAW_TRY(wal, disk.status(beside(file, "-wal")));
  if (!wal || wal->size_bytes == 0) return {};
  return fail(ErrorKind::io, fmt::format("cannot complete {}: its WAL stays", file.string()));
}

Result<void> make_database(const Environment& environment, const Path& home, const Carried& carried) {
  Disk& disk = *environment.disk;
  const Path file = home / kInTheMaking;
  PAW_TRY(no_leftover, remove_with_companions(disk, file));
  PAW_TRY(created, create_database(disk, file));
  PAW_TRY(filled, fill(file, home, environment, carried));
  PAW_TRY(no_wal, disk.remove(beside(file, "-wal")));
  PAW_TRY(no_shm, disk.remove(beside(file, "-shm")));
  PAW_TRY(no_journal, disk.remove(beside(file, "-journal")));
  failpoint("salvage-carried-over");
  PAW_TRY(named, disk.rename(file, home / kMade));
  failpoint("salvage-made");
  return disk.sync_directory(home);
}

// From the first rename on, outbox.db is missing: the sign that what has been made is to be put there. No old
// WAL or journal may stand beside it.
Result<void> put_in_place(Disk& disk, const Path& home, const Path& set_aside) {
  for (const std::string_view suffix : kFilesOfOne) {
    const Path from = beside(home / kDatabase, suffix);
    PAW_TRY(there, disk.status(from));
    if (!there) continue;
    PAW_TRY(moved, disk.rename(from, beside(set_aside, suffix)));
    failpoint("salvage-set-aside");
    PAW_TRY(synced, disk.sync_directory(home));
  }
  PAW_TRY(placed, disk.rename(home / kMade, home / kDatabase));
  failpoint("salvage-placed");
  return disk.sync_directory(home);
}

Path new_name(const Environment& environment, const Path& home) {
  UlidGenerator ulids(*environment.clock, *environment.random);
  return home / fmt::format("{}.corrupt-{}", kDatabase, ulids.next());
}

std::string report_of(const Path& home, const Path& set_aside, const Carried& carried) {
  std::string report =
      fmt::format("{} was damaged and is now {}; carried over: {} and {}", (home / kDatabase).string(),
                  set_aside.filename().string(), counted(carried.rows.size(), "event"),
                  counted(carried.links.size(), "link"));
  if (carried.rows.empty() && carried.lost_events.empty()) {
    report += ", what else it held cannot be read";
  } else if (carried.lost_events.empty()) {
    report += ", no event that it names is missing";
  } else {
    report += ", could not be read: " + counted_and_named(carried.lost_events);
  }
  if (carried.lost_links > 0)
    report +=
        fmt::format("; lost: {}, whose events have no destination", counted(carried.lost_links, "link"));
  return report;
}

// As what was damaged was to be named; it is, in part. Its report is the last one.
Result<Path> name_of_interrupted(const Environment& environment, const Path& home) {
  PAW_TRY(reports, read_salvage_reports(*environment.disk, home));
  if (!reports.empty()) return home / reports.back().set_aside;
  Path name = new_name(environment, home);
  PAW_TRY(added,
          add_salvage_report(
              *environment.disk, home,
              {name.filename().string(),
               fmt::format("{} was damaged; what was carried over before an interruption is now in use",
                           (home / kDatabase).string())}));
  return name;
}

Result<bool> is_damaged(const Path& file) {
  auto connection = sqlite::Connection::open(file, sqlite::Access::read_write);
  if (!connection) return std::unexpected(std::move(connection).error());
  PAW_TRY(kept, connection->no_checkpoint_on_close());
  const auto read = connection->execute("SELECT count(*) FROM sqlite_schema");
  return !read && connection->damaged();
}

}  // namespace

Result<void> salvage(const Environment& environment, const Path& home) {
  Disk& disk = *environment.disk;
  PAW_TRY(database, read_file(disk, home / kDatabase));
  PAW_TRY(wal, read_file(disk, beside(home / kDatabase, "-wal")));
  const Carried carried = read_carried(database.value_or(""), wal.value_or(""));
  PAW_TRY(stale, disk.remove(home / kMade));
  const Path set_aside = new_name(environment, home);
  PAW_TRY(added, add_salvage_report(disk, home,
                                    {set_aside.filename().string(), report_of(home, set_aside, carried)}));
  PAW_TRY(made, make_database(environment, home, carried));
  return put_in_place(disk, home, set_aside);
}

Result<bool> is_salvage_to_be_finished(Disk& disk, const Path& home) {
  PAW_TRY(database, disk.status(home / kDatabase));
  if (database) return false;
  PAW_TRY(made, disk.status(home / kMade));
  return made.has_value();
}

Result<void> refuse_unfinished_salvage(Disk& disk, const Path& home) {
  PAW_TRY(interrupted, is_salvage_to_be_finished(disk, home));
  if (!interrupted) return {};
  return fail(ErrorKind::io,
              fmt::format("cannot use {}: it was set aside as damaged, and who opens it next puts what was "
                          "carried over in its place",
                          (home / kDatabase).string()),
              "pawprint sync now");
}

Result<void> salvage_if_damaged(const Environment& environment, const Path& home) {
  Disk& disk = *environment.disk;
  PAW_TRY(files, check_are_files(disk, home / kDatabase));
  PAW_TRY(interrupted, is_salvage_to_be_finished(disk, home));
  if (interrupted) {
    PAW_TRY(set_aside, name_of_interrupted(environment, home));
    return put_in_place(disk, home, set_aside);
  }
  PAW_TRY(database, disk.status(home / kDatabase));
  PAW_TRY(cut, sqlite::is_cut_to_its_wal(disk, home / kDatabase));
  PAW_TRY(of_wal, sqlite::wal_damage(disk, home / kDatabase));
  bool damaged = cut || of_wal;
  if (!damaged && database && database->size_bytes > 0) {
    PAW_TRY(unusable, is_damaged(home / kDatabase));
    damaged = unusable;
  }
  return damaged ? salvage(environment, home) : Result<void>();
}

}  // namespace pawprint::outbox
