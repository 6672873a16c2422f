#include "kill/cpu_wait.h"

#include <poll.h>

#include <algorithm>
#include <deque>

namespace pawprint::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kWindow{150};
constexpr std::chrono::duration<int, std::milli> kSleep{5};

struct Late {
  Clock::time_point woke;
  std::chrono::microseconds by;
};

}  // namespace

CpuWait::CpuWait() : thread_([this](const std::stop_token& end) { watch(end); }) {}

void CpuWait::watch(const std::stop_token& end) {
  std::deque<Late> recent;
  std::chrono::microseconds taken{0};
  while (!end.stop_requested()) {
    const auto begin = Clock::now();
    ::poll(nullptr, 0, kSleep.count());
    const auto woke = Clock::now();
    recent.push_back({woke, std::chrono::duration_cast<std::chrono::microseconds>(woke - begin - kSleep)});
    taken += recent.back().by;
    for (; recent.front().woke < woke - kWindow; recent.pop_front()) taken -= recent.front().by;
    worst_ = std::max(worst_, taken);
  }
}

std::chrono::milliseconds CpuWait::worst() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  return std::chrono::duration_cast<std::chrono::milliseconds>(worst_);
}

}  // namespace pawprint::testing
