// `implement`: a branch and a git worktree for one work package, and the work package in progress.
#pragma once

#include <optional>
#include <string>

#include "workflow/transition.h"

namespace pawprint::workflow {

struct ImplementRequest {
  std::string wp_id;
  std::optional<std::string> base;  // a revision, or the id of a work package of the feature
  std::string actor;                // empty: the agent, else git's user.name, else the user's name
  std::string agent;                // empty: none named
};

struct ImplementOutcome {
  std::string feature_slug;
  std::string wp_id;
  protocol::Lane from = protocol::Lane::planned;
  protocol::Lane to = protocol::Lane::in_progress;
  std::optional<std::string> event_id;  // as in TransitionOutcome
  Path worktree;                        // <root>/.worktrees/<feature>-WPnn
  std::string branch;                   // <feature>-WPnn
  std::optional<Path> changed_file;     // the work package's, if it was moved
  bool created = false;                 // false: the worktree was there already
};

// Makes the worktree (reusing worktree and branch where they exist), then moves the work package to
// in_progress. A new branch starts at --base, else at the branch of the only dependency, else at the
// feature's target branch, else at HEAD. Twice is no error, and emits nothing the second time. Warns about
// changes in the main checkout that a new worktree does not see, and about dependencies that are not
// for_review or done. Blocks for git. Kinds: `failed` with a hint (no git, no repository, no commit yet, git
// refused), `usage` (unknown base), those of find_work_package, check_dependencies and transition.
Result<ImplementOutcome> implement(const Environment& environment, Emitter& emitter,
                                   const project::Places& places, const Feature& feature,
                                   const ImplementRequest& request, Warnings& warnings);

}  // namespace pawprint::workflow
