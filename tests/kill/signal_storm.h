// Signals, whose handler restarts nothing, to every thread of this process again and again: calls that wait
// end with EINTR.
#pragma once

#include <thread>

namespace pawprint::testing {

class SignalStorm {
 public:
  SignalStorm();
  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;

  int handled() const;  // so far

 private:
  std::jthread thread_;
};

}  // namespace pawprint::testing
