#include "harness/sandbox.h"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace pawprint::testing {
namespace {

fs::path program(const std::string& name) {
  if (name == "git") return "/usr/bin/git";
  return fs::path(PAWPRINT_BINARY_DIR) / "bin" / name;
}

[[noreturn]] void give_up(const std::string& what, const Outcome& outcome) {
  std::cerr << "test setup failed: " << what << " ended with " << outcome.exit_code << "\n"
            << outcome.out << outcome.err;
  std::abort();
}

}  // namespace

std::string JsonOutcome::error(const char* field) const {
  const boost::json::value* error = object.if_contains("error");
  if (error == nullptr || !error->is_object()) return {};
  const boost::json::value& value = error->get_object().at(field);
  return value.is_string() ? std::string(value.get_string()) : std::string();
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = fs::temp_directory_path() / "paw-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = fs::canonical(pattern);
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code failed;
  fs::remove_all(path_, failed);
  if (failed) std::cerr << "left behind: " << path_ << ": " << failed.message() << "\n";
}

Machine::Machine(fs::path its_home, fs::path its_directory)
    : home(std::move(its_home)), directory(std::move(its_directory)) {
  fs::create_directories(directory);
}

Launch Machine::launch(std::vector<std::string> words, std::string input) const {
  words.front() = program(words.front());
  return Launch{std::move(words),
                {{"PAWPRINT_HOME", home.string()},
                 {"HOME", home.parent_path().string()},
                 {"USER", "tester"},
                 {"PATH", "/usr/bin:/bin"},
                 {"GIT_CONFIG_NOSYSTEM", "1"},
                 {"GIT_AUTHOR_NAME", "Test"},
                 {"GIT_AUTHOR_EMAIL", "test@example.com"},
                 {"GIT_COMMITTER_NAME", "Test"},
                 {"GIT_COMMITTER_EMAIL", "test@example.com"}},
                directory,
                std::move(input)};
}

Outcome Machine::run(std::vector<std::string> words, std::string input) const {
  return testing::run(launch(std::move(words), std::move(input)));
}

JsonOutcome Machine::json(std::vector<std::string> words, std::string input) const {
  words.insert(words.begin(), "pawprint");
  words.emplace_back("--json");
  const Outcome outcome = run(std::move(words), std::move(input));
  JsonOutcome result;
  result.exit_code = outcome.exit_code;
  result.err = outcome.err;
  boost::json::error_code failed;
  const boost::json::value value = boost::json::parse(outcome.out, failed);
  if (failed || !value.is_object()) give_up("a command with --json", outcome);
  result.object = value.get_object();
  return result;
}

std::string Machine::git(std::vector<std::string> words) const {
  words.insert(words.begin(), "git");
  const Outcome outcome = run(words);
  if (outcome.exit_code != 0) give_up("git " + words[1], outcome);
  return outcome.out;
}

Hub::Hub(const fs::path& data_directory) : data_(data_directory) {
  run({"team", "add", "acme"}, "");
  run({"user", "add", kUser, "--team", "acme", "--password-stdin"}, std::string(kPassword) + "\n");
  start();
}

Outcome Hub::try_to_run(std::vector<std::string> words, std::string input,
                        const std::map<std::string, std::string>& variables) const {
  words.insert(words.begin(), program("pawprint-hub"));
  words.insert(words.end(), {"--data", data_.string()});
  Launch launch{std::move(words), {{"PATH", "/usr/bin:/bin"}}, "/", std::move(input)};
  launch.variables.insert(variables.begin(), variables.end());
  return testing::run(launch);
}

std::string Hub::run(std::vector<std::string> words, std::string input) const {
  const Outcome outcome = try_to_run(std::move(words), std::move(input));
  if (outcome.exit_code != 0) give_up("pawprint-hub", outcome);
  return outcome.out;
}

void Hub::start(const std::map<std::string, std::string>& variables, const std::vector<std::string>& words) {
  if (const auto refused = try_to_start(variables, words)) give_up("pawprint-hub serve", *refused);
}

std::optional<Outcome> Hub::try_to_start(const std::map<std::string, std::string>& variables,
                                         const std::vector<std::string>& words) {
  std::string port = "0";
  if (!url_.empty()) port = url_.substr(url_.rfind(':') + 1);
  Launch launch{{program("pawprint-hub"), "serve", "--data", data_.string(), "--listen", "127.0.0.1:" + port},
                {{"PATH", "/usr/bin:/bin"}},
                "/",
                ""};
  launch.variables.insert(variables.begin(), variables.end());
  launch.words.insert(launch.words.end(), words.begin(), words.end());
  process_ = std::make_unique<Background>(launch);
  const std::string line = process_->next_line();
  if (!line.starts_with("listening ")) return Outcome{line.empty() ? process_->wait() : 0, line, ""};
  url_ = line.substr(std::string("listening ").size());
  return std::nullopt;
}

int Hub::wait() {
  return ended(process_->wait());
}

void Hub::kill() {
  process_.reset();
}

Launch without_privileges(Launch launch) {
  if (::geteuid() == 0) {
    launch.words.insert(launch.words.begin(), {"/usr/bin/setpriv", "--bounding-set=-all", "--inh-caps=-all"});
  }
  return launch;
}

void make_project(const Machine& machine) {
  fs::copy(fs::path(PAWPRINT_SOURCE_DIR) / "examples/demo-project", machine.directory,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  machine.git({"init", "-q", "-b", "main"});
  machine.git({"add", "-A"});
  machine.git({"commit", "-qm", "as it was"});
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << text;
}

}  // namespace pawprint::testing
