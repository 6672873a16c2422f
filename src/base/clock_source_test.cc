#include "base/clock_source.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ctime>
#include <fstream>

namespace pawprint {
namespace {

std::int64_t since_boot_ms() {
  timespec now{};
  EXPECT_EQ(::clock_gettime(CLOCK_BOOTTIME, &now), 0);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// For processes that are forked from now on, an hour passed while the machine was suspended
// (time_namespaces(7)). Where this one may not say so, the clocks stay as they are.
void suspend_for_an_hour() {
  if (::unshare(CLONE_NEWTIME) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWTIME) != 0) return;
  std::ofstream("/proc/self/timens_offsets") << "boottime 3600 0\n";
}

bool is_good_in_a_child(bool (*holds)()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(holds() ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(SystemClockTest, CountsTheTimeInWhichTheMachineWasSuspended) {
  EXPECT_TRUE(is_good_in_a_child([] {
    suspend_for_an_hour();
    return is_good_in_a_child([] {
      SystemClock clock;
      const std::int64_t before = since_boot_ms(), now = clock.monotonic_ms(), after = since_boot_ms();
      return before <= now && now <= after;
    });
  }));
}

}  // namespace
}  // namespace pawprint
