#include "agent/interruption.h"

#include <signal.h>

#include <algorithm>
#include <thread>

namespace pawprint::agent {
namespace {

std::atomic<bool> signalled{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void note_signal(int) {
  signalled = true;
}

}  // namespace

const std::atomic<bool>& watch_signals() {
  struct sigaction noting{};
  noting.sa_handler = note_signal;
  noting.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &noting, nullptr);
  struct sigaction inherited{};
  ::sigaction(SIGHUP, nullptr, &inherited);
  if (inherited.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &noting, nullptr);
  struct sigaction ignoring{};
  ignoring.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignoring, nullptr);
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &usual, nullptr);
  return signalled;
}

void InterruptibleWaiter::wait(std::chrono::milliseconds duration) {
  constexpr std::chrono::milliseconds kSlice{100};
  while (duration.count() > 0 && !interrupted_) {
    const auto slice = std::min(duration, kSlice);
    std::this_thread::sleep_for(slice);
    duration -= slice;
  }
}

}  // namespace pawprint::agent
