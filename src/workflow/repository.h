// The git repository of a project, as far as worktrees need it.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/environment.h"
#include "base/result.h"
#include "pawprint/warning.h"
#include "project/git_command.h"
#include "project/places.h"

namespace pawprint::workflow {

class Repository {
 public:
  // Kind `failed` with a hint: no git, no repository, or one without a checkout or a commit. What only reads
  // the repository, this too, fails once git has been silent for `patience`.
  static Result<Repository> open(const Environment& environment, const project::Places& places,
                                 std::chrono::milliseconds patience = project::kPatienceWithQuestions);

  // The commit that a revision names; nullopt if it names none.
  Result<std::optional<std::string>> commit_of(std::string_view revision) const;
  Result<std::optional<std::string>> commit_of_branch(std::string_view branch) const;

  // The branch that is checked out in the worktree at `path`; empty for a detached HEAD, nullopt if this
  // repository has no worktree there.
  Result<std::optional<std::string>> branch_of_worktree(const Path& path) const;

  // The error, of kind `failed`, for a worktree that git knows and that is not on disk.
  std::unexpected<Error> missing_worktree(const Path& path) const;

  // Kind `failed`, with what git says.
  Result<void> add_worktree(const Path& path, std::string_view existing_branch) const;
  Result<void> add_worktree(const Path& path, std::string_view new_branch,
                            std::string_view start_commit) const;

  // Keeps `.worktrees/` out of `git status`: adds it to .git/info/exclude unless a rule covers it already.
  Result<void> ignore_worktrees() const;

  // How many files of the main checkout differ from HEAD or are untracked, without those that every worktree
  // shares (kitty-specs, .kittify, .worktrees).
  Result<std::size_t> count_uncommitted() const;

 private:
  Result<bool> is_bare() const;

  Result<project::GitAnswer> ask(std::span<const std::string> words) const;

  Repository(const Environment& environment, const project::Places& places,
             std::chrono::milliseconds patience)
      : environment_(&environment), places_(&places), patience_(patience) {}

  const Environment* environment_;
  const project::Places* places_;
  std::chrono::milliseconds patience_;
};

}  // namespace pawprint::workflow
