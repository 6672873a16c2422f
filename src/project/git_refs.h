// What HEAD points to, with references in files: loose ones and packed-refs (gitrepository-layout(5)).
#pragma once

#include <optional>
#include <string>

#include "base/disk.h"

namespace pawprint::project {

struct GitHead {
  std::optional<std::string>
      branch;                      // without refs/heads/; nullopt: detached, or a reference of another kind
  std::optional<std::string> sha;  // nullopt: no commit yet
};

// Kind `invalid` where HEAD or a reference is neither a reference nor an object id, `io` where it cannot be
// read.
Result<GitHead> read_head(Disk& disk, const Path& git_dir, const Path& common_dir);

}  // namespace pawprint::project
