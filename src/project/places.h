// Where the project is, seen from a directory. Git's layout is read from its files (gitrepository-layout(5));
// variables like GIT_DIR have no say.
#pragma once

#include <optional>

#include "base/disk.h"
#include "base/environment.h"
#include "base/result.h"

namespace pawprint::project {

// All paths are canonical, but for git_dir.
struct Places {
  Path root;                           // the main checkout: identity and kitty-specs live here
  Path checkout;                       // the checkout that the command runs in; root, or a linked worktree
  std::optional<Path> git_dir;         // of `checkout`; nullopt: no git
  std::optional<Path> git_common_dir;  // shared by all worktrees of the repository
  std::optional<Path> git_root;        // the checkout of the repository in which `root` lies
};

// The nearest ancestor with `.kittify/`; inside a linked worktree, the main checkout if that has one (its
// copy wins over the worktree's). Kind `not_in_project` with the hint `pawprint init` otherwise; `io` where
// the disk does not tell.
Result<Places> find_project(const Environment& environment);

// Where `init` works: the project if there is one, else the root of the repository (main checkout), else the
// directory itself. Kind `usage` in a repository without a checkout, `io` as above.
Result<Places> find_init_place(const Environment& environment);

}  // namespace pawprint::project
