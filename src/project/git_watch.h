// The state of a git repository for a process that asks again and again.
#pragma once

#include <optional>
#include <vector>

#include "base/environment.h"
#include "base/held_directory.h"
#include "project/git_state.h"
#include "project/places.h"

namespace pawprint::project {

// Remembers what read_git_state() said for as long as the files that it looked at are the same ones; where
// all of .git was moved away and another put in its place, for a second more. Not thread-safe. `environment`
// must outlive it.
class GitWatch {
 public:
  GitWatch(const Environment& environment, Places places);
  // Costs a look at each of those files (no read, no git) while nothing changes. Warnings of read_git_state.
  // Without `origin`, the configuration is not looked at again, so what the state says of origin may be old.
  enum class Facts { all, without_origin };
  const GitState& now(Warnings& warnings, Facts facts = Facts::all);

 private:
  struct Seen {
    Path path;
    std::optional<std::string> in_git;  // the same from the common directory, if it is in there
    std::optional<FileStatus> status;
    bool is_configuration = false;
  };
  class Witness;
  bool is_configuration(const Path& path) const;
  bool unchanged(Facts facts);

  const Environment& environment_;
  Places places_;
  HeldDirectory git_;  // the common directory
  GitState state_;
  std::vector<Seen> seen_;  // empty: the state must be read
};

}  // namespace pawprint::project
