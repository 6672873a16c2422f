// The frames of an SQLite WAL, read without SQLite, so that a damaged one costs its own page and not all that
// was committed behind it. Format: sqlite.org/fileformat2.html, 4.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/result.h"

namespace pawprint::outbox {

struct WalPages {
  std::map<std::size_t, std::string_view> newest;  // by number: the last committed frame that is whole
  std::size_t database_pages = 0;                  // of the database after the last commit; 0: no commit
  // Where the first frame (or the header: 0) stands that cannot be trusted, though something was committed
  // with it or behind it. SQLite ends there without a word.
  std::optional<std::size_t> damaged_at;
};

// `wal` is a file as it is on disk, of a database with pages of 4096 bytes; the views point into it. A WAL
// that is empty, emptied in place or torn at its end is not damaged.
WalPages read_wal(std::string_view wal);

// What is wrong with the WAL of the database `file`, for people; nullopt: nothing is, or there is none. Reads
// all of it, twice if it looks damaged, since it may just be written to.
Result<std::optional<std::string>> wal_damage(Disk& disk, const Path& file);

}  // namespace pawprint::outbox
