#include "workflow/commit.h"

#include <array>

#include "base/format.h"
#include "workflow/git_command.h"

namespace pawprint::workflow {
namespace {

std::unexpected<Error> git_refused(std::string_view verb, const GitAnswer& answer) {
  return fail(ErrorKind::failed, fmt::format("git {} failed: {}", verb, answer.complaint), "git status");
}

}  // namespace

Result<bool> commit_feature(const Environment& environment, const project::Places& places,
                            const Feature& feature, const std::string& message) {
  const std::string scope = feature.directory.lexically_relative(places.root).string();
  const std::array<std::string, 4> status_words{"status", "--porcelain", "--", scope};
  PAW_TRY(status, run_git(environment, places.root, status_words));
  if (status.exit_code != 0) return git_refused("status", status);
  if (status.output.empty()) return false;
  const std::array<std::string, 3> add_words{"add", "--", scope};
  PAW_TRY(added, run_git(environment, places.root, add_words));
  if (added.exit_code != 0) return git_refused("add", added);
  const std::array<std::string, 6> commit_words{"commit", "--quiet", "--message", message, "--", scope};
  PAW_TRY(committed, run_git(environment, places.root, commit_words));
  if (committed.exit_code != 0) return git_refused("commit", committed);
  return true;
}

}  // namespace pawprint::workflow
