#include "workflow/repository.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/shell_word.h"

namespace pawprint::workflow {
namespace {

using Words = std::vector<std::string>;

std::unexpected<Error> git_failed(std::string_view what, const project::GitAnswer& answer, std::string hint) {
  std::string reason =
      answer.complaint.empty() ? fmt::format("git ended with {}", answer.exit_code) : answer.complaint;
  std::ranges::replace(reason, '\n', ' ');
  return fail(ErrorKind::failed, fmt::format("{}: {}", what, reason), std::move(hint));
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

bool same_place(const Path& a, const Path& b) {
  std::error_code failed;
  return std::filesystem::weakly_canonical(a, failed) == std::filesystem::weakly_canonical(b, failed);
}

// The next field of NUL-separated output.
std::string_view next_field(std::string_view& rest) {
  const auto end = std::min(rest.find('\0'), rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

}  // namespace

Result<project::GitAnswer> Repository::ask(std::span<const std::string> words) const {
  return project::run_git(*environment_, places_->root, words, patience_);
}

Result<Repository> Repository::open(const Environment& environment, const project::Places& places,
                                    std::chrono::milliseconds patience) {
  Repository repository(environment, places, patience);
  const std::string root = places.root.string();
  if (!places.git_common_dir) {
    return fail(ErrorKind::failed, fmt::format("cannot make a worktree: {} is not in a git repository", root),
                fmt::format("git -C {} init", shell_word(root)));
  }
  PAW_TRY(bare, repository.is_bare());
  if (bare) {
    return fail(ErrorKind::failed,
                fmt::format("cannot make a worktree: the repository at {} has no checkout", root),
                fmt::format("git clone {} {}", shell_word(root),
                            shell_word((places.root.parent_path() / "checkout").string())));
  }
  PAW_TRY(head, repository.commit_of("HEAD"));
  if (!head) {
    return fail(ErrorKind::failed,
                fmt::format("cannot make a worktree: the repository at {} has no commit yet", root),
                fmt::format("git -C {} commit --allow-empty -m \"first commit\"", shell_word(root)));
  }
  return repository;
}

Result<bool> Repository::is_bare() const {
  const Words words{"rev-parse", "--is-bare-repository"};
  PAW_TRY(answer, ask(words));
  return first_line(answer.output) == "true";
}

std::unexpected<Error> Repository::missing_worktree(const Path& path) const {
  return fail(
      ErrorKind::failed,
      fmt::format("cannot make the worktree {}: git knows it, but it is not there any more", path.string()),
      fmt::format("git -C {} worktree prune", shell_word(places_->root.string())));
}

Result<std::optional<std::string>> Repository::commit_of(std::string_view revision) const {
  const Words words{"rev-parse", "--verify", "--quiet", "--end-of-options",
                    fmt::format("{}^{{commit}}", revision)};
  PAW_TRY(answer, ask(words));
  if (answer.exit_code == 0) return first_line(answer.output);
  // --quiet says nothing about a name that is unknown, and something about everything else.
  if (answer.exit_code == 1) return std::nullopt;
  return git_failed(fmt::format("cannot look up {}", revision), answer, {});
}

Result<std::optional<std::string>> Repository::commit_of_branch(std::string_view branch) const {
  return commit_of(fmt::format("refs/heads/{}", branch));
}

Result<std::optional<std::string>> Repository::branch_of_worktree(const Path& path) const {
  const Words words{"worktree", "list", "--porcelain", "-z"};
  PAW_TRY(answer, ask(words));
  if (answer.exit_code != 0) return git_failed("cannot list the worktrees", answer, {});
  std::optional<std::string> branch;
  bool here = false;
  for (std::string_view rest = answer.output; !rest.empty();) {
    const std::string_view field = next_field(rest);
    if (field.starts_with("worktree ")) {
      here = same_place(field.substr(9), path);
      if (here) branch.emplace();
    } else if (here && field.starts_with("branch refs/heads/")) {
      branch = field.substr(18);
    }
  }
  return branch;
}

Result<void> Repository::add_worktree(const Path& path, std::string_view existing_branch) const {
  const Words words{"worktree", "add", "--quiet", path.string(), std::string(existing_branch)};
  PAW_TRY(answer, project::run_git(*environment_, places_->root, words));
  if (answer.exit_code == 0) return {};
  return git_failed(fmt::format("cannot make the worktree {}", path.string()), answer,
                    fmt::format("git -C {} worktree list", shell_word(places_->root.string())));
}

Result<void> Repository::add_worktree(const Path& path, std::string_view new_branch,
                                      std::string_view start_commit) const {
  const Words words{"worktree",    "add",
                    "--quiet",     "--no-track",
                    "-b",          std::string(new_branch),
                    path.string(), std::string(start_commit)};
  PAW_TRY(answer, project::run_git(*environment_, places_->root, words));
  if (answer.exit_code == 0) return {};
  return git_failed(fmt::format("cannot make the worktree {}", path.string()), answer,
                    fmt::format("git -C {} worktree list", shell_word(places_->root.string())));
}

Result<void> Repository::ignore_worktrees() const {
  const Words words{"check-ignore", "--quiet", ".worktrees/any"};
  PAW_TRY(answer, ask(words));
  if (answer.exit_code == 0) return {};
  if (answer.exit_code != 1) return git_failed("cannot ask git what it ignores", answer, {});
  Disk& disk = *environment_->disk;
  const Path file = *places_->git_common_dir / "info" / "exclude";
  PAW_TRY(made, disk.make_directories(file.parent_path(), 0755));
  PAW_TRY(content, read_file(disk, file));
  PAW_TRY(facts, disk.status(file));
  std::string text = content.value_or("");
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += ".worktrees/\n";
  return replace_file(disk, file, text, facts ? facts->mode : 0644);
}

Result<std::size_t> Repository::count_uncommitted() const {
  const Words words{"status",
                    "--porcelain=v1",
                    "-z",
                    "--no-renames",
                    "--untracked-files=normal",
                    "--",
                    ".",
                    ":(exclude)kitty-specs",
                    ":(exclude).kittify",
                    ":(exclude).worktrees"};
  PAW_TRY(answer, ask(words));
  if (answer.exit_code != 0) return git_failed("cannot ask git what is not committed", answer, {});
  return static_cast<std::size_t>(std::ranges::count(answer.output, '\0'));
}

}  // namespace pawprint::workflow
