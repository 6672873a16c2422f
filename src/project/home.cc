#include "project/home.h"

#include "base/hash.h"
#include "project/canonical_path.h"
#include "protocol/ids.h"

namespace pawprint::project {

Result<Home> find_home(const Environment& environment) {
  auto chosen = environment.variable("PAWPRINT_HOME");
  if (!chosen) chosen = environment.variable("SPEC_KITTY_HOME");
  const bool has_user_home = !environment.user_home.empty();
  const Path usual = has_user_home
                         ? (environment.directory / environment.user_home / ".spec-kitty").lexically_normal()
                         : Path();
  if (!chosen && !has_user_home)
    return fail(ErrorKind::usage, "no home: the user has no home directory and PAWPRINT_HOME is not set",
                "export PAWPRINT_HOME=DIRECTORY");
  if (!chosen) return Home{usual, {}};
  const Path directory = (environment.directory / *chosen).lexically_normal();
  const std::string canonical = canonical_path(directory).string();
  if (has_user_home && (directory == usual || canonical == canonical_path(usual).string()))
    return Home{usual, {}};
  return Home{directory, hex(sha256(canonical)).substr(0, 12)};
}

Result<void> ensure_home(Disk& disk, const Home& home) {
  return disk.make_directories(home.directory, 0700);
}

std::string machine_node_id(const Environment& environment, const Home& home) {
  return protocol::node_id(environment.hostname, environment.username, home.id);
}

}  // namespace pawprint::project
