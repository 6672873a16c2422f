// Who has a database, by the locks that SQLite takes (https://sqlite.org/lockingv3.html, for a WAL
// https://sqlite.org/walformat.html#wal_locks).
#pragma once

#include <sys/types.h>

#include <optional>

#include "base/disk.h"
#include "base/result.h"

namespace pawprint::sqlite {

// The process that writes to the database, or keeps readers out of it, at this moment; nullopt: nobody;
// 0 or less: one that has no number here, as in another container. Creates and writes nothing. Who calls has
// no connection to it: closing a file gives up the locks that the process has on it (fcntl(2)). Kind `io`.
Result<std::optional<pid_t>> lock_holder(const Path& database);

}  // namespace pawprint::sqlite
