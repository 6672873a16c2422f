#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/shell_word.h"
#include "protocol/catalogue.h"
#include "workflow/feature.h"

namespace pawprint::workflow {
namespace {

namespace fs = std::filesystem;
using Slugs = std::vector<std::string>;

std::string joined(const Slugs& slugs) {
  std::string text;
  for (const std::string& slug : slugs) text += (text.empty() ? "" : ", ") + slug;
  return text;
}

bool contains(const Slugs& slugs, std::string_view slug) {
  return std::ranges::find(slugs, slug) != slugs.end();
}

// "004-name-WP01" -> "004-name"; the name itself if it has no such end.
std::string_view without_wp(std::string_view name) {
  const auto dash = name.rfind('-');
  return dash != std::string_view::npos && protocol::is_wp_id(name.substr(dash + 1)) ? name.substr(0, dash)
                                                                                     : name;
}

// The first component of `directory` below `folder`, empty if it is not below it.
std::string component_below(const Path& directory, const Path& folder) {
  std::error_code failed;
  const Path real_directory = fs::weakly_canonical(directory, failed);
  const Path real_folder = fs::weakly_canonical(folder, failed);
  if (failed) return {};
  const Path relative = real_directory.lexically_relative(real_folder);
  if (relative.empty() || *relative.begin() == "." || *relative.begin() == "..") return {};
  return relative.begin()->string();
}

// The slugs that a --feature value can mean.
Slugs matching(const Slugs& slugs, std::string_view flag) {
  if (contains(slugs, flag)) return {std::string(flag)};
  Slugs found;
  if (flag.empty() || flag.find_first_not_of("0123456789") != std::string_view::npos) return found;
  for (const std::string& slug : slugs) {
    if (slug.starts_with(fmt::format("{}-", flag))) found.push_back(slug);
  }
  return found;
}

std::string status_command(std::string_view slug) {
  return "pawprint status --feature " + shell_word(slug);
}

Result<std::string> slug_of_flag(const Slugs& slugs, std::string_view flag) {
  const Slugs found = matching(slugs, flag);
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("no feature {}: kitty-specs/ has {}", flag,
                            slugs.empty() ? "no features" : joined(slugs)),
                slugs.empty() ? std::string() : status_command(slugs.front()));
  }
  return fail(ErrorKind::usage, fmt::format("--feature {} is ambiguous: it can be {}", flag, joined(found)),
              status_command(found.front()));
}

// What the surroundings say: the working directory first, then the branch. Empty if nothing.
std::string slug_of_surroundings(const Slugs& slugs, const Environment& environment,
                                 const project::Places& places, const std::optional<std::string>& branch) {
  const std::string worktree = component_below(environment.directory, places.root / ".worktrees");
  if (contains(slugs, without_wp(worktree))) return std::string(without_wp(worktree));
  const std::string spec = component_below(environment.directory, places.root / "kitty-specs");
  if (contains(slugs, spec)) return spec;
  if (!branch) return {};
  if (contains(slugs, *branch)) return *branch;
  const std::string_view slug = without_wp(*branch);
  return contains(slugs, slug) ? std::string(slug) : std::string();
}

// Features that have a file for this work package; a look at names only, since it serves a sentence.
Slugs having(const Slugs& slugs, const project::Places& places, std::string_view wp_id) {
  Slugs found;
  for (const std::string& slug : slugs) {
    std::error_code failed;
    fs::directory_iterator entry(places.root / "kitty-specs" / slug / "tasks", failed);
    for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
      if (!entry->path().filename().string().starts_with(wp_id)) continue;
      found.push_back(slug);
      break;
    }
  }
  return found;
}

std::unexpected<Error> undecided(const Slugs& slugs, const project::Places& places,
                                 std::optional<std::string_view> wp_id) {
  if (slugs.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("no feature: {} has none", (places.root / "kitty-specs").string()),
                fmt::format("mkdir -p {}",
                            shell_word((places.root / "kitty-specs/001-first-feature/tasks").string())));
  }
  const Slugs candidates = wp_id ? having(slugs, places, *wp_id) : Slugs();
  if (candidates.empty()) {
    return fail(ErrorKind::usage,
                fmt::format("it is not clear which feature is meant: there are {}; name one with --feature",
                            joined(slugs)),
                status_command(slugs.front()));
  }
  return fail(
      ErrorKind::usage,
      fmt::format("it is not clear which feature's {} is meant: {} {} one; name the feature with --feature",
                  *wp_id, joined(candidates), candidates.size() == 1 ? "has" : "have"),
      status_command(candidates.front()));
}

}  // namespace

Result<std::string> find_feature_slug(const Environment& environment, const project::Places& places,
                                      const std::optional<std::string>& flag,
                                      const std::optional<std::string>& branch,
                                      std::optional<std::string_view> wp_id) {
  PAW_TRY(slugs, feature_slugs(places));
  if (flag) return slug_of_flag(slugs, *flag);
  std::string slug = slug_of_surroundings(slugs, environment, places, branch);
  if (!slug.empty()) return slug;
  if (slugs.size() == 1) return slugs.front();
  return undecided(slugs, places, wp_id);
}

Result<Feature> find_feature(const Environment& environment, const project::Places& places,
                             const std::optional<std::string>& flag, const std::optional<std::string>& branch,
                             std::optional<std::string_view> wp_id) {
  PAW_TRY(slug, find_feature_slug(environment, places, flag, branch, wp_id));
  return read_feature(environment, places, slug);
}

}  // namespace pawprint::workflow
