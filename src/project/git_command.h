// Running `git` itself, for what only it can do.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/result.h"

namespace pawprint::project {

struct GitAnswer {
  int exit_code = 0;      // 128 + n if a signal ended it
  std::string output;     // stdout
  std::string complaint;  // stderr, without white space at its end
};

// Runs `git -C directory arguments...` without a shell, with stdin empty, in the C locale, and without the
// variables of the caller's environment that would point it at another repository or give paths another
// meaning; who the user is and where the configuration lies stays. `git` is looked up in the absolute
// directories of PATH. Blocks until it ends, or until it has been silent for `patience`; then it is killed.
// Kind `failed` if there is no git, it cannot be started or was killed; a git that fails is an answer.
Result<GitAnswer> run_git(const Environment& environment, const Path& directory,
                          std::span<const std::string> arguments,
                          std::optional<std::chrono::milliseconds> patience = std::nullopt);

// git's user.name as it holds in `directory`; nullopt if none is set or there is no git.
std::optional<std::string> git_user_name(const Environment& environment, const Path& directory);

}  // namespace pawprint::project
