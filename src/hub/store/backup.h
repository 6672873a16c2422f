// Copies of the database: made while it is used, and put to use again.
#pragma once

#include <optional>
#include <string>

#include "base/environment.h"

namespace pawprint::hub::store {

// One state of the database `from`, as a new file `to` (0600) that is durable when this returns; until then
// it is called `to` with ".part" behind it, and a crash leaves no more than that. Only reads from `from`.
Result<void> vacuum_into(Disk& disk, const Path& from, const Path& to);

// Makes hub.db in the directory out of a backup, with an epoch of its own, so that clients notice that the
// log has gone back, and without sessions, so that none that was ended since the backup comes to life again.
// Passwords, members and machine tokens are those of the backup. For the process that holds the lock on the
// directory. A hub.db there: kind `failed`; a file that is damaged or no backup of a hub: `invalid`; one of a
// newer program: `failed`. The directory then has no hub.db. Returns what is wrong with the WAL beside the
// backup, if anything is: what was committed behind that is not in it then.
Result<std::optional<std::string>> restore(const Environment& environment, const Path& backup,
                                           const Path& data_directory);

}  // namespace pawprint::hub::store
