// A VFS for what SQLite does to a WAL that costs a file system more than it needs to (ADR 0005, ADR 0007).
#pragma once

#include <optional>

#include "sqlite/wal_index.h"

struct sqlite3;

namespace pawprint::sqlite {

class GatheredWal;

// The name of a VFS (sqlite.org/vfs.html) for sqlite3_open_v2. Everything but a WAL it leaves to the VFS that
// is the default when a file is opened; a WAL as well, but while a GatheredCommit lives. nullptr: SQLite
// cannot be initialized or is not one for this kind of system; to sqlite3_open_v2 it means the default.
const char* gathered_wal_vfs();

// What this connection found when it made the index anew, or else what the index says that another one made.
// nullopt: there is none, or somebody is just changing it. Asked after a first read of the database.
std::optional<FoundInWal> found_in_wal(sqlite3* database);

// Whether the WAL goes on, behind what SQLite takes for its end, with what may be frames of its own: it may
// be damaged in its middle, or somebody is just writing to it. Asked after a first read of the database;
// reads 24 bytes.
bool wal_ends_early(sqlite3* database);

// Around the step that commits. SQLite writes each frame in two calls, of 24 bytes and of a page, and on ext4
// each of them costs 1.5 us or more; here all frames of a commit become one write. While it lives, frames
// that `database` writes to its WAL are held in memory until the one that commits is there, or until 64 KiB
// are held, and are then written at once (sqlite.org/fileformat2.html, section 4: a frame says in its header
// whether it commits). So when SQLite says that a commit has succeeded, the file has all of it, as without
// this; an error of the disk is told by the last write before the commit instead of by the one that it
// belongs to. Reads, syncs, cuts and questions for the length write first what is held. What a commit that
// failed has left is forgotten in the end, before another connection can write in its place. Used by the
// thread that uses the connection.
class [[nodiscard]] GatheredCommit {
 public:
  explicit GatheredCommit(sqlite3* database);  // one that is not of that VFS, or has no WAL: does nothing
  GatheredCommit(const GatheredCommit&) = delete;
  GatheredCommit& operator=(const GatheredCommit&) = delete;
  ~GatheredCommit();

 private:
  GatheredWal* wal_;
};

// Around a checkpoint that empties the WAL (SQLITE_CHECKPOINT_TRUNCATE). While it lives, a cut to nothing
// writes zeros over the header of the WAL instead, and the file stays as long as it is: without its magic
// number it has no frames (sqlite.org/fileformat2.html, 4.1), and what is written next costs a sync no commit
// of the file system's journal, as a file that grows again does. What SQLite relies on is the same: the next
// header has another salt, and is synced before the first frame that is written over.
class [[nodiscard]] KeptWalLength {
 public:
  explicit KeptWalLength(sqlite3* database);  // one that is not of that VFS, or has no WAL: does nothing
  KeptWalLength(const KeptWalLength&) = delete;
  KeptWalLength& operator=(const KeptWalLength&) = delete;
  ~KeptWalLength();

 private:
  GatheredWal* wal_;
};

}  // namespace pawprint::sqlite
