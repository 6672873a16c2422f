// The tables of outbox.db and how a connection to it is set up. The only place with a PRAGMA of the outbox.
#pragma once

#include "base/environment.h"
#include "sqlite/connection.h"

namespace pawprint::outbox {

inline constexpr std::int64_t kSchemaVersion = 1;
inline constexpr std::string_view kDatabase = "outbox.db";
inline constexpr std::string_view kWal = "outbox.db-wal";

// How long a foreign program, or a process that is just opening the database, may keep SQLite's own locks.
inline constexpr int kForeignLockWaitMs = 50;

// Makes file (0600) and tables if they are not there. The caller holds home.lock.
//
// A WAL needs memory that all its users share (https://sqlite.org/wal.html), so on a file system that several
// machines may use a rollback journal is kept (TRUNCATE). A database that comes there with a WAL is changed;
// kind `busy` while another program has it open.
Result<void> create_database(Disk& disk, const Path& file);

// The database and what SQLite keeps beside it, as far as they are there: SQLite would wait for the other end
// of a pipe, take one in the place of the WAL for an empty one, and name no directory.
Result<void> check_are_files(Disk& disk, const Path& file);

// Kind `failed` for a database of another program: it has no tables of ours. The hint is the command that
// moves it away with all that belongs to it. One with some of our tables is ours and damaged: kind `io`, and
// the connection says so from then on. What keeps SQLite from looking is passed on as it is. Asked where a
// statement cannot be prepared, since asking costs as much as an emission's own statements.
Result<void> check_is_ours(Disk& disk, const Path& file, sqlite::Connection& connection);

// Opens an existing database and sets the connection up. nullopt: the tables are not there yet. Kind
// `failed` for a schema that is newer than this program and for another program's file, `busy` for writing to
// one with a WAL where there must be none: create_database changes that.
Result<std::optional<sqlite::Connection>> open_database(Disk& disk, const Path& file, sqlite::Access access);

// After a commit that failed on the disk; the caller holds home.lock. A sync that failed is reported once:
// what it lost stays in the cache, looks well there, and the next sync of the file succeeds without it. A
// later commit must not rest on such frames, and the failed one not come back with them: the database takes
// what was committed before, and the WAL begins anew. If that fails, too, nothing has changed.
void leave_failed_wal(sqlite::Connection& connection);

// The first thing that is wrong with the database, empty if nothing is. Reads every page, and counts its
// rows.
Result<std::string> damage_of(sqlite::Connection& connection);

// What a look at the database from outside says.
struct DatabaseFacts {
  std::string journal_mode;
  std::string damage;  // as damage_of() says
};

// Reads every page.
Result<DatabaseFacts> facts_of(sqlite::Connection& connection);

}  // namespace pawprint::outbox
