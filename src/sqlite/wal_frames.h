// The frames of an SQLite WAL, read without SQLite, so that a damaged one costs its own page and not all that
// was committed behind it. Format: sqlite.org/fileformat2.html, 4.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/result.h"

namespace pawprint::sqlite {

using PagesByNumber = std::map<std::size_t, std::string_view>;

struct WalPages {
  PagesByNumber newest;            // as SQLite reads them: the last committed frame of each
  std::size_t database_pages = 0;  // of the database after the last commit; 0: no commit
  std::size_t frames = 0;          // up to that commit
  std::array<char, 8> salts{};     // of the WAL, if its header is whole
  // Where the frame stands (or the header: 0) at which SQLite ends without a word, though more was committed
  // behind the commit that it belongs to.
  std::optional<std::size_t> damaged_at;
  // If it is damaged: of each page the last whole frame behind that. It may be newer than what SQLite reads,
  // or older, if somebody wrote over the damage and went on from there; nothing in it tells.
  PagesByNumber behind;
};

// `wal` is a file as it is on disk, of a database with pages of 4096 bytes; the views point into it. A WAL
// that is empty or emptied in place is not damaged, nor is one whose last commit is not whole: a crash may
// have cut it short. After a power cut the same may be true of some commits before it, if nobody had synced
// them; they count as damaged.
WalPages read_wal(std::string_view wal);

// What is wrong with the WAL of the database `file`, for people; nullopt: nothing is, or there is none. Reads
// all of it, twice if it looks damaged, since it may just be written to.
Result<std::optional<std::string>> wal_damage(Disk& disk, const Path& file);

// Whether the database is cut off before its pages begin, or is not there, beside a WAL that is not empty.
// SQLite removes such a WAL, since to it the database is a new one.
Result<bool> is_cut_to_its_wal(Disk& disk, const Path& file);

}  // namespace pawprint::sqlite
