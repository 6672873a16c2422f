#include "kill/signal_storm.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace pawprint::testing {
namespace {

std::atomic<int> handled_signals = 0;

void handle(int) {
  ++handled_signals;
}

void signal_all_but(pid_t own) {
  std::error_code failed;
  std::filesystem::directory_iterator task("/proc/self/task", failed);
  for (; !failed && task != std::filesystem::directory_iterator(); task.increment(failed)) {
    const std::string name = task->path().filename().string();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    if (thread != own) ::tgkill(::getpid(), thread, SIGUSR1);  // one that has just ended gets none
  }
}

}  // namespace

SignalStorm::SignalStorm() {
  struct sigaction action{};
  action.sa_handler = handle;
  if (::sigaction(SIGUSR1, &action, nullptr) != 0) std::abort();
  thread_ = std::jthread([](const std::stop_token& end) {
    for (const pid_t own = ::gettid(); !end.stop_requested(); ::poll(nullptr, 0, 1)) signal_all_but(own);
  });
}

int SignalStorm::handled() const {
  return handled_signals;
}

}  // namespace pawprint::testing
