// The hub's data directory, held by one process at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "base/environment.h"
#include "base/file_lock.h"
#include "hub/store/store.h"

namespace pawprint::hub {

inline constexpr std::string_view kVerifyDirectory = "verify";  // in it, while `verify` is at work

struct DataDirectory {
  FileLock lock;  // on DIR/hub.lock, for as long as the store is open
  std::unique_ptr<store::Store> store;
};

// Whether it is there, and fit to be used if it is: one that is no directory or that others may enter is kind
// `failed`, with the chmod to type.
Result<bool> check_data_directory(Disk& disk, const Path& directory);

// Makes the directory and takes the lock on it, without looking at what is in it. Errors as below.
Result<FileLock> lock_data_directory(const Environment& environment, const Path& directory,
                                     std::chrono::milliseconds wait = {});

// Makes the directory (0700) if it is not there, else as check_data_directory(), and removes what a `verify`
// that was killed has left in it. One that another process holds for longer than `wait`: `busy`. Errors of
// the store are passed on.
Result<DataDirectory> open_data_directory(const Environment& environment, const Path& directory,
                                          std::chrono::milliseconds wait = {});

}  // namespace pawprint::hub
