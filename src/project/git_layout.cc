#include "project/git_layout.h"

#include "project/git_config.h"

namespace pawprint::project {
namespace {

bool is_directory(Disk& disk, const Path& path) {
  const auto status = disk.status(path);
  return status && *status && (*status)->is_directory;
}

bool is_file(Disk& disk, const Path& path) {
  const auto status = disk.status(path);
  return status && *status && !(*status)->is_directory;
}

// The one line of a small file of git's, without its line break; empty if it cannot be read.
std::string line_of(Disk& disk, const Path& path) {
  const auto content = read_file(disk, path);
  if (!content || !*content) return {};
  return (*content)->substr(0, (*content)->find_first_of("\r\n"));
}

Path resolved(const Path& base, const std::string& path) {
  const Path joined = (base / path).lexically_normal();
  return joined.has_filename() ? joined : joined.parent_path();
}

Path common_dir_of(Disk& disk, const Path& git_dir) {
  const std::string line = line_of(disk, git_dir / "commondir");
  return line.empty() ? git_dir : resolved(git_dir, line);
}

// The common directory of `git_dir`; nullopt: it is no git directory.
std::optional<Path> common_dir_if_git(Disk& disk, const Path& git_dir) {
  Path common = common_dir_of(disk, git_dir);
  // HEAD may be a link to a branch that has no commit yet.
  const bool has_head = is_file(disk, git_dir / "HEAD") || std::filesystem::is_symlink(git_dir / "HEAD");
  if (!has_head || !is_directory(disk, common / "objects") || !is_directory(disk, common / "refs"))
    return std::nullopt;
  return common;
}

// The git directory that `checkout/.git` is or names.
std::optional<Path> git_dir_of(Disk& disk, const Path& checkout) {
  constexpr std::string_view kPrefix = "gitdir: ";
  const Path entry = checkout / ".git";
  if (is_directory(disk, entry)) return entry;
  const std::string line = line_of(disk, entry);
  if (!line.starts_with(kPrefix)) return std::nullopt;
  return resolved(checkout, line.substr(kPrefix.size()));
}

std::optional<Path> main_checkout_of(Disk& disk, const Path& common_dir) {
  const auto content = read_file(disk, common_dir / "config");
  if (content && *content) {
    if (const auto settings = read_git_config(**content)) {
      if (const auto tree = first_value(*settings, "core", "", "worktree"))
        return resolved(common_dir, *tree);
      if (first_value(*settings, "core", "", "bare") == "true") return std::nullopt;
    }
  }
  if (common_dir.filename() != ".git") return std::nullopt;
  return common_dir.parent_path();
}

}  // namespace

std::optional<GitLayout> find_git(Disk& disk, const Path& directory) {
  for (Path at = directory;; at = at.parent_path()) {
    GitLayout layout;
    const auto git_dir = git_dir_of(disk, at);
    if (auto common_dir = git_dir ? common_dir_if_git(disk, *git_dir) : std::nullopt) {
      layout.checkout = at;
      layout.git_dir = *git_dir;
      layout.common_dir = *std::move(common_dir);
      layout.linked = layout.git_dir != layout.common_dir;
      layout.main_checkout = layout.linked ? main_checkout_of(disk, layout.common_dir) : layout.checkout;
      return layout;
    }
    if (common_dir_if_git(disk, at)) {
      layout.git_dir = layout.common_dir = at;
      return layout;
    }
    if (at == at.parent_path()) return std::nullopt;
  }
}

}  // namespace pawprint::project
