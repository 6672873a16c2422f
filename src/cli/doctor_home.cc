#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "base/counted.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "cli/doctor_checks.h"

namespace pawprint::cli {
namespace {

constexpr std::uint64_t kLittleRoomBytes = 1 << 20;

// What an emission writes to, and what becomes of it without.
struct Written {
  std::string_view name;
  std::string_view otherwise;
};
constexpr std::string_view kNothing = "no event can be stored there";
constexpr std::string_view kOverflow = "events go to the overflow";
constexpr std::string_view kClock = "the clock goes on from what the queue remembers";
constexpr std::string_view kQueueAlone = "the overflow takes no event";
constexpr std::array kWritten{Written{"clock.lock", kClock},   Written{"clock.json", kClock},
                              Written{"home.lock", kOverflow}, Written{"outbox.db", kOverflow},
                              Written{"spill", kQueueAlone},   Written{"spill/spill.lock", kQueueAlone}};

// 0, or why the kernel would refuse.
int refusal(const Path& path, int access) {
  return ::faccessat(AT_FDCWD, path.c_str(), access, AT_EACCESS) == 0 ? 0 : errno;
}

std::string command_against(int why, const Path& path, const FileStatus& status) {
  const std::string word = shell_word(path.string());
  if (why == EROFS) return "export PAWPRINT_HOME=DIRECTORY";
  if (status.owner != ::geteuid()) return "ls -ld " + word;
  return fmt::format("chmod u+{} {}", status.is_directory ? "rwx" : "rw", word);
}

// What is somebody else's, or no file, is not to be moved away.
std::string command_for_place_of(const Path& path, const FileStatus& status) {
  if (!status.is_file || status.owner != ::geteuid()) return "export PAWPRINT_HOME=DIRECTORY";
  return fmt::format("mv {} {}", shell_word(path.string()), shell_word(path.string() + ".file"));
}

void check_writable(const Path& path, const FileStatus& status, std::string_view otherwise,
                    Findings& findings) {
  const int why = refusal(path, R_OK | W_OK | (status.is_directory ? X_OK : 0));
  if (why == 0) return;
  findings.push_back({"home", true,
                      fmt::format("{} cannot be written: {}; {}", path.string(),
                                  std::generic_category().message(why), otherwise),
                      command_against(why, path, status)});
}

void check_room(const Path& path, Findings& findings) {
  struct statvfs facts{};
  if (::statvfs(path.c_str(), &facts) != 0) return;
  const std::uint64_t free_bytes = std::uint64_t{facts.f_bavail} * facts.f_frsize;
  if (free_bytes >= kLittleRoomBytes) return;
  findings.push_back({"home", true,
                      fmt::format("the disk of {} has {} KiB left; events may find no room", path.string(),
                                  free_bytes >> 10),
                      "df -h " + shell_word(path.string())});
}

// What a salvage could not read is nowhere else.
void check_set_aside(Disk& disk, const Path& home, Findings& findings) {
  auto names = disk.list(home);
  if (!names) return;  // check_writable says why
  std::erase_if(*names, [](const std::string& name) {
    return !name.starts_with("outbox.db.corrupt-") || name.ends_with("-wal") || name.ends_with("-shm") ||
           name.ends_with("-journal");
  });
  if (names->empty()) return;
  const Path newest = home / *std::ranges::max_element(*names);  // they end in ULIDs
  findings.push_back(
      {"queue", false,
       fmt::format("{} {} set aside as damaged, {} last; what could not be carried over is there alone",
                   counted(names->size(), "queue"), names->size() == 1 ? "was" : "were", newest.string()),
       "ls -l " + shell_word(newest.string())});
}

bool leads_to_nothing(const Path& path) {
  std::error_code failed;
  return std::filesystem::is_symlink(path, failed) && !std::filesystem::exists(path, failed);
}

Finding broken_link(const Path& path, std::string_view otherwise) {
  return {"home", true,
          fmt::format("{} is a symbolic link that leads to nothing; {}", path.string(), otherwise),
          "ls -l " + shell_word(path.string())};
}

}  // namespace

void check_home(const Environment& environment, const project::Home& home, Findings& findings) {
  Disk& disk = *environment.disk;
  Path at = home.directory;  // or what is nearest above it: there it is to be made
  auto status = disk.status(at);
  while (status && !*status && at != at.parent_path()) {
    if (leads_to_nothing(at)) return findings.push_back(broken_link(at, kNothing));
    at = at.parent_path();
    status = disk.status(at);
  }
  if (!status || !*status) return;  // check_permissions says why
  if (!(*status)->is_directory) {
    findings.push_back(
        {"home", true, fmt::format("{} is no directory", at.string()), command_for_place_of(at, **status)});
    return;
  }
  check_writable(at, **status, kNothing, findings);
  check_room(at, findings);
  if (at != home.directory) return;
  check_set_aside(disk, at, findings);
  for (const Written& written : kWritten) {
    const auto file = disk.status(at / written.name);
    if (file && *file) check_writable(at / written.name, **file, written.otherwise, findings);
    if (file && !*file && leads_to_nothing(at / written.name))
      findings.push_back(broken_link(at / written.name, written.otherwise));
  }
}

}  // namespace pawprint::cli
