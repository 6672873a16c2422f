// The index of a WAL (the file -shm), which all who have the database open share, and what it tells of a WAL
// that has lost its end. Format: sqlite.org/walformat.html, 2.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/disk.h"
#include "base/result.h"

namespace pawprint::sqlite {

struct WalIndex {
  std::uint64_t frames = 0;  // of the WAL, up to the last commit
  std::uint64_t moved = 0;   // of them, those that a checkpoint has put into the database
  std::uint64_t page_bytes = 0;
  std::array<char, 8> salts{};  // as the WAL has them
  // Whether it was surely written since this system was started. What a power cut leaves of it may be of any
  // earlier moment.
  bool is_of_this_boot = false;
};

// What was found in a WAL when it was last read whole.
struct FoundInWal {
  std::uint64_t frames = 0;
  std::array<char, 8> salts{};
  bool is_by_us = true;  // and not by somebody who may have begun the WAL anew since
};

// What its first 100 bytes hold.
inline constexpr std::size_t kWalIndexBytes = 100;

// nullopt: nobody has finished making it, or somebody is just changing it.
std::optional<WalIndex> read_wal_index(std::span<const char, kWalIndexBytes> begin);

// How many pages of the WAL had been committed when its index said `then`, and are neither in the WAL nor in
// the database. An index with the salts of the WAL is believed, since frames are synced or lost before it
// tells of them; one with others, or where there is no WAL, only if it is of this boot and we have looked.
std::uint64_t pages_gone(const WalIndex& then, const FoundInWal& found);

// What the WAL of the database `file` has lost at its end, for people, going by an index with the salts of
// the WAL that lies beside it; nullopt: nothing, or no index tells. SQLite goes on without it, and whoever
// opens the database alone makes the index anew, so that nothing tells any more.
Result<std::optional<std::string>> lost_end_of_wal(Disk& disk, const Path& file);

// For SQLite's call `ftruncate`. Who opens a WAL that nobody has open cuts its index to three bytes, so that
// it is made anew from the WAL, and then grows it page by page (unixLockSharedMemory and unixShmMap in
// os_unix.c). An index of the smallest length keeps it: without its header it is made anew as well.
int cut_or_forget_wal_index(int descriptor, off_t bytes);

// What the index said that this thread has forgotten last, if it has since it last asked.
std::optional<WalIndex> take_forgotten_index();

}  // namespace pawprint::sqlite
