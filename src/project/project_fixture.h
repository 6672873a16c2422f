// For the tests of this folder: a directory of their own, an environment, and real git.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/environment.h"
#include "project/identity.h"

namespace pawprint::project {

class ProjectTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-project-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = std::filesystem::canonical(pattern);
    environment_.directory = directory_;
    environment_.user_home = directory_ / "home";
    environment_.hostname = "host";
    environment_.username = "user";
    environment_.clock = &clock_;
    environment_.random = &random_;
    environment_.disk = &disk_;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  static void write(const Path& file, std::string_view content) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
  }
  static std::string content_of(const Path& file) {
    std::ostringstream out;
    out << std::ifstream(file, std::ios::binary).rdbuf();
    return out.str();
  }

  // Runs git in `where` and gives its output without the last line break; a failure fails the test.
  std::string git(const Path& where, std::vector<std::string> arguments) {
    const Path output = directory_ / "git-output";
    const pid_t child = fork();
    if (child == 0) exec_git(where, output, std::move(arguments));
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << content_of(output);
    std::string text = content_of(output);
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

  Path new_repository(const std::string& name = "repo") {
    const Path root = directory_ / name;
    std::filesystem::create_directories(root);
    git(root, {"init", "-q"});
    return root;
  }
  void commit(const Path& root) { git(root, {"commit", "-q", "--allow-empty", "-m", "one"}); }

  Environment in(const Path& where) const {
    Environment environment = environment_;
    environment.directory = where;
    return environment;
  }
  Home home() const { return find_home(environment_).value(); }
  GitState state_in(const Path& where, Warnings& warnings) const {
    const auto places = find_init_place(in(where));
    return read_git_state(environment_, places.value(), warnings);
  }
  Identity ensure_in(const Path& where, Warnings& warnings) const {
    const auto places = find_project(in(where)).value();
    return ensure_identity(environment_, places, home(), read_git_state(environment_, places, warnings),
                           warnings);
  }
  Identity read_in(const Path& where, Warnings& warnings) const {
    const auto places = find_project(in(where)).value();
    return read_identity(environment_, places, home(), read_git_state(environment_, places, warnings),
                         warnings);
  }

  Path directory_;
  mutable PosixDisk disk_;
  mutable ManualClock clock_{1'770'000'000'000};
  mutable SeededRandom random_{7};
  Environment environment_;

 private:
  [[noreturn]] void exec_git(const Path& where, const Path& output,
                             std::vector<std::string> arguments) const {
    const int descriptor = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(descriptor, 1);
    dup2(descriptor, 2);
    setenv("HOME", directory_.c_str(), 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    arguments.insert(arguments.begin(),
                     {"git", "-C", where.string(), "-c", "init.defaultBranch=main", "-c", "user.name=Ada",
                      "-c", "user.email=ada@example.com", "-c", "protocol.file.allow=always"});
    std::vector<char*> raw;
    for (std::string& argument : arguments) raw.push_back(argument.data());
    raw.push_back(nullptr);
    execvp("git", raw.data());
    _exit(127);
  }
};

// The causes of the warnings so far.
inline std::vector<std::string> causes_of(const Warnings& warnings) {
  std::vector<std::string> causes;
  for (const Warning& warning : warnings.all()) causes.push_back(warning.cause);
  return causes;
}

}  // namespace pawprint::project
