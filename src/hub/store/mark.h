// What the header of hub.db says of it (its application id, sqlite.org/fileformat2.html, 1.3.14): in the file
// itself, and in the WAL for whoever reads that too.
#pragma once

#include <cstdint>

#include "base/disk.h"
#include "base/result.h"
#include "sqlite/connection.h"

namespace pawprint::hub::store {

// needs_wal: what was committed last stands in the WAL. While a hub has the database open, the file says so
// and the WAL says whole: whoever puts all of the WAL into the file makes it whole. A database without a mark
// counts as whole.
enum class Mark : std::uint32_t { whole = 0x50617768, needs_wal = 0x5061776e, backup = 0x50617762 };

// A commit of its own.
Result<void> set_mark(sqlite::Connection& connection, Mark mark);

// As the file has it, whatever the WAL says. false: there is no file.
Result<bool> has_mark(Disk& disk, const Path& file, Mark mark);

}  // namespace pawprint::hub::store
