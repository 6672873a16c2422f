#include "base/environment.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>

#include "base/failpoint.h"

extern char** environ;

namespace pawprint {
namespace {

struct User {
  std::string name;
  std::string home;
};

// From /etc/passwd alone: the name services of glibc are loaded at run time, which a static program can rely
// on only where the same glibc is. Whoever is known to a directory service has $HOME and $USER from the
// login.
std::optional<User> user_of_passwd_file(uid_t id) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/etc/passwd", "re"), std::fclose);
  if (!file) return std::nullopt;
  while (const passwd* entry = ::fgetpwent(file.get())) {
    if (entry->pw_uid == id) return User{entry->pw_name, entry->pw_dir};
  }
  return std::nullopt;
}

// The order in which the older Python client asks, so that a machine keeps the name it had there.
std::string user_name(const Environment& environment, const std::optional<User>& user) {
  for (const std::string_view name : {"LOGNAME", "USER", "LNAME", "USERNAME"}) {
    if (auto value = environment.variable(name)) return *std::move(value);
  }
  return user ? user->name : "unknown";
}

}  // namespace

std::optional<std::string> Environment::variable(std::string_view name) const {
  const auto found = variables.find(name);
  if (found == variables.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

Environment process_environment() {
  static SystemClock clock;
  static SystemRandom random;
  static PosixDisk disk;
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  std::error_code failed;
  environment.directory = std::filesystem::current_path(failed);
  environment.executable = std::filesystem::read_symlink("/proc/self/exe", failed);
  // An empty directory or executable is a state that callers report; there is nothing else to do about it
  // here.

  const auto home = environment.variable("HOME");
  const bool named = environment.variable("LOGNAME") || environment.variable("USER");
  const auto user = home && named ? std::nullopt : user_of_passwd_file(::getuid());
  if (home) {
    environment.user_home = *home;
  } else if (user) {
    environment.user_home = user->home;
  }
  environment.username = user_name(environment, user);
  std::array<char, 256> host{};
  environment.hostname = ::gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "localhost";
  if (const auto step = environment.variable("PAWPRINT_FAILPOINT"); kFailpointsBuilt && step)
    arm_failpoint(*step);
  environment.clock = &clock;
  environment.random = &random;
  environment.disk = &disk;
  return environment;
}

}  // namespace pawprint
