// Running real programs from tests: with their own environment, working directory and input, and bounded in
// time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pawprint::testing {

struct Outcome {
  int exit_code = -1;  // 128 + n if signal n ended it
  std::string out;
  std::string err;
};

struct Launch {
  std::vector<std::string> words;  // the program's path first
  std::map<std::string, std::string> variables;
  std::filesystem::path directory;
  std::string input;
  std::filesystem::path errors{};  // what a Background's stderr is appended to; empty: ours
};

// Runs to the end. A program that needs more than a minute is killed, which shows as exit code 137.
Outcome run(const Launch& launch);

// A program that goes on in the background; its stdout is read line by line. Killed by the destructor.
class Background {
 public:
  explicit Background(const Launch& launch);
  Background(const Launch& launch, int terminal);  // which is its stdin and its stderr
  Background(Background&&) noexcept;
  Background(const Background&) = delete;
  ~Background();

  // The next line of stdout without its newline; empty if there is none within 20 s.
  std::string next_line();
  void send_signal(int number) const;
  // Kills it if it is still there after so long; then as wait().
  int wait_or_kill(std::chrono::microseconds after);
  int wait();  // the exit code, 128 + n for a signal
  pid_t pid() const { return pid_; }

 private:
  void start_with(const Launch& launch, int in, int err);

  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffered_;
};

}  // namespace pawprint::testing
