#include "hub/main/data_directory.h"

#include "base/format.h"
#include "base/shell_word.h"
#include "hub/store/scratch_directory.h"

namespace pawprint::hub {
namespace {

constexpr unsigned kOthers = 0077;

// SQLite calls it an "I/O error" that it has no room for one of its files.
Error told_if_full(Error error, const Path& directory) {
  constexpr std::uint64_t kEnough = 1U << 20;  // to open a database
  const auto free = store::DiskRoom(directory).free_bytes();
  if (error.kind != ErrorKind::io || !error.hint.empty() || !free || *free >= kEnough) return error;
  error.message += fmt::format("; its disk has {} KiB free", *free >> 10);
  error.hint = "make room on that disk, then run this again";
  return error;
}

}  // namespace

Result<bool> check_data_directory(Disk& disk, const Path& directory) {
  PAW_TRY(there, disk.status(directory));
  if (!there) return false;
  if (!there->is_directory) {
    return fail(ErrorKind::failed, fmt::format("cannot use {}: it is not a directory", directory.string()));
  }
  if ((there->mode & kOthers) == 0) return true;
  return fail(
      ErrorKind::failed,
      fmt::format("cannot use {}: its mode {:04o} lets other users in", directory.string(), there->mode),
      fmt::format("chmod 700 {}", shell_word(directory.string())));
}

Result<FileLock> lock_data_directory(const Environment& environment, const Path& directory,
                                     std::chrono::milliseconds wait) {
  PAW_TRY(there, check_data_directory(*environment.disk, directory));
  if (!there) {
    PAW_TRY(made, environment.disk->make_directories(directory, 0700));
  }
  auto lock = FileLock::acquire(directory / "hub.lock", wait);
  if (!lock && lock.error().kind == ErrorKind::busy) {
    return fail(ErrorKind::busy,
                fmt::format("cannot use {}: a running pawprint-hub has it open", directory.string()),
                "stop that hub first (SIGTERM), then run this again");
  }
  return lock;
}

Result<DataDirectory> open_data_directory(const Environment& environment, const Path& directory,
                                          std::chrono::milliseconds wait) {
  PAW_TRY(held, lock_data_directory(environment, directory, wait));
  const store::ScratchDirectory left_by_a_crash(directory / kVerifyDirectory);
  auto opened = store::Store::open(environment, directory);
  if (!opened) return std::unexpected(told_if_full(std::move(opened).error(), directory));
  return DataDirectory{std::move(held), *std::move(opened)};
}

}  // namespace pawprint::hub
