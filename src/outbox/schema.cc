#include "outbox/schema.h"

#include <array>

#include "base/format.h"
#include "base/sabotage.h"
#include "base/shell_word.h"
#include "sqlite/wal_frames.h"

namespace pawprint::outbox {
namespace {

// meta holds single values, with an empty scope, and counters: `pending` for each link (its id is the scope),
// `unlinked` for each project with rows that have none, `parked` for each reason. A counter's `mark` is the
// highest Lamport value that was appended to its class, so that an append changes one row; the highest of all
// and of `high_water`, which a salvage writes, is the high-water mark. settled_at: when a row became
// `sent`; from then on its 72 hours run. An append pays for no index but the unique one and queue_pending.
constexpr std::string_view kTables = R"sql(
CREATE TABLE meta(
  key TEXT NOT NULL, scope TEXT NOT NULL DEFAULT '', value INTEGER NOT NULL, mark INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(key, scope)) WITHOUT ROWID;
CREATE TABLE links(
  link_id INTEGER PRIMARY KEY, project_uuid TEXT NOT NULL, repo_instance TEXT NOT NULL, server_origin TEXT NOT NULL,
  team_id TEXT NOT NULL, team_slug TEXT NOT NULL, user_id TEXT NOT NULL, linked_at INTEGER NOT NULL, ended_at INTEGER);
CREATE UNIQUE INDEX links_active ON links(project_uuid, repo_instance) WHERE ended_at IS NULL;
CREATE TABLE queue(
  id INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, lamport INTEGER NOT NULL, link_id INTEGER, project_uuid TEXT,
  state TEXT NOT NULL, reason TEXT, attempts INTEGER NOT NULL DEFAULT 0, queued_at INTEGER NOT NULL,
  settled_at INTEGER, data TEXT NOT NULL, repo_instance TEXT);
CREATE INDEX queue_pending ON queue(link_id, lamport, event_id) WHERE state = 'pending';
CREATE INDEX queue_parked ON queue(link_id, project_uuid) WHERE state = 'parked';
CREATE INDEX queue_sent ON queue(settled_at) WHERE state = 'sent';
CREATE VIEW sendable AS
  SELECT q.id, q.event_id, q.lamport, q.link_id, q.data, l.server_origin, l.team_id, l.user_id
  FROM links l JOIN queue q ON q.link_id = l.link_id
  WHERE q.state = 'pending' AND l.ended_at IS NULL;
PRAGMA user_version = 1;
)sql";

// There is no PRAGMA wal_autocheckpoint: the connection's WAL hook has taken the place of SQLite's automatic
// checkpoint, which must never run outside home.lock.
Result<void> set_up(sqlite::Connection& connection) {
  PAW_TRY(closing, connection.no_checkpoint_on_close());
  connection.busy_timeout_ms(kForeignLockWaitMs);
  return connection.execute("PRAGMA secure_delete = OFF");
}

Result<std::int64_t> schema_version(sqlite::Connection& connection) {
  PAW_TRY(statement, connection.prepare("PRAGMA user_version"));
  PAW_TRY(row, statement.step());
  return row ? statement.integer(0) : 0;
}

Result<std::string> first_text(sqlite::Connection& connection, std::string_view sql) {
  PAW_TRY(statement, connection.prepare(sql));
  PAW_TRY(row, statement.step());
  return row ? statement.text(0) : std::string();
}

Result<bool> may_have_wal(Disk& disk, const Path& file) {
  PAW_TRY(file_system, disk.file_system(file));
  return file_system.one_kernel || sabotaged("wal-on-nfs");
}

Result<void> leave_wal(sqlite::Connection& connection, const Path& file) {
  PAW_TRY(mode, first_text(connection, "PRAGMA journal_mode = TRUNCATE"));
  if (mode == "truncate") return {};
  return fail(ErrorKind::busy,
              fmt::format("cannot use {} without a WAL, as its file system needs: another "
                          "program has it open",
                          file.string()),
              "pawprint doctor");
}

constexpr std::array<std::string_view, 3> kOurTables = {
    "SELECT event_id FROM queue", "SELECT link_id FROM links", "SELECT scope FROM meta"};

// Of ours. What keeps SQLite from looking says nothing of whose database it is.
Result<std::size_t> known_tables(sqlite::Connection& connection) {
  std::size_t known = 0;
  for (const std::string_view sql : kOurTables) {
    PAW_TRY(there, connection.can_prepare(sql));
    if (there) ++known;
  }
  return known;
}

// By what their names end in.
constexpr std::array<std::string_view, 4> kFilesOfOne = {"", "-wal", "-shm", "-journal"};

Path free_name(Disk& disk, const Path& wanted) {
  Path name = wanted;
  for (int number = 2;; ++number) {
    const auto there = disk.status(name);
    if (!there || !*there) return name;
    name = fmt::format("{}-{}", wanted.string(), number);
  }
}

std::unexpected<Error> foreign(Disk& disk, const Path& file) {
  std::string files;
  for (const std::string_view suffix : kFilesOfOne) {
    const Path each = file.string() + std::string(suffix);
    const auto there = disk.status(each);
    if (there && *there) files += shell_word(each.string()) + " ";
  }
  const std::string folder = shell_word(free_name(disk, file.string() + ".other").string());
  return fail(
      ErrorKind::failed,
      fmt::format("cannot use {}: it is another program's database, and is left as it is", file.string()),
      fmt::format("mkdir {0} && mv {1}{0}", folder, files));
}

// Nothing is in a database whose format is 0, unless somebody else made it. Tables and format come in one
// commit, which may be made between the two looks.
Result<void> check_is_empty(Disk& disk, const Path& file, sqlite::Connection& connection) {
  PAW_TRY(tables, connection.prepare("SELECT count(*) FROM sqlite_schema"));
  PAW_TRY(counted, tables.step());
  if (tables.integer(0) == 0) return {};
  PAW_TRY(version, schema_version(connection));
  if (version != 0) return {};
  return foreign(disk, file);
}

Result<void> make_tables(sqlite::Connection& connection) {
  PAW_TRY(transaction, sqlite::Transaction::begin(connection));
  PAW_TRY(tables, connection.execute(kTables));
  return transaction.commit();
}

}  // namespace

void leave_failed_wal(sqlite::Connection& connection) {
  if (sabotaged("failed-sync-forgotten")) return;
  if (auto emptied = connection.checkpoint_truncate(); !emptied) return;
}

Result<void> create_database(Disk& disk, const Path& file) {
  PAW_TRY(created, disk.open(file, OpenMode::create, 0600));
  created.reset();
  PAW_TRY(connection, sqlite::Connection::open(file, sqlite::Access::read_write));
  PAW_TRY(ready, set_up(connection));
  PAW_TRY(version, schema_version(connection));
  if (version == 0) {
    PAW_TRY(empty, check_is_empty(disk, file, connection));
  }
  PAW_TRY(wal, may_have_wal(disk, file));
  if (!wal) {
    PAW_TRY(left, leave_wal(connection, file));
  }
  if (version != 0) return {};
  PAW_TRY(durable, connection.execute("PRAGMA synchronous = FULL"));
  if (wal) {
    PAW_TRY(mode, connection.execute("PRAGMA journal_mode = WAL"));
  }
  if (auto made = make_tables(connection); !made) {
    leave_failed_wal(connection);
    return made;
  }
  // So that a WAL that is gone never takes the tables along.
  if (wal) {
    PAW_TRY(moved, connection.checkpoint_in_place());
  }
  return disk.sync_directory(file.parent_path());
}

Result<void> check_are_files(Disk& disk, const Path& file) {
  for (const std::string_view suffix : kFilesOfOne) {
    const Path each = file.string() + std::string(suffix);
    PAW_TRY(there, disk.status(each));
    if (!there || there->is_file) continue;
    PAW_TRY(refused, disk.open(each, OpenMode::read));
  }
  return {};
}

Result<void> check_is_ours(Disk& disk, const Path& file, sqlite::Connection& connection) {
  PAW_TRY(known, known_tables(connection));
  if (known == kOurTables.size()) return {};
  if (known == 0) return foreign(disk, file);
  connection.note_damage();
  return fail(ErrorKind::io, fmt::format("cannot use {}: not all of its tables are there", file.string()));
}

namespace {

using Opened = Result<std::optional<sqlite::Connection>>;

Opened open_database_as(Disk& disk, const Path& file, sqlite::Access access) {
  PAW_TRY(files, check_are_files(disk, file));
  PAW_TRY(cut, sqlite::is_cut_to_its_wal(disk, file));
  if (cut) {
    return fail(ErrorKind::io,
                fmt::format("cannot use {}: it is cut off, and only its WAL has events", file.string()));
  }
  PAW_TRY(connection, sqlite::Connection::open(file, access));
  if (access == sqlite::Access::unchanging) {
    PAW_TRY(alone, connection.execute("PRAGMA locking_mode = EXCLUSIVE"));
  }
  PAW_TRY(ready, set_up(connection));
  PAW_TRY(version, schema_version(connection));
  if (version == 0) {
    PAW_TRY(empty, check_is_empty(disk, file, connection));
    return std::nullopt;
  }
  if (version != kSchemaVersion) {
    PAW_TRY(known, known_tables(connection));
    if (known == 0) return foreign(disk, file);
    return fail(ErrorKind::failed,
                fmt::format("cannot use {}: its format is {}, and this program knows formats up to {}",
                            file.string(), version, kSchemaVersion),
                "pawprint --version");
  }
  PAW_TRY(wal, may_have_wal(disk, file));
  if (wal) return std::optional(std::move(connection));
  PAW_TRY(mode, first_text(connection, "PRAGMA journal_mode"));
  if (mode != "wal") {  // each connection has to be told, since the file says only whether there is a WAL
    PAW_TRY(left, leave_wal(connection, file));
  } else if (access == sqlite::Access::read_write) {
    return fail(ErrorKind::busy,
                fmt::format("{} has a WAL, which its file system cannot have", file.string()));
  }
  return std::optional(std::move(connection));
}

}  // namespace

// Who reads a WAL makes its index, and where there is none, both. In a directory that may not be written that
// fails; without an index nobody has the file open, and then its WAL is read with one in memory. What a
// journal has is yet to be taken back, which only who may write can do.
Opened open_database(Disk& disk, const Path& file, sqlite::Access access) {
  auto opened = open_database_as(disk, file, access);
  if (opened || access != sqlite::Access::read_only || opened.error().kind != ErrorKind::io) return opened;
  PAW_TRY(wal, disk.status(file.string() + "-wal"));
  PAW_TRY(index, disk.status(file.string() + "-shm"));
  PAW_TRY(journal, disk.status(file.string() + "-journal"));
  if ((wal && wal->size_bytes > 0 && index) || (journal && journal->size_bytes > 0)) return opened;
  auto unchanging = open_database_as(disk, file, sqlite::Access::unchanging);
  return unchanging ? std::move(unchanging) : std::move(opened);
}

namespace {

// SQLite finds nothing wrong with a counter that hides the rows it stands for: no delivery begins with what
// is counted as nothing.
Result<std::string> wrong_counter(sqlite::Connection& connection) {
  return first_text(
      connection,
      "WITH found(key, scope, value) AS ("
      "SELECT 'pending', CAST(link_id AS TEXT), count(*) FROM queue "
      "WHERE state = 'pending' AND link_id IS NOT NULL GROUP BY link_id UNION ALL "
      "SELECT 'unlinked', coalesce(project_uuid, ''), count(*) FROM queue "
      "WHERE state = 'pending' AND link_id IS NULL GROUP BY 2 UNION ALL "
      "SELECT 'parked', coalesce(reason, ''), count(*) FROM queue WHERE state = 'parked' GROUP BY 2), "
      "counted AS (SELECT key, scope, value FROM meta WHERE key IN ('pending', 'unlinked', 'parked') "
      "AND value <> 0) "
      "SELECT key FROM (SELECT * FROM found EXCEPT SELECT * FROM counted) UNION ALL "
      "SELECT key FROM (SELECT * FROM counted EXCEPT SELECT * FROM found) LIMIT 1");
}

}  // namespace

Result<std::string> damage_of(sqlite::Connection& connection) {
  PAW_TRY(check, first_text(connection, "PRAGMA integrity_check(1)"));
  if (check != "ok") return check.substr(check.rfind('\n') + 1);  // behind the database's name
  PAW_TRY(counter, wrong_counter(connection));
  if (counter.empty()) return std::string();
  return fmt::format("its count of {} events is not what it holds", counter);
}

Result<DatabaseFacts> facts_of(sqlite::Connection& connection) {
  DatabaseFacts facts;
  PAW_TRY(mode, first_text(connection, "PRAGMA journal_mode"));
  facts.journal_mode = std::move(mode);
  PAW_TRY(damage, damage_of(connection));
  facts.damage = std::move(damage);
  return facts;
}

}  // namespace pawprint::outbox
