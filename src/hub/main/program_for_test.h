// Starting pawprint-hub as it is installed, for tests.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pawprint::hub {

// A running pawprint-hub. The destructor kills it if it still runs.
class Program {
 public:
  Program(std::vector<std::string> words, std::string_view input) {
    std::array<int, 2> in{}, out{}, err{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0 ||
        ::pipe2(err.data(), O_CLOEXEC) != 0) {
      ::perror("pipe");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, err[1], 2);
    std::string path = PAWPRINT_BINARY_DIR "/bin/pawprint-hub";
    std::vector<char*> arguments{path.data()};
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::string sabotage = of_the_run("PAWPRINT_SABOTAGE");
    std::string thread_sanitizer = of_the_run("TSAN_OPTIONS");
    std::array<char*, 3> variables{sabotage.data(), thread_sanitizer.data(), nullptr};
    if (::posix_spawn(&process_, path.c_str(), &actions, nullptr, arguments.data(), variables.data()) != 0) {
      ::perror(path.c_str());
      process_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    for (const int given : {in[0], out[1], err[1]}) ::close(given);
    if (::write(in[1], input.data(), input.size()) < 0) ::perror("write");
    ::close(in[1]);
    out_ = out[0];
    err_ = err[0];
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (process_ > 0) {
      signal(SIGKILL);
      wait();
    }
    ::close(out_);
    ::close(err_);
  }

  void signal(int number) const { ::kill(process_, number); }

  // The exit code, or minus the number of the signal that ended it.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  std::string read_line() const {
    std::string line;
    char byte = 0;
    while (::read(out_, &byte, 1) == 1 && byte != '\n') line.push_back(byte);
    return line;
  }
  std::string read_error_line() const {
    std::string line;
    char byte = 0;
    while (::read(err_, &byte, 1) == 1 && byte != '\n') line.push_back(byte);
    return line;
  }
  pid_t process() const { return process_; }
  std::string rest_of_output() const { return drain(out_); }
  std::string rest_of_errors() const { return drain(err_); }

 private:
  // NAME=VALUE, as the test itself was started with it.
  static std::string of_the_run(const char* name) {
    const char* value = std::getenv(name);
    return std::string(name) + "=" + (value == nullptr ? "" : value);
  }

  static std::string drain(int descriptor) {
    std::string text;
    char byte = 0;
    while (::read(descriptor, &byte, 1) == 1) text.push_back(byte);
    return text;
  }

  pid_t process_ = -1;
  int out_ = -1;
  int err_ = -1;
};

struct Ended {
  int exit_code = 0;
  std::string out;
  std::string err;
};

inline Ended run_to_end(std::vector<std::string> words, std::string_view input = {}) {
  Program program(std::move(words), input);
  Ended ended;
  ended.out = program.rest_of_output();
  ended.err = program.rest_of_errors();
  ended.exit_code = program.wait();
  return ended;
}

}  // namespace pawprint::hub
