// Copies of the database: made while it is used, and put to use again.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/environment.h"
#include "sqlite/connection.h"

namespace pawprint::hub::store {

// One state of the database `from`, as a new file `to` (0600) that is durable when this returns; until then
// it is called `to` with ".part" behind it, and a crash leaves no more than that, an error nothing. Only
// reads from `from`. Stopped: kind `interrupted`.
Result<void> vacuum_into(Disk& disk, const Path& from, const Path& to, const std::stop_token& stop = {});

// What restore() can make a hub of.
struct Backup {
  Path file;
  std::optional<std::string> left_out;  // what is wrong with the WAL beside it, if anything is: what was
                                        // committed behind that is not in it
  sqlite::Connection source;
};

// Looks through the whole file. One that is damaged or no backup of a hub: kind `invalid`; one of a newer
// program: `failed`.
Result<Backup> open_backup(Disk& disk, const Path& file);

// A hub.db in the directory: kind `failed`.
Result<void> check_no_hub_is_in(Disk& disk, const Path& backup, const Path& data_directory);

struct Restored {
  std::int64_t revoked_tokens = 0;  // of machines
};

// Makes hub.db in the directory out of a backup, with an epoch of its own, so that clients notice that the
// log has gone back, without sessions and invitations, and with every token of a machine revoked, so that
// none that was ended since the backup comes to life again. Passwords, members and roles are those of the
// backup. For the process that holds the lock on the directory. A hub.db there: kind `failed`. After an error
// the directory has what it had.
Result<Restored> restore(const Environment& environment, Backup backup, const Path& data_directory);

}  // namespace pawprint::hub::store
