#include "project/git_command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

#include "base/format.h"
#include "base/shell_word.h"

namespace pawprint::project {
namespace {

constexpr int kTimeToEndMs = 1000;

// A pipe whose ends close themselves.
class Pipe {
 public:
  static Result<Pipe> open() {
    Pipe pipe;
    if (::pipe2(pipe.ends_.data(), O_CLOEXEC) == 0) return pipe;
    return fail(ErrorKind::failed,
                fmt::format("cannot start git: {}", std::generic_category().message(errno)));
  }
  Pipe(Pipe&& other) noexcept : ends_(std::exchange(other.ends_, {-1, -1})) {}
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  Pipe& operator=(Pipe&&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() { close_end(1); }

 private:
  Pipe() = default;
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

// Only absolute directories of PATH count: a repository must not be able to bring its own git.
std::optional<std::string> find_git(const Environment& environment) {
  std::string search = environment.variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (std::size_t at = 0; at <= search.size();) {
    const auto end = std::min(search.find(':', at), search.size());
    const std::string directory = search.substr(at, end - at);
    at = end + 1;
    if (!directory.starts_with('/')) continue;
    std::string candidate = directory + "/git";
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return std::nullopt;
}

// `git rev-parse --local-env-vars` of git 2.39, and what changes the meaning of the paths that we hand over.
constexpr std::array<std::string_view, 20> kVariablesOfOneRepository = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
};

// Who only asks takes no lock that git can do without.
std::vector<std::string> cleaned_variables(const Environment& environment, bool only_asks) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : environment.variables) {
    if (only_asks && name == "GIT_OPTIONAL_LOCKS") continue;
    if (name == "LC_ALL" || name == "LANGUAGE" || name == "GIT_TERMINAL_PROMPT") continue;
    if (std::ranges::find(kVariablesOfOneRepository, name) != kVariablesOfOneRepository.end()) continue;
    variables.push_back(fmt::format("{}={}", name, value));
  }
  variables.emplace_back("LC_ALL=C");
  variables.emplace_back("GIT_TERMINAL_PROMPT=0");
  if (only_asks) variables.emplace_back("GIT_OPTIONAL_LOCKS=0");
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<pid_t> spawn(const std::string& program, std::vector<std::string> words,
                    std::vector<std::string> variables, int output, int complaint) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, complaint, STDERR_FILENO);
  // What we ignore or block is nothing that git should ignore or block.
  sigset_t none;
  sigemptyset(&none);
  sigset_t to_default = none;
  for (const int number : {SIGCHLD, SIGPIPE, SIGTERM}) sigaddset(&to_default, number);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &to_default);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t child = -1;
  const int failed = posix_spawn(&child, program.c_str(), &actions, &attributes, pointers_to(words).data(),
                                 pointers_to(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed == 0) return child;
  return fail(ErrorKind::failed,
              fmt::format("cannot start {}: {}", program, std::generic_category().message(failed)));
}

// Reads once; false at the end.
bool read_some(int descriptor, std::string& into) {
  std::array<char, 4096> buffer;
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  if (got > 0) into.append(buffer.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && errno == EINTR);
}

// Both at once: a program that fills one pipe while we wait on the other would stand still. False: it was
// silent for `patience_ms`; -1 waits for ever.
bool read_both(int output, int complaint, int patience_ms, GitAnswer& answer) {
  std::array<pollfd, 2> waiting{pollfd{output, POLLIN, 0}, pollfd{complaint, POLLIN, 0}};
  const std::array<std::string*, 2> into{&answer.output, &answer.complaint};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    const int ready = ::poll(waiting.data(), waiting.size(), patience_ms);
    if (ready == 0) return false;
    if (ready < 0) {
      if (errno == EINTR) continue;
      return true;
    }
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (waiting[i].fd >= 0 && waiting[i].revents != 0 && !read_some(waiting[i].fd, *into[i]))
        waiting[i].fd = -1;
    }
  }
  return true;
}

Result<int> wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno == EINTR) continue;
    return fail(ErrorKind::failed,
                fmt::format("cannot learn how git ended: {}", std::generic_category().message(errno)));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void trim_end(std::string& text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
}

}  // namespace

Result<GitAnswer> run_git(const Environment& environment, const Path& directory,
                          std::span<const std::string> arguments,
                          std::optional<std::chrono::milliseconds> patience) {
  const auto program = find_git(environment);
  if (!program)
    return fail(ErrorKind::failed, "git is not installed: it is in no directory of PATH", "apt install git");
  PAW_TRY(output, Pipe::open());
  PAW_TRY(complaint, Pipe::open());
  std::vector<std::string> words{"git", "-C", directory.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  PAW_TRY(child, spawn(*program, std::move(words), cleaned_variables(environment, patience.has_value()),
                       output.writer(), complaint.writer()));
  output.close_writer();
  complaint.close_writer();
  GitAnswer answer;
  const bool answered = read_both(output.reader(), complaint.reader(),
                                  patience ? static_cast<int>(patience->count()) : -1, answer);
  if (!answered) {
    ::kill(child, SIGTERM);  // upon which git removes its locks
    GitAnswer last_words;
    if (!read_both(output.reader(), complaint.reader(), kTimeToEndMs, last_words)) ::kill(child, SIGKILL);
  }
  PAW_TRY(exit_code, wait_for(child));
  if (!answered) {
    std::string asked = "git -C " + shell_word(directory.string());
    for (const std::string& each : arguments) asked += " " + shell_word(each);
    return fail(ErrorKind::failed, fmt::format("git does not answer, and was ended: {}", asked),
                "ls -l " + shell_word((directory / ".git").string()));
  }
  answer.exit_code = exit_code;
  trim_end(answer.complaint);
  return answer;
}

std::optional<std::string> git_user_name(const Environment& environment, const Path& directory) {
  const std::vector<std::string> arguments{"config", "--get", "user.name"};
  auto answer = run_git(environment, directory, arguments, kPatienceWithQuestions);
  if (!answer || answer->exit_code != 0) return std::nullopt;
  trim_end(answer->output);
  if (answer->output.empty()) return std::nullopt;
  return std::move(answer->output);
}

}  // namespace pawprint::project
