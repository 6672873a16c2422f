// Asking the user. Answers come from the terminal, or from stdin where a script says so.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::agent {

// The seam that tests replace.
class Console {
 public:
  virtual ~Console() = default;
  virtual bool can_ask() const = 0;  // whether there is a terminal
  // One line, without its newline. Kinds: `interrupted` (by a signal, or the end of the input).
  virtual Result<std::string> ask(std::string_view prompt) = 0;
  // As ask, without echo. Whatever ends it, the terminal is put back as it was.
  virtual Result<std::string> ask_secret(std::string_view prompt) = 0;
  // All of stdin, without one newline at the end. Kind `usage` beyond 4 KiB.
  virtual Result<std::string> read_piped() = 0;
};

// A terminal behind two descriptors, which stay the caller's.
struct TerminalDescriptors {
  int input = -1;  // -1: there is none
  int output = -1;
};

// `interrupted` is set by a signal handler, and must outlive the console.
std::unique_ptr<Console> make_console(TerminalDescriptors terminal, int piped_input,
                                      const std::atomic<bool>& interrupted);

// /dev/tty, else stdin and stderr if both are terminals, else none. Opens /dev/tty for the life of the
// process.
TerminalDescriptors terminal_of_process();

}  // namespace pawprint::agent
