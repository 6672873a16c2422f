// The home: the directory in which this user's clock, outbox, sessions and settings live (docs/state.md).
#pragma once

#include <string>

#include "base/disk.h"
#include "base/environment.h"
#include "base/result.h"

namespace pawprint::project {

struct Home {
  Path directory;
  std::string
      id;  // empty for the default home, else the first 12 hex digits of SHA-256 of its canonical path
};

// $PAWPRINT_HOME, else $SPEC_KITTY_HOME, else ~/.spec-kitty; relative paths count from the working directory.
// Creates nothing. Kind `usage` if no variable is set and the user has no home directory.
Result<Home> find_home(const Environment& environment);

// Makes the directory (0700) if it is not there. Kind `io`.
Result<void> ensure_home(Disk& disk, const Home& home);

// The node_id that events carry: of host, user and home.
std::string machine_node_id(const Environment& environment, const Home& home);

}  // namespace pawprint::project
