// A database file that is not what was written.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "sqlite/connection.h"

namespace pawprint::hub::store {

// What SQLite finds wrong with the file, pages and indexes, each a line; at most ten findings, none: it is
// sound. Reads all of it. Stopped: kind `interrupted`.
Result<std::vector<std::string>> find_damage(sqlite::Connection& connection,
                                             const std::stop_token& stop = {});

// What the WAL of the database `file` has lost of what had been committed, for people: all of it, what stood
// in its middle, or at its end; nullopt: nothing. Reads all of it, and only of a database that nobody has
// open.
Result<std::optional<std::string>> lost_of_wal(Disk& disk, const Path& file);

// Kind `io` if anything is lost, or the database is but for its WAL: SQLite would go on without what clients
// were told is stored, and write over it. Kind `failed` if it is a backup, which lacks what came after it.
// The hint is the `restore` that gives the log another epoch, at which they send it again. Asked before
// SQLite opens the file, which then forgets that something is missing.
Result<void> refuse_what_lacks_something(Disk& disk, const Path& file);

}  // namespace pawprint::hub::store
