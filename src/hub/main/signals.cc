#include "hub/main/signals.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace pawprint::hub {
namespace {

constexpr timespec kLookAgain{0, 50'000'000};
constexpr int kExitOfSignal = 128;

sigset_t set_of(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : numbers) sigaddset(&signals, number);
  return signals;
}

}  // namespace

Signals::Signals() : watched_(set_of({SIGHUP, SIGTERM, SIGINT})) {
  pthread_sigmask(SIG_BLOCK, &watched_, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed stdout, or a peer that has gone, ends no hub
}

int Signals::wait() const {
  int number = 0;
  sigwait(&watched_, &number);
  return number;
}

EndsAtOnce::EndsAtOnce()
    : watch_([](const std::stop_token& stopped) {
        const sigset_t ending = set_of({SIGTERM, SIGINT});
        while (!stopped.stop_requested()) {
          const int number = sigtimedwait(&ending, nullptr, &kLookAgain);
          if (number <= 0) continue;
          std::fputs("pawprint-hub: told twice to stop, stopping at once\n", stderr);
          std::_Exit(kExitOfSignal + number);
        }
      }) {}

}  // namespace pawprint::hub
