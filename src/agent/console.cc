#include "agent/console.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace pawprint::agent {
namespace {

constexpr std::size_t kMaxAnswerBytes = 4096;
constexpr int kPollMs = 100;  // how late a signal is noticed that comes just before the wait

void say(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;  // nobody is looking
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Turns echo off, and the keys that would stop or end the process in the middle, until destroyed.
class QuietTerminal {
 public:
  explicit QuietTerminal(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    quiet.c_cc[VQUIT] = _POSIX_VDISABLE;
    is_quiet_ = ::tcsetattr(descriptor_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (is_quiet_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  bool is_quiet() const { return is_quiet_; }

 private:
  int descriptor_;
  termios before_{};
  bool is_quiet_ = false;
};

class TerminalConsole final : public Console {
 public:
  TerminalConsole(TerminalDescriptors terminal, int piped_input, const std::atomic<bool>& interrupted)
      : terminal_(terminal), piped_input_(piped_input), interrupted_(interrupted) {}

  bool can_ask() const override { return terminal_.input >= 0; }

  Result<std::string> ask(std::string_view prompt) override {
    say(terminal_.output, prompt);
    return read_line();
  }

  Result<std::string> ask_secret(std::string_view prompt) override {
    const QuietTerminal quiet(terminal_.input);
    if (!quiet.is_quiet())
      return fail(ErrorKind::io, "cannot ask for the password: the terminal keeps its echo on");
    say(terminal_.output, prompt);
    Result<std::string> line = read_line();
    say(terminal_.output, "\n");
    return line;
  }

  Result<std::string> read_piped() override {
    std::string text;
    char buffer[1024];
    while (true) {
      PAW_TRY(count, read_some(piped_input_, buffer, sizeof buffer));
      if (count == 0) break;
      text.append(buffer, count);
      if (text.size() > kMaxAnswerBytes)
        return fail(ErrorKind::usage, "the password on stdin is longer than 4 KiB");
    }
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return text;
  }

 private:
  static Error cut_short() {
    Error error;
    error.kind = ErrorKind::interrupted;
    error.message = "interrupted before an answer was given";
    return error;
  }

  // 0: the end of the input.
  Result<std::size_t> read_some(int descriptor, char* buffer, std::size_t size) {
    while (!interrupted_) {
      pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
      const int ready = ::poll(&wanted, 1, kPollMs);
      if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
      const ssize_t count = ::read(descriptor, buffer, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR && errno != EAGAIN) return 0;
    }
    return std::unexpected(cut_short());
  }

  Result<std::string> read_line() {
    std::string line;
    while (line.size() <= kMaxAnswerBytes) {
      char character = 0;
      PAW_TRY(count, read_some(terminal_.input, &character, 1));
      if (count == 0) return std::unexpected(cut_short());
      if (character == '\n') return line;
      line += character;
    }
    return fail(ErrorKind::usage, "the answer is longer than 4 KiB");
  }

  TerminalDescriptors terminal_;
  int piped_input_;
  const std::atomic<bool>& interrupted_;
};

}  // namespace

std::unique_ptr<Console> make_console(TerminalDescriptors terminal, int piped_input,
                                      const std::atomic<bool>& interrupted) {
  return std::make_unique<TerminalConsole>(terminal, piped_input, interrupted);
}

TerminalDescriptors terminal_of_process() {
  const int controlling = ::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (controlling >= 0) return {controlling, controlling};
  if (::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) return {STDIN_FILENO, STDERR_FILENO};
  return {};
}

}  // namespace pawprint::agent
