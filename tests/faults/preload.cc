// Loaded into a real program (LD_PRELOAD) to break what it asks the kernel for:
//
// PAW_FAIL_SYNC_OF=SUFFIX: the next sync of a file with this name's end fails with EIO, once, when the file
// PAW_FAIL_SYNC_WHEN=FILE is there.
//
// PAW_CLOCK_OFFSET=FILE: the wall clock is wrong by the seconds that stand in the file.
//
// PAW_TIME_PASSED=FILE: so many seconds more have passed, by the wall clock and since the machine was booted.
// PAW_TIME_STANDS=1: and no others since the program first asked.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// "" where the variable is not set. Read once: a program's environment does not change.
const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool ends_with(const char* text, const char* end) {
  const std::size_t length = std::strlen(text);
  const std::size_t end_length = std::strlen(end);
  return end_length != 0 && length >= end_length && std::strcmp(text + length - end_length, end) == 0;
}

bool shall_fail(int descriptor) {
  static std::atomic<bool> has_failed = false;
  const char* suffix = variable("PAW_FAIL_SYNC_OF");
  if (*suffix == '\0' || has_failed || ::access(variable("PAW_FAIL_SYNC_WHEN"), F_OK) != 0) return false;
  char link[64];
  char name[512];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = ::readlink(link, name, sizeof name - 1);
  if (length <= 0) return false;
  name[length] = '\0';
  return ends_with(name, suffix) && !has_failed.exchange(true);
}

long seconds_in(const char* name) {
  const char* file = variable(name);
  if (*file == '\0') return 0;
  const int descriptor = ::open(file, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return 0;
  char digits[32] = {};
  const ssize_t length = ::read(descriptor, digits, sizeof digits - 1);
  ::close(descriptor);
  return length <= 0 ? 0 : std::strtol(digits, nullptr, 10);
}

// Makes `time` what it was when this was first called for that clock.
void stand(clockid_t clock, timespec& time) {
  if (clock == CLOCK_REALTIME) {
    static const timespec kBegun = time;
    time = kBegun;
  } else if (clock == CLOCK_BOOTTIME) {
    static const timespec kBegun = time;
    time = kBegun;
  }
}

}  // namespace

extern "C" {

int fsync(int descriptor) {
  if (shall_fail(descriptor)) return errno = EIO, -1;
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

int fdatasync(int descriptor) {
  if (shall_fail(descriptor)) return errno = EIO, -1;
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (result != 0) return result;
  if (*variable("PAW_TIME_STANDS") != '\0') stand(clock, *time);
  if (clock == CLOCK_REALTIME) time->tv_sec += seconds_in("PAW_CLOCK_OFFSET");
  if (clock == CLOCK_REALTIME || clock == CLOCK_BOOTTIME) time->tv_sec += seconds_in("PAW_TIME_PASSED");
  return result;
}

}  // extern "C"
