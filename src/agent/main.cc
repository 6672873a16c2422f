// pawprint-agent: the program of Pawprint that may use the network. Started by `pawprint`, which reads one
// JSON object from its stdout; prompts, progress and warnings go to the terminal.
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "agent/interruption.h"
#include "agent/verbs.h"
#include "base/counted.h"
#include "base/format.h"
#include "base/printable.h"

namespace pawprint::agent {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(descriptor, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

void show_progress(std::uint64_t done, std::uint64_t total) {
  write_all(STDERR_FILENO, fmt::format("\rdelivered {} of {}\x1b[K", done, counted(total, "event")));
}

void show_warnings(const Warnings& warnings) {
  for (const Warning& warning : warnings.all()) {
    const std::string hint = warning.hint.empty() ? "" : fmt::format(" (try: {})", printable(warning.hint));
    write_all(STDERR_FILENO, fmt::format("pawprint: warning: {}{}\n", printable(warning.message), hint));
  }
}

int answer(const Reply& reply) {
  const bool written = write_all(STDOUT_FILENO, reply_text(reply));
  const int exit_code = exit_code_of(reply);
  return exit_code == 0 && !written ? exit_code_of(ErrorKind::io) : exit_code;
}

int run_verb(const Invocation& invocation, const std::atomic<bool>& interrupted) {
  const Environment environment = process_environment();
  const Result<project::Home> home = project::find_home(environment);
  if (!home) return answer({.data = {}, .error = home.error()});
  const std::unique_ptr<net::HttpClient> http =
      net::make_http_client(&interrupted, {environment.variable("SSL_CERT_FILE").value_or("")});
  const std::unique_ptr<Console> console = make_console(terminal_of_process(), STDIN_FILENO, interrupted);
  InterruptibleWaiter waiter(interrupted);
  const bool shows_progress = ::isatty(STDERR_FILENO) == 1;
  bool line_open = false;
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    if (!shows_progress) return;
    show_progress(done, total);
    line_open = true;
  };
  Context context{environment, *home, *http, *console, waiter, interrupted, progress, {}};
  context.tell = [](std::string_view text) { write_all(STDERR_FILENO, text); };
  const Reply reply = run(context, invocation);
  if (line_open) write_all(STDERR_FILENO, "\r\x1b[K");
  show_warnings(context.warnings);
  return answer(reply);
}

int run_program(std::span<const std::string> words) {
  const std::atomic<bool>& interrupted = watch_signals();
  const Result<Invocation> invocation = parse_arguments(words);
  if (!invocation) return answer({.data = {}, .error = invocation.error()});
  if (!invocation->verb) return write_all(STDOUT_FILENO, invocation->help) ? 0 : exit_code_of(ErrorKind::io);
  return run_verb(*invocation, interrupted);
}

}  // namespace
}  // namespace pawprint::agent

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  return pawprint::agent::run_program(words);
}
