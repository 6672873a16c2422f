#include "workflow/workspace.h"

#include <algorithm>

#include "base/format.h"
#include "base/shell_word.h"
#include "protocol/catalogue.h"
#include "workflow/actor.h"
#include "workflow/repository.h"

namespace pawprint::workflow {
namespace {

using protocol::Lane;

std::string branch_name(const Feature& feature, std::string_view wp_id) {
  return fmt::format("{}-{}", feature.slug, wp_id);
}

Result<std::string> commit_of_base(const Repository& repository, const Feature& feature,
                                   const std::string& base) {
  PAW_TRY(commit,
          repository.commit_of(protocol::is_wp_id(base) ? "refs/heads/" + branch_name(feature, base) : base));
  if (commit) return *std::move(commit);
  return fail(ErrorKind::usage, fmt::format("--base {} names no commit of this repository", base),
              "git branch --all");
}

// Where a new branch starts: see workspace.h.
Result<std::string> start_commit(const Repository& repository, const Feature& feature,
                                 const WorkPackage& work_package, const std::optional<std::string>& base) {
  if (base) return commit_of_base(repository, feature, *base);
  if (work_package.dependencies.size() == 1) {
    PAW_TRY(commit,
            repository.commit_of_branch(branch_name(feature, work_package.dependencies.front().wp_id)));
    if (commit) return *std::move(commit);
  }
  PAW_TRY(target, repository.commit_of_branch(feature.target_branch));
  if (target) return *std::move(target);
  return commit_of_base(repository, feature, "HEAD");
}

void warn_about_dependencies(const Feature& feature, const WorkPackage& work_package, Warnings& warnings) {
  std::string waiting;
  for (const Dependency& dependency : work_package.dependencies) {
    const auto found = std::ranges::find(feature.work_packages, dependency.wp_id, &WorkPackage::id);
    const bool known = found != feature.work_packages.end();
    if (known && (found->lane == Lane::done || found->lane == Lane::for_review)) continue;
    waiting += fmt::format("{}{} ({})", waiting.empty() ? "" : ", ", dependency.wp_id,
                           known ? protocol::name_of(found->lane) : "its file is damaged");
  }
  if (waiting.empty()) return;
  warnings.add("dependency_not_ready",
               fmt::format("{} depends on work that is not finished: {}", work_package.id, waiting));
}

void warn_about_uncommitted(const Repository& repository, const project::Places& places, const Path& worktree,
                            Warnings& warnings) {
  const auto count = repository.count_uncommitted();
  if (!count) {
    warnings.add("uncommitted_unknown", count.error().message, count.error().hint);
  } else if (*count > 0) {
    warnings.add(
        "uncommitted_changes",
        fmt::format("{} in {} {} not committed, so {} does not have {}",
                    *count == 1 ? "one change" : fmt::format("{} changes", *count), places.root.string(),
                    *count == 1 ? "is" : "are", worktree.string(), *count == 1 ? "it" : "them"),
        fmt::format("git -C {} status", shell_word(places.root.string())));
  }
}

// True if the worktree was made, false if it was there.
Result<bool> ensure_worktree(const Environment& environment, const Repository& repository,
                             const Feature& feature, const WorkPackage& work_package,
                             const ImplementRequest& request, const ImplementOutcome& outcome) {
  PAW_TRY(there, environment.disk->status(outcome.worktree));
  if (there) {
    PAW_TRY(branch, repository.branch_of_worktree(outcome.worktree));
    if (branch == outcome.branch) return false;
    return fail(
        ErrorKind::failed,
        branch ? fmt::format("{} is a worktree of {}, not of {}", outcome.worktree.string(),
                             branch->empty() ? "no branch" : *branch, outcome.branch)
               : fmt::format("{} exists, and is no worktree of this repository", outcome.worktree.string()),
        branch ? fmt::format("git -C {} switch {}", shell_word(outcome.worktree.string()),
                             shell_word(outcome.branch))
               : fmt::format("mv {} {}", shell_word(outcome.worktree.string()),
                             shell_word(outcome.worktree.string() + ".old")));
  }
  PAW_TRY(registered, repository.branch_of_worktree(outcome.worktree));
  if (registered) return repository.missing_worktree(outcome.worktree);
  PAW_TRY(ignored, repository.ignore_worktrees());
  PAW_TRY(existing, repository.commit_of_branch(outcome.branch));
  if (existing) {
    PAW_TRY(reused, repository.add_worktree(outcome.worktree, outcome.branch));
    return true;
  }
  PAW_TRY(start, start_commit(repository, feature, work_package, request.base));
  PAW_TRY(added, repository.add_worktree(outcome.worktree, outcome.branch, start));
  return true;
}

}  // namespace

Result<ImplementOutcome> implement(const Environment& environment, Emitter& emitter,
                                   const project::Places& places, const Feature& feature,
                                   const ImplementRequest& request, Warnings& warnings) {
  PAW_TRY(work_package, find_work_package(feature, request.wp_id));
  PAW_TRY(checked, check_dependencies(feature, work_package));
  Move move;
  move.to = Lane::in_progress;
  move.actor = acting(environment, places, request.actor, request.agent);
  move.agent = request.agent;
  // Asked before git is, so that a refused move leaves no worktree behind.
  PAW_TRY(startable, check_transition(environment, feature, work_package, move));
  ImplementOutcome outcome;
  outcome.feature_slug = feature.slug;
  outcome.wp_id = work_package.id;
  outcome.branch = branch_name(feature, work_package.id);
  outcome.worktree = places.root / ".worktrees" / outcome.branch;
  PAW_TRY(repository, Repository::open(environment, places));
  PAW_TRY(created, ensure_worktree(environment, repository, feature, work_package, request, outcome));
  outcome.created = created;
  if (created) warn_about_uncommitted(repository, places, outcome.worktree, warnings);
  if (work_package.lane != move.to) warn_about_dependencies(feature, work_package, warnings);
  PAW_TRY(moved, transition(environment, emitter, feature, work_package, move, warnings));
  outcome.from = moved.from;
  outcome.to = moved.to;
  outcome.event_id = moved.event_id;
  if (moved.changed) outcome.changed_file = moved.file;
  return outcome;
}

}  // namespace pawprint::workflow
