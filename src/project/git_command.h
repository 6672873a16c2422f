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

// For what only reads the repository: a git that says nothing for so long waits for something that does not
// come, such as the other end of a named pipe in the place of a file of its own. Hooks and checkouts take as
// long as they take.
inline constexpr std::chrono::milliseconds kPatienceWithQuestions{10'000};

// Runs `git -C directory arguments...` without a shell, with stdin empty, in the C locale, and without the
// variables of the caller's environment that would point it at another repository or give paths another
// meaning; who the user is and where the configuration lies stays. `git` is looked up in the absolute
// directories of PATH. Blocks until it ends, or until it has been silent for `patience`; then it is told to
// end, and killed a second later. With `patience` it takes no lock that it can do without, so that nobody
// else waits for it. Kind `failed` if there is no git, it cannot be started or was ended, then with what it
// was asked; a git that fails is an answer.
Result<GitAnswer> run_git(const Environment& environment, const Path& directory,
                          std::span<const std::string> arguments,
                          std::optional<std::chrono::milliseconds> patience = std::nullopt);

// git's user.name as it holds in `directory`; nullopt if none is set, there is no git or it does not answer.
std::optional<std::string> git_user_name(const Environment& environment, const Path& directory);

}  // namespace pawprint::project
