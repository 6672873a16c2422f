// The signals that steer a running hub: SIGHUP, SIGTERM, SIGINT.
#pragma once

#include <csignal>
#include <thread>

namespace pawprint::hub {

// Keeps the signals from every thread that is started after it. One per process, on its first thread.
class Signals {
 public:
  Signals();
  int wait() const;  // the next one

 private:
  sigset_t watched_;
};

// While it lives, SIGTERM and SIGINT end the process at once, with exit code 128 + the signal's number: for
// who will not wait until a hub has drained. What is acknowledged is on the disk by then.
class EndsAtOnce {
 public:
  EndsAtOnce();
  EndsAtOnce(const EndsAtOnce&) = delete;

 private:
  std::jthread watch_;
};

}  // namespace pawprint::hub
