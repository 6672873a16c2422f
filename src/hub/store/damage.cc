#include "hub/store/damage.h"

#include <algorithm>

#include "base/format.h"
#include "base/sabotage.h"
#include "base/shell_word.h"
#include "hub/store/mark.h"
#include "hub/store/way_back.h"
#include "sqlite/stop_by.h"
#include "sqlite/wal_frames.h"
#include "sqlite/wal_index.h"

namespace pawprint::hub::store {
namespace {

std::string restore_of(const Path& file) {
  return fmt::format("pawprint-hub restore {} --data ANOTHER_DIR", shell_word(file.string()));
}

Result<bool> is_without_its_wal(Disk& disk, const Path& file) {
  if (sabotaged("missing-wal-believed")) return false;
  PAW_TRY(wal, disk.status(file.string() + "-wal"));
  if (wal) return false;
  return has_mark(disk, file, Mark::needs_wal);
}

}  // namespace

Result<std::vector<std::string>> find_damage(sqlite::Connection& connection, const std::stop_token& stop) {
  const sqlite::StopBy stopping(connection, stop);
  PAW_TRY(check, connection.prepare("PRAGMA integrity_check(10)"));
  std::vector<std::string> findings;
  for (;;) {
    if (stop.stop_requested()) return fail(ErrorKind::interrupted, "stopped");
    PAW_TRY(there, check.step());
    if (!there) return findings;
    if (check.view(0) == "ok") continue;
    std::ranges::replace(findings.emplace_back(check.text(0)), '\n', ' ');
  }
}

Result<std::optional<std::string>> lost_of_wal(Disk& disk, const Path& file) {
  PAW_TRY(missing, is_without_its_wal(disk, file));
  if (missing) return "its WAL is missing, with what was committed last";
  PAW_TRY(in_its_middle, sqlite::wal_damage(disk, file));
  if (in_its_middle) return in_its_middle;
  return sqlite::lost_end_of_wal(disk, file);
}

Result<void> refuse_what_lacks_something(Disk& disk, const Path& file) {
  PAW_TRY(cut, sqlite::is_cut_to_its_wal(disk, file));
  if (cut) {
    return fail(
        ErrorKind::io,
        fmt::format("cannot use {}: it is cut off, and its WAL is all that is left of it", file.string()),
        std::string(kWayBack));
  }
  PAW_TRY(is_backup, has_mark(disk, file, Mark::backup));
  if (is_backup) {
    return fail(ErrorKind::failed,
                fmt::format("cannot use {}: it is a backup, and clients would not notice what it lacks",
                            file.string()),
                restore_of(file));
  }
  PAW_TRY(lost, lost_of_wal(disk, file));
  if (!lost) return {};
  return fail(ErrorKind::io, fmt::format("cannot use {}: {}", file.string(), *lost), restore_of(file));
}

}  // namespace pawprint::hub::store
