#include "project/places.h"

#include "base/format.h"
#include "base/shell_word.h"
#include "project/canonical_path.h"
#include "project/git_layout.h"

namespace pawprint::project {
namespace {

// Where it cannot be told, that is said: a project must not be taken for none.
Result<bool> has_kittify(Disk& disk, const Path& directory) {
  PAW_TRY(status, disk.status(directory / ".kittify"));
  return status && status->is_directory;
}

Result<std::optional<Path>> nearest_project(Disk& disk, const Path& directory) {
  for (Path at = directory;; at = at.parent_path()) {
    PAW_TRY(found, has_kittify(disk, at));
    if (found) return at;
    if (at == at.parent_path()) return std::nullopt;
  }
}

// Of the ordinary layout, only `.git` is asked whether it is a link.
Path canonical_common_dir(const GitLayout& git) {
  if (git.checkout && git.common_dir == *git.checkout / ".git") return canonical_below(*git.checkout, ".git");
  return canonical_path(git.common_dir);
}

Places places_of(const Path& root, const Path& checkout, const std::optional<GitLayout>& git) {
  Places places{root, checkout, {}, {}, {}};
  if (git) {
    places.git_dir = git->git_dir;
    places.git_common_dir = canonical_common_dir(*git);
    places.git_root = git->checkout;
  }
  return places;
}

Places places_in_main(const Path& root, const Path& checkout, const GitLayout& git,
                      const Path& main_checkout) {
  Places places = places_of(root, checkout, git);
  places.git_root = main_checkout;
  return places;
}

// The project of the main checkout, seen from a linked worktree; a project in a subdirectory has its place in
// both.
Result<std::optional<Places>> through_main_checkout(Disk& disk, const GitLayout& git,
                                                    const std::optional<Path>& nearest) {
  if (!git.linked || !git.main_checkout) return std::nullopt;
  const Path main_checkout = canonical_path(*git.main_checkout);
  if (nearest && is_within(*nearest, *git.checkout)) {
    const Path inside = nearest->lexically_relative(*git.checkout);
    const Path twin = inside == "." ? main_checkout : main_checkout / inside;
    PAW_TRY(in_both, has_kittify(disk, twin));
    if (in_both) return places_in_main(canonical_path(twin), *nearest, git, main_checkout);
  }
  PAW_TRY(in_main, has_kittify(disk, main_checkout));
  if (!in_main) return std::nullopt;
  return places_in_main(main_checkout, *git.checkout, git, main_checkout);
}

Result<std::optional<Places>> project_at(Disk& disk, const Path& directory) {
  PAW_TRY(nearest, nearest_project(disk, directory));
  auto git = find_git(disk, directory);
  // A repository inside the project that is no worktree of it (a submodule, say) does not speak for it.
  const bool foreign =
      nearest && git && !git->linked && (!git->checkout || !is_within(*nearest, *git->checkout));
  if (foreign) git = find_git(disk, *nearest);
  if (git) {
    PAW_TRY(places, through_main_checkout(disk, *git, nearest));
    if (places) return places;
  }
  if (!nearest) return std::nullopt;
  if (git && git->linked && !is_within(*nearest, *git->checkout)) git = find_git(disk, *nearest);
  return places_of(*nearest, *nearest, git);
}

}  // namespace

Result<Places> find_project(const Environment& environment) {
  const Path directory = canonical_path(environment.directory);
  PAW_TRY(places, project_at(*environment.disk, directory));
  if (places) return *std::move(places);
  return fail(ErrorKind::not_in_project,
              fmt::format("not in a project: no .kittify in {} or above", directory.string()),
              "pawprint init");
}

Result<Places> find_init_place(const Environment& environment) {
  const Path directory = canonical_path(environment.directory);
  PAW_TRY(places, project_at(*environment.disk, directory));
  if (places) return *std::move(places);
  const auto git = find_git(*environment.disk, directory);
  if (!git) return places_of(directory, directory, std::nullopt);
  if (!git->checkout)
    return fail(
        ErrorKind::usage,
        fmt::format("cannot make a project in {}: the repository has no checkout", git->git_dir.string()),
        fmt::format("git clone {} {}", shell_word(git->git_dir.string()),
                    shell_word((git->git_dir.parent_path() / "checkout").string())));
  if (!git->linked || !git->main_checkout) return places_of(*git->checkout, *git->checkout, git);
  const Path main_checkout = canonical_path(*git->main_checkout);
  return places_in_main(main_checkout, *git->checkout, *git, main_checkout);
}

}  // namespace pawprint::project
