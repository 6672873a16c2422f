#include "base/disk.h"

#include <unistd.h>

#include "base/format.h"

namespace pawprint {

Result<std::optional<std::string>> read_file(Disk& disk, const Path& path) {
  PAW_TRY(status, disk.status(path));
  if (!status) return std::nullopt;
  PAW_TRY(file, disk.open(path, OpenMode::read));
  PAW_TRY(content, file->read_all());
  return content;
}

Result<void> replace_file(Disk& disk, const Path& path, std::string_view content, unsigned permissions) {
  const Path temporary =
      path.parent_path() / fmt::format(".{}.{}.tmp", path.filename().string(), static_cast<int>(::getpid()));
  PAW_TRY(removed, disk.remove(temporary));
  const auto write = [&]() -> Result<void> {
    PAW_TRY(file, disk.open(temporary, OpenMode::create_new, permissions));
    PAW_TRY(written, file->write_at(0, content));
    PAW_TRY(synced, file->sync());
    PAW_TRY(renamed, disk.rename(temporary, path));
    return {};
  };
  if (auto written = write(); !written) {
    // The first error is the one that matters; a leftover temporary file is overwritten by the next attempt.
    if (auto cleaned = disk.remove(temporary); !cleaned)
      written.error().message += "; a temporary file stays behind";
    return written;
  }
  return disk.sync_directory(path.parent_path());
}

}  // namespace pawprint
