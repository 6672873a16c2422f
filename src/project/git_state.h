// What events say of the state of the git repository, read from its files. Git itself is started only for
// what they hold in a form that is not read here.
#pragma once

#include <optional>
#include <string>

#include "base/environment.h"
#include "pawprint/warning.h"
#include "project/places.h"

namespace pawprint::project {

struct GitState {
  std::optional<std::string> branch;           // nullopt: detached HEAD
  std::optional<std::string> head_commit_sha;  // 40 or 64 hex digits; nullopt: no commit yet
  std::optional<std::string> origin_url;       // of the remote `origin`, without user, password and query
  std::optional<std::string> repo_slug;        // owner/repo of origin_url
  bool from_files = true;                      // all of it was read through Environment::disk
};

// Of `places.checkout`. No repository: all nullopt. For references in another format (reftable), and for an
// origin where the configuration uses includes or insteadOf, git is asked (git_question.h). What cannot be
// read, or is asked where no git is installed, is nullopt with one warning, `git-unread`.
GitState read_git_state(const Environment& environment, const Places& places, Warnings& warnings);

}  // namespace pawprint::project
