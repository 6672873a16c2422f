#include "harness/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace pawprint::testing {
namespace {

constexpr int kLongestSilenceMs = 20'000;

}  // namespace

Outcome run_on_terminal(const Launch& launch, std::string_view question, std::string_view answer) {
  int user = -1, program = -1;
  if (::openpty(&user, &program, nullptr, nullptr, nullptr) != 0) std::abort();
  ::fcntl(user, F_SETFD, FD_CLOEXEC);
  ::fcntl(program, F_SETFD, FD_CLOEXEC);
  Background started(launch, program);
  ::close(program);
  Outcome outcome;
  const std::string line = std::string(answer) + "\n";
  std::array<char, 4096> chunk{};
  for (bool is_typed = false;;) {
    pollfd ready{user, POLLIN, 0};
    if (::poll(&ready, 1, kLongestSilenceMs) <= 0) break;
    const ssize_t got = ::read(user, chunk.data(), chunk.size());
    if (got <= 0) break;  // EIO: nobody has the other end any more
    outcome.err.append(chunk.data(), static_cast<std::size_t>(got));
    if (!is_typed && outcome.err.contains(question)) {
      is_typed = true;
      if (::write(user, line.data(), line.size()) < 0) break;
    }
  }
  ::close(user);
  for (std::string out = started.next_line(); !out.empty(); out = started.next_line())
    outcome.out += out + "\n";
  outcome.exit_code = started.wait_or_kill(std::chrono::seconds(20));
  return outcome;
}

}  // namespace pawprint::testing
