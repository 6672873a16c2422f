// What salvages found, in `outbox.db.report`, so that whoever comes after an interruption tells it. For each
// two lines: the name under which the damaged file is set aside, and what is to be told.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"

namespace pawprint::outbox {

struct SalvageReport {
  std::string set_aside;  // file name
  std::string message;
};

// What belongs to one database.
inline constexpr std::string_view kFilesOfOne[] = {"", "-wal", "-shm", "-journal"};
Path beside(const Path& file, std::string_view suffix);

// Whatever is written wants home.lock to be held.

// The one of a salvage that begins, before anything is set aside. Those that are still to be told stay.
Result<void> add_salvage_report(Disk& disk, const Path& home, SalvageReport report);
// Oldest first; the last one may be of a salvage that has not happened, or not to its end.
Result<std::vector<SalvageReport>> read_salvage_reports(Disk& disk, const Path& home);
// Those whose file has been set aside.
Result<std::vector<SalvageReport>> salvage_reports_to_tell(Disk& disk, const Path& home);
// By the files that were set aside.
Result<void> forget_salvage_reports(Disk& disk, const Path& home, std::span<const std::string> told);

}  // namespace pawprint::outbox
