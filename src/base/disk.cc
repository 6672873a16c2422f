#include "base/disk.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/failpoint.h"
#include "base/format.h"
#include "base/sabotage.h"

namespace pawprint {
namespace {

std::string temporary_name(const Path& path, int process) {
  return fmt::format(".{}.{}.tmp", path.filename().string(), process);
}

// The process that made the temporary file `name` for `path`; 0: it is none.
int maker_of(const Path& path, const std::string& name) {
  const std::size_t begin = path.filename().string().size() + 2;
  int process = 0;
  if (name.size() <= begin) return 0;
  const auto [end, error] = std::from_chars(name.data() + begin, name.data() + name.size(), process);
  return error == std::errc() && process > 0 && name == temporary_name(path, process) ? process : 0;
}

// Does what it can: a leftover that cannot be removed harms nobody.
void remove_leftovers(Disk& disk, const Path& path) {
  const auto names = disk.list(path.parent_path());
  if (!names) return;
  for (const std::string& name : *names) {
    const int maker = maker_of(path, name);
    if (maker == 0 || ::kill(maker, 0) == 0 || errno != ESRCH) continue;
    if (auto removed = disk.remove(path.parent_path() / name); !removed) return;
  }
}

// What failed is the file's replacement: nobody knows the temporary file's name.
void speak_of(const Path& path, const Path& temporary, Error& error) {
  if (error.file == temporary.string()) error.file = path.string();
  const auto at = error.message.find(temporary.string());
  if (at != std::string::npos) error.message.replace(at, temporary.string().size(), path.string());
}

class NamesOfDisk final : public Directory {
 public:
  NamesOfDisk(Disk& disk, Path path) : disk_(disk), path_(std::move(path)) {}
  Result<std::optional<FileStatus>> status(const std::string& name) override {
    return disk_.status(path_ / name);
  }

 private:
  Disk& disk_;
  Path path_;
};

}  // namespace

Result<std::unique_ptr<Directory>> Disk::directory(const Path& path) {
  return std::make_unique<NamesOfDisk>(*this, path);
}

Result<std::optional<std::string>> read_file(Disk& disk, const Path& path) {
  PAW_TRY(status, disk.status(path));
  if (!status) return std::nullopt;
  PAW_TRY(file, disk.open(path, OpenMode::read));
  PAW_TRY(content, file->read_all());
  return content;
}

Result<void> replace_file(Disk& disk, const Path& path, std::string_view content, unsigned permissions) {
  remove_leftovers(disk, path);
  const Path temporary = path.parent_path() / temporary_name(path, static_cast<int>(::getpid()));
  PAW_TRY(replaced, disk.status(path));
  PAW_TRY(removed, disk.remove(temporary));
  const auto write = [&]() -> Result<void> {
    PAW_TRY(file, disk.open(temporary, OpenMode::create_new, permissions));
    if (replaced) {
      PAW_TRY(exact, file->set_permissions(permissions));
    }
    PAW_TRY(written, file->write_at(0, content));
    failpoint("replace-written");
    if (!sabotaged("rename-before-sync")) {
      PAW_TRY(synced, file->sync());
    }
    failpoint("replace-synced");
    PAW_TRY(renamed, disk.rename(temporary, path));
    failpoint("replace-renamed");
    return {};
  };
  if (auto written = write(); !written) {
    speak_of(path, temporary, written.error());
    // The first error is the one that matters; a leftover temporary file is overwritten by the next attempt.
    if (auto cleaned = disk.remove(temporary); !cleaned)
      written.error().message += "; a temporary file stays behind";
    return written;
  }
  return disk.sync_directory(path.parent_path());
}

}  // namespace pawprint
