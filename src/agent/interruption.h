// Signals that end the program between two steps, so that no answer of a hub is thrown away.
#pragma once

#include <atomic>

#include "sync/uplink.h"

namespace pawprint::agent {

// SIGINT, SIGTERM and SIGHUP set the flag that is returned; the second one ends the process at once. A SIGHUP
// that the caller ignores (nohup) stays ignored. SIGPIPE is ignored, SIGCHLD is not. Call it once, at the
// start of main.
const std::atomic<bool>& watch_signals();

// Waits for real, at most 100 ms longer than the flag stays unset.
class InterruptibleWaiter final : public sync::Waiter {
 public:
  explicit InterruptibleWaiter(const std::atomic<bool>& interrupted) : interrupted_(interrupted) {}
  void wait(std::chrono::milliseconds duration) override;

 private:
  const std::atomic<bool>& interrupted_;
};

}  // namespace pawprint::agent
