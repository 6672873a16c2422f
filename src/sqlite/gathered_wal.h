// Writes to a WAL in large pieces. SQLite writes each frame of a commit in two calls, of 24 bytes and of a
// page, and on ext4 each of them costs 1.5 us or more; here all frames of a commit become one write.
#pragma once

struct sqlite3;

namespace pawprint::sqlite {

class GatheredWal;

// The name of a VFS (sqlite.org/vfs.html) for sqlite3_open_v2. Everything but a WAL it leaves to the VFS that
// is the default when a file is opened; a WAL as well, but while a GatheredCommit lives. nullptr: SQLite
// cannot be initialized or is not one for this kind of system; to sqlite3_open_v2 it means the default.
const char* gathered_wal_vfs();

// Around the step that commits. While it lives, frames that `database` writes to its WAL are held in memory
// until the one that commits is there, or until 64 KiB are held, and are then written at once
// (sqlite.org/fileformat2.html, section 4: a frame says in its header whether it commits). So when SQLite
// says that a commit has succeeded, the file has all of it, as without this; an error of the disk is told by
// the last write before the commit instead of by the one that it belongs to. Reads, syncs, cuts and questions
// for the length write first what is held. What a commit that failed has left is forgotten in the end, before
// another connection can write in its place. Used by the thread that uses the connection.
class [[nodiscard]] GatheredCommit {
 public:
  explicit GatheredCommit(sqlite3* database);  // one that is not of that VFS, or has no WAL: does nothing
  GatheredCommit(const GatheredCommit&) = delete;
  GatheredCommit& operator=(const GatheredCommit&) = delete;
  ~GatheredCommit();

 private:
  GatheredWal* wal_;
};

}  // namespace pawprint::sqlite
