// A machine of its own for a test: a home, a directory for projects, and the built programs.
#pragma once

#include <boost/json/value.hpp>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/process.h"

namespace pawprint::testing {

namespace fs = std::filesystem;

// The JSON object that a command printed, with its exit code.
struct JsonOutcome {
  int exit_code = -1;
  boost::json::object object;
  std::string err;

  const boost::json::object& data() const { return object.at("data").as_object(); }
  std::string error(const char* field) const;  // "" where it is null
};

// Removed with everything in it by the destructor.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// One machine: a PAWPRINT_HOME of its own and a working directory.
class Machine {
 public:
  Machine(fs::path home, fs::path directory);

  Outcome run(std::vector<std::string> words, std::string input = {}) const;  // words[0]: "pawprint", "git"
  JsonOutcome json(std::vector<std::string> words, std::string input = {}) const;  // `pawprint WORDS --json`
  std::string git(std::vector<std::string> words) const;  // aborts the test if git fails
  Launch launch(std::vector<std::string> words, std::string input = {}) const;

  fs::path home;
  fs::path directory;
};

// A hub on a free port over its own data directory, with team `acme` and user `kim@example.com`.
class Hub {
 public:
  explicit Hub(const fs::path& data_directory);
  // Takes the place of another one, with what a test put into the directory; not started.
  Hub(const fs::path& data_directory, std::string url) : data_(data_directory), url_(std::move(url)) {}
  // Waits for its ready line. `variables` and `words` come to those that a hub needs.
  void start(const std::map<std::string, std::string>& variables = {},
             const std::vector<std::string>& words = {});
  // The same of a hub that may refuse: its last words, nullopt once it serves.
  std::optional<Outcome> try_to_start(const std::map<std::string, std::string>& variables = {},
                                      const std::vector<std::string>& words = {});
  void kill();  // SIGKILL
  int wait();   // until it ends by itself: its exit code, 128 + n for a signal
  int wait_or_kill(std::chrono::microseconds after) { return ended(process_->wait_or_kill(after)); }
  void signal(int number) const { process_->send_signal(number); }
  pid_t pid() const { return process_->pid(); }
  const std::string& url() const { return url_; }
  const fs::path& data() const { return data_; }
  // A command of its administrator; run() aborts the test if it fails.
  Outcome try_to_run(std::vector<std::string> words, std::string input = {},
                     const std::map<std::string, std::string>& variables = {}) const;
  std::string run(std::vector<std::string> words, std::string input) const;

 private:
  int ended(int exit_code) {
    process_.reset();
    return exit_code;
  }

  fs::path data_;
  std::string url_;
  std::unique_ptr<Background> process_;
};

inline constexpr const char* kPassword = "a password that is long";
inline constexpr const char* kUser = "kim@example.com";

// Root may write anywhere unless it is told not to.
Launch without_privileges(Launch launch);

// A git repository with the demo project's files, committed, but without an identity.
void make_project(const Machine& machine);

std::string read_text(const fs::path& file);
void write_text(const fs::path& file, const std::string& text);

}  // namespace pawprint::testing
