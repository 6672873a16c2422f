#include "base/environment.h"

#include <pwd.h>
#include <unistd.h>

#include <array>

#include "base/failpoint.h"

extern char** environ;

namespace pawprint {
namespace {

// The order in which the older Python client asks, so that a machine keeps the name it had there.
std::string user_name(const Environment& environment, const passwd* user) {
  for (const std::string_view name : {"LOGNAME", "USER", "LNAME", "USERNAME"}) {
    if (auto value = environment.variable(name)) return *std::move(value);
  }
  return user != nullptr ? user->pw_name : "unknown";
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

  // Asking the user database is dear (name services are loaded); most processes have $HOME and $USER.
  const auto home = environment.variable("HOME");
  const bool named = environment.variable("LOGNAME") || environment.variable("USER");
  const passwd* user = home && named ? nullptr : ::getpwuid(::getuid());
  if (home) {
    environment.user_home = *home;
  } else if (user != nullptr && user->pw_dir != nullptr) {
    environment.user_home = user->pw_dir;
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
