// Where the parts of a git repository lie (gitrepository-layout(5)): directory, linked worktrees, bare ones.
#pragma once

#include <optional>

#include "base/disk.h"

namespace pawprint::project {

struct GitLayout {
  std::optional<Path> checkout;       // nullopt: a bare repository, entered directly
  std::optional<Path> main_checkout;  // nullopt: the repository has none
  Path git_dir;
  Path common_dir;
  bool linked = false;  // `checkout` is a linked worktree
};

// Of the nearest repository at or above `directory`; nullopt if there is none. What looks like a repository
// but cannot be read is passed over, as git does.
std::optional<GitLayout> find_git(Disk& disk, const Path& directory);

}  // namespace pawprint::project
