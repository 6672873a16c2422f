#include "project/git_state.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "project/git_config.h"
#include "project/git_question.h"
#include "project/git_refs.h"
#include "project/remote_url.h"

namespace pawprint::project {
namespace {

void warn_unread(Warnings& warnings, std::string_view what, std::string_view why) {
  warnings.add("git-unread", fmt::format("{} left out of events: {}", what, why));
}

// The settings of the repository and, where it is switched on, of the worktree.
Result<std::vector<GitSetting>> read_settings(Disk& disk, const Places& places) {
  PAW_TRY(content, read_file(disk, *places.git_common_dir / "config"));
  if (!content) return std::vector<GitSetting>{};
  PAW_TRY(settings, read_git_config(*content));
  if (first_value(settings, "extensions", "", "worktreeconfig") != "true") return settings;
  PAW_TRY(own_content, read_file(disk, *places.git_dir / "config.worktree"));
  PAW_TRY(own, read_git_config(own_content.value_or("")));
  settings.insert(settings.end(), own.begin(), own.end());
  return settings;
}

bool sends_elsewhere(const GitSetting& setting) {
  const bool included = setting.section == "include" || setting.section == "includeif";
  return included || (setting.section == "url" && setting.key.ends_with("insteadof"));
}

Result<std::optional<std::string>> origin_url(const Environment& environment, const Places& places,
                                              const std::vector<GitSetting>& settings) {
  if (!std::ranges::any_of(settings, sends_elsewhere))
    return first_value(settings, "remote", "origin", "url");
  auto url = ask_origin_url(environment, places);
  if (!url)
    url.error().message = "the git configuration uses include or insteadOf, and " + url.error().message;
  return url;
}

// How references are kept, if not in files.
std::optional<std::string> other_storage(const std::vector<GitSetting>& settings) {
  auto storage = first_value(settings, "extensions", "", "refstorage");
  return storage == "files" ? std::nullopt : storage;
}

Result<GitHead> head_of(const Environment& environment, const Places& places,
                        const std::vector<GitSetting>& settings) {
  const auto storage = other_storage(settings);
  if (!storage) return read_head(*environment.disk, *places.git_dir, *places.git_common_dir);
  auto head = ask_head(environment, places);
  if (!head) {
    head.error().message = fmt::format("the repository keeps its references in the format {}, and {}",
                                       *storage, head.error().message);
  }
  return head;
}

}  // namespace

GitState read_git_state(const Environment& environment, const Places& places, Warnings& warnings) {
  GitState state;
  if (!places.git_dir || !places.git_common_dir) return state;
  const auto settings = read_settings(*environment.disk, places);
  if (!settings) {
    warn_unread(warnings, "git facts are", settings.error().message);
    return state;
  }
  state.from_files = std::ranges::none_of(*settings, sends_elsewhere) && !other_storage(*settings);
  const auto url = origin_url(environment, places, *settings);
  if (!url) warn_unread(warnings, "the remote origin is", url.error().message);
  if (url && *url && !(*url)->empty()) {
    state.origin_url = without_secrets(**url);
    state.repo_slug = repo_slug_of(*state.origin_url);
  }
  auto head = head_of(environment, places, *settings);
  if (!head) {
    warn_unread(warnings, "branch and commit are", head.error().message);
    return state;
  }
  state.branch = std::move(head->branch);
  state.head_commit_sha = std::move(head->sha);
  return state;
}

}  // namespace pawprint::project
