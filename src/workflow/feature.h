// Features: the directories of `kitty-specs/` in the main checkout, each with its meta.json and its work
// packages.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/result.h"
#include "project/places.h"
#include "workflow/work_package.h"

namespace pawprint::workflow {

struct Feature {
  std::string slug;                           // the directory's name
  std::string number;                         // "004"; empty if neither slug nor meta.json has one
  std::string friendly_name;                  // meta.json, else the slug
  std::string target_branch;                  // meta.json, else "main"
  std::optional<std::int64_t> created_at_ms;  // meta.json; nullopt: absent or no RFC 3339 time
  Path directory;                             // <root>/kitty-specs/<slug>
  std::vector<WorkPackage> work_packages;     // sorted by id
  std::vector<DamagedWorkPackage> damaged;    // files that cannot be used; the others can

  Path tasks_directory() const { return directory / "tasks"; }
  Path tasks_file() const { return directory / "tasks.md"; }
};

// The names of the directories under `kitty-specs/`, sorted; none if there is no such folder.
Result<std::vector<std::string>> feature_slugs(const project::Places& places);

// The slug of the feature that a command is about: `flag` (a slug, or its number if that is unique), else the
// one in whose `kitty-specs/<slug>` or `.worktrees/<slug>-WPnn` the working directory is, else the one that
// the branch
// (`<slug>-WPnn` or `<slug>`) names, else the only one. Kind `usage`, naming the candidates and --feature, if
// that leaves none or several; `wp_id` only sharpens that sentence.
Result<std::string> find_feature_slug(const Environment& environment, const project::Places& places,
                                      const std::optional<std::string>& flag,
                                      const std::optional<std::string>& branch,
                                      std::optional<std::string_view> wp_id);

// That feature, read. Errors of both.
Result<Feature> find_feature(const Environment& environment, const project::Places& places,
                             const std::optional<std::string>& flag, const std::optional<std::string>& branch,
                             std::optional<std::string_view> wp_id);

// Reads meta.json and tasks/. Kind `invalid` with file and line: meta.json is not JSON, or the work packages
// are in the old layout (see read_work_packages). Writes nothing.
Result<Feature> read_feature(const Environment& environment, const project::Places& places,
                             std::string_view slug);

// The work package of this id (in either case). Kind `invalid`: its file is damaged (what is wrong with it),
// or there is none (the known ones).
Result<WorkPackage> find_work_package(const Feature& feature, std::string_view wp_id);

// Kind `invalid`, as the file's own error, if a work package of the feature is damaged.
Result<void> check_undamaged(const Feature& feature);

// Kind `invalid`, with file and line, if `work_package` depends on one that the feature does not have.
Result<void> check_dependencies(const Feature& feature, const WorkPackage& work_package);

}  // namespace pawprint::workflow
