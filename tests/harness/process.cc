#include "harness/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

namespace pawprint::testing {
namespace {

constexpr std::chrono::seconds kLongestRun{60};

struct Descriptors {
  int in;
  int out;
  int err;
};

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

pid_t start(const Launch& launch, Descriptors descriptors) {
  std::vector<std::string> words = launch.words;
  std::vector<std::string> variables;
  for (const auto& [name, value] : launch.variables) variables.push_back(name + "=" + value);
  for (const std::string name : {"PAWPRINT_SABOTAGE", "TSAN_OPTIONS"}) {  // of the whole run
    if (const char* value = std::getenv(name.c_str())) variables.push_back(name + "=" + value);
  }
  auto argv = pointers(words);
  auto environment = pointers(variables);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::dup2(descriptors.in, STDIN_FILENO);
  ::dup2(descriptors.out, STDOUT_FILENO);
  ::dup2(descriptors.err, STDERR_FILENO);
  if (::chdir(launch.directory.c_str()) != 0) ::_exit(126);
  ::execve(argv[0], argv.data(), environment.data());
  ::_exit(127);
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_code_of(status);
}

// Waits for this one alone: whose end is whose must stay known where several run.
int wait_or_kill_at(pid_t pid, std::chrono::microseconds after) {
  const int ended = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (ended < 0) std::abort();
  pollfd until{ended, POLLIN, 0};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(after);
  const timespec longest{seconds.count(), std::chrono::nanoseconds(after - seconds).count()};
  if (::ppoll(&until, 1, &longest, nullptr) == 0) ::kill(pid, SIGKILL);
  ::close(ended);
  return wait_for(pid);
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string pattern = std::filesystem::temp_directory_path() / "paw-io-XXXXXX";
    descriptor_ = ::mkostemp(pattern.data(), O_CLOEXEC);
    name_ = pattern;
    if (!content.empty() && ::pwrite(descriptor_, content.data(), content.size(), 0) < 0) std::abort();
  }
  TemporaryFile(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    ::close(descriptor_);
    ::unlink(name_.c_str());
  }
  int descriptor() const { return descriptor_; }
  std::string content() const {
    std::ifstream in(name_, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

 private:
  int descriptor_;
  std::string name_;
};

}  // namespace

Outcome run(const Launch& launch) {
  const TemporaryFile in(launch.input), out(""), err("");
  const pid_t pid = start(launch, {in.descriptor(), out.descriptor(), err.descriptor()});
  Outcome outcome;
  outcome.exit_code = wait_or_kill_at(pid, kLongestRun);
  outcome.out = out.content();
  outcome.err = err.content();
  return outcome;
}

Background::Background(const Launch& launch) {
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const int errors = launch.errors.empty()
                         ? STDERR_FILENO
                         : ::open(launch.errors.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  start_with(launch, nothing, errors);
  ::close(nothing);
  if (errors != STDERR_FILENO) ::close(errors);
}

Background::Background(const Launch& launch, int terminal) {
  start_with(launch, terminal, terminal);
}

void Background::start_with(const Launch& launch, int in, int err) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  pid_ = start(launch, {in, ends[1], err});
  ::close(ends[1]);
  output_ = ends[0];
}

Background::Background(Background&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      buffered_(std::move(other.buffered_)) {}

Background::~Background() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    wait();
  }
  if (output_ >= 0) ::close(output_);
}

std::string Background::next_line() {
  for (;;) {
    if (const auto newline = buffered_.find('\n'); newline != std::string::npos) {
      std::string line = buffered_.substr(0, newline);
      buffered_.erase(0, newline + 1);
      return line;
    }
    pollfd ready{output_, POLLIN, 0};
    if (::poll(&ready, 1, 20'000) <= 0) return {};
    std::array<char, 4096> chunk{};
    const ssize_t got = ::read(output_, chunk.data(), chunk.size());
    if (got <= 0) return {};
    buffered_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

void Background::send_signal(int number) const {
  ::kill(pid_, number);
}

int Background::wait_or_kill(std::chrono::microseconds after) {
  return wait_or_kill_at(std::exchange(pid_, -1), after);
}

int Background::wait() {
  return wait_for(std::exchange(pid_, -1));
}

}  // namespace pawprint::testing
