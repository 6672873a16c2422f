#include "loop/loop_disk.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <utility>

#include "harness/process.h"

namespace pawprint::testing {
namespace {

constexpr std::uintmax_t kBytes = 2U << 30;

// EXT4_IOC_SHUTDOWN and EXT4_GOING_FLAGS_NOLOGFLUSH, which no header of the system has: the file system stops
// at once, and its journal stays as the device has it.
constexpr unsigned long kShutDown = _IOR('X', 125, std::uint32_t);
constexpr std::uint32_t kWithoutFlushingTheJournal = 2;

std::string failed(std::string_view what) {
  return std::string(what) + ": " + std::strerror(errno);
}

}  // namespace

LoopDisk::LoopDisk(std::filesystem::path image, std::filesystem::path mounted_at)
    : image_(std::move(image)), mounted_at_(std::move(mounted_at)) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    failure_ = failed("cannot have mounts of its own (it needs root)");
    return;
  }
  std::filesystem::create_directories(mounted_at_);
  std::ofstream(image_).close();
  std::filesystem::resize_file(image_, kBytes);
  run({"/sbin/mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", image_});
  if (failure_.empty()) run({"/bin/mount", "-o", "loop", image_, mounted_at_});
}

LoopDisk::~LoopDisk() {
  ::umount2(mounted_at_.c_str(), MNT_DETACH);
}

void LoopDisk::run(std::initializer_list<std::string> words) {
  const Outcome outcome = testing::run({.words = words, .variables = {}, .directory = "/", .input = {}});
  failure_ = outcome.exit_code == 0 ? "" : *words.begin() + ": " + outcome.err;
}

void LoopDisk::cut() {
  const int directory = ::open(mounted_at_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  failure_ = directory < 0 ? failed("cannot open the disk") : "";
  if (directory < 0) return;
  std::uint32_t how = kWithoutFlushingTheJournal;
  if (::ioctl(directory, kShutDown, &how) != 0) failure_ = failed("cannot cut the power");
  ::close(directory);
}

void LoopDisk::come_back() {
  run({"/bin/umount", mounted_at_});
  if (failure_.empty()) run({"/bin/mount", "-o", "loop", image_, mounted_at_});
}

}  // namespace pawprint::testing
