#include "cli/agent_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/json/value.hpp>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/format.h"
#include "cli/json_text.h"
#include "protocol/json.h"

namespace pawprint::cli {
namespace {

constexpr std::string_view kAgentName = "pawprint-agent";
constexpr std::string_view kLibexec = PAWPRINT_LIBEXEC_DIR;

Result<Path> find_agent(const Environment& environment) {
  const Path beside = environment.executable.parent_path() / kAgentName;
  for (const Path& candidate : {beside, Path(kLibexec) / kAgentName}) {
    if (candidate.is_absolute() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return fail(
      ErrorKind::failed,
      fmt::format("cannot find {} beside {} or in {}", kAgentName, environment.executable.string(), kLibexec),
      "pawprint doctor");
}

std::unexpected<Error> cannot_run(const Path& agent, int code) {
  return fail(ErrorKind::failed,
              fmt::format("cannot run {}: {}", agent.string(), std::generic_category().message(code)));
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

struct Child {
  pid_t pid = -1;
  int output = -1;
};

Result<Child> spawn(const Context& context, const Path& agent, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{agent.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables;
  for (const auto& [name, value] : context.environment.variables) variables.push_back(name + "=" + value);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return cannot_run(agent, errno);

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigset_t to_default = none;
  for (const int number : {SIGINT, SIGCHLD, SIGPIPE}) sigaddset(&to_default, number);
  posix_spawnattr_setsigdefault(&attributes, &to_default);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int code = ::posix_spawn(&pid, agent.c_str(), &actions, &attributes, pointers(words).data(),
                                 pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (code != 0) {
    ::close(ends[0]);
    return cannot_run(agent, code);
  }
  return Child{pid, ends[0]};
}

std::string read_to_end(int descriptor) {
  std::string text;
  std::array<char, 4096> chunk{};
  for (;;) {
    const ssize_t got = ::read(descriptor, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;  // an unreadable pipe ends the text; what is missing shows when it is parsed
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  return text;
}

ErrorKind kind_of(std::string_view name) {
#define PAW_ERROR_KIND(row, exit_code, retry, meaning) \
  if (name == #row) return ErrorKind::row;
#include "pawprint/error_kinds.def"
#undef PAW_ERROR_KIND
  return ErrorKind::failed;
}

Error error_of(const boost::json::object& object) {
  Error error;
  error.kind = kind_of(text_of(object, "kind"));
  error.message = text_of(object, "message");
  error.hint = text_of(object, "hint");
  error.file = text_of(object, "file");
  error.path = text_of(object, "path");
  const boost::json::value* line = object.if_contains("line");
  if (line != nullptr && line->is_int64()) error.line = static_cast<int>(line->get_int64());
  return error;
}

// 128 + n for a signal.
Result<int> wait_for(const Path& agent, pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno == EINTR) continue;
    return fail(ErrorKind::failed, fmt::format("cannot learn how {} ended: {}", agent.string(),
                                               std::generic_category().message(errno)));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool was_interrupted(int exit_code) {
  return exit_code == 128 + SIGINT || exit_code == 128 + SIGTERM || exit_code == 128 + SIGHUP;
}

Result<AgentAnswer> read_answer(const Path& agent, const std::string& text, int exit_code) {
  const auto parsed = protocol::parse_json(text);
  if (!parsed || !parsed->is_object()) {
    if (was_interrupted(exit_code)) return fail(ErrorKind::interrupted, "interrupted");
    return fail(ErrorKind::failed,
                fmt::format("{} ended with code {} and without a report", agent.string(), exit_code));
  }
  AgentAnswer answer;
  answer.exit_code = exit_code;
  const boost::json::object& object = parsed->get_object();
  if (const auto* data = object.if_contains("data"); data != nullptr && data->is_object()) {
    answer.data = data->get_object();
  }
  if (const auto* error = object.if_contains("error"); error != nullptr && error->is_object()) {
    answer.error = error_of(error->get_object());
    answer.exit_code = exit_code_of(answer.error->kind);
  }
  return answer;
}

}  // namespace

Result<AgentAnswer> run_agent(const Context& context, const std::vector<std::string>& arguments) {
  PAW_TRY(agent, find_agent(context.environment));
  const auto previous = std::signal(SIGINT, SIG_IGN);
  const auto child = spawn(context, agent, arguments);
  if (!child) {
    std::signal(SIGINT, previous);
    return std::unexpected(child.error());
  }
  const std::string text = read_to_end(child->output);
  ::close(child->output);
  const auto exit_code = wait_for(agent, child->pid);
  std::signal(SIGINT, previous);
  PAW_TRY(ended_with, exit_code);
  return read_answer(agent, text, ended_with);
}

}  // namespace pawprint::cli
