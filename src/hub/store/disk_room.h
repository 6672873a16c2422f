// Whether the disk has as much room left as the hub wants to keep, so that it turns events away before a
// write finds no room: what administers the hub, reading and the checkpoint of the WAL still need some then.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/disk.h"

namespace pawprint::hub::store {

// Thread-safe.
class DiskRoom {
 public:
  // Of the file system that `directory` is on.
  explicit DiskRoom(Path directory) : directory_(std::move(directory)) {}

  void keep_free(std::uint64_t bytes) { floor_bytes_ = bytes; }  // 0, as in the beginning: nothing

  // What may still be written without privileges.
  Result<std::uint64_t> free_bytes() const;

  // Kind `failed`: less is free than is to be kept. One call to the system, which no disk is touched for.
  Result<void> check() const;

 private:
  Path directory_;
  std::atomic<std::uint64_t> floor_bytes_ = 0;
};

// What a directory's database takes of it.
Result<std::uint64_t> bytes_of_database(Disk& disk, const Path& data_directory);

}  // namespace pawprint::hub::store
