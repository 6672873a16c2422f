#include "crowd.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <thread>

namespace pawprint::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kWarmingUp = 16;

struct Shared {
  std::atomic<int> ready{0};
};

void take_part(int process, int processes, int calls, const Maker& make, Shared& shared, double* durations) {
  const Operation operation = make(process);
  for (int i = 0; i < kWarmingUp; ++i) operation();
  ++shared.ready;
  while (shared.ready < processes) std::this_thread::yield();
  for (int i = 0; i < calls; ++i) {
    const auto start = Clock::now();
    operation();
    durations[i] = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  }
}

}  // namespace

std::vector<double> crowd_durations(int processes, int calls, const Maker& make) {
  const std::size_t count = static_cast<std::size_t>(processes) * static_cast<std::size_t>(calls);
  const std::size_t bytes = 64 + count * sizeof(double);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  auto& shared = *new (memory) Shared;
  auto* durations = reinterpret_cast<double*>(static_cast<std::byte*>(memory) + 64);
  std::vector<pid_t> children;
  for (int process = 0; process < processes; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      take_part(process, processes, calls, make, shared, durations + process * calls);
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (int ended = 0; ended < processes; ++ended) {
    int status = 0;
    if (::wait(&status) > 0 && status == 0) continue;
    for (const pid_t child : children) ::kill(child, SIGKILL);  // they would wait for it for ever
    std::abort();
  }
  std::vector<double> all(durations, durations + count);
  ::munmap(memory, bytes);
  return all;
}

double quantile(std::vector<double>& durations, double q) {
  std::ranges::sort(durations);
  const auto last = static_cast<double>(durations.size() - 1);
  return durations[static_cast<std::size_t>(q * last + 0.5)];
}

}  // namespace pawprint::bench
