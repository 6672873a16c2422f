// Who the project is: the section `project:` of .kittify/config.yaml in the main checkout (docs/state.md).
#pragma once

#include <optional>
#include <string>

#include "base/environment.h"
#include "base/result.h"
#include "pawprint/warning.h"
#include "project/git_state.h"
#include "project/home.h"
#include "project/places.h"

namespace pawprint::project {

struct Identity {
  std::optional<std::string> uuid;  // nullopt: the file does not say, or is `unreadable`
  std::string slug;
  std::optional<std::string> repo_slug;  // of the file, else of the remote
  std::string node_id;                   // as the file has it; events carry machine_node_id() instead
  bool auto_start = true;                // sync.auto_start
  bool linkable = false;                 // the uuid is the file's own
  std::string repo_instance;  // canonical path of the git common directory, else of the root: tells a copy
                              // from its origin
  std::optional<Error> unreadable;  // why the file says nothing, and what to do about it
};

// Never writes. A file that is absent, lacks keys or cannot be read gives an identity without uuid; what
// cannot be read is warned of (`config-unreadable`) with line, column and the command that repairs it.
Identity read_identity(const Environment& environment, const Places& places, const Home& home,
                       const GitState& git, Warnings& warnings);

// As read_identity, but missing keys are added to the file first, and the file is made if it is absent. Of
// processes that do so at once, all return the same uuid. Where the repository cannot be written the uuid is
// derived from its path and a secret of the home: the same each time, not linkable, with one warning
// (`config-unwritable`). A file that cannot be read is left alone. Waits for other processes that do the
// same.
Identity ensure_identity(const Environment& environment, const Places& places, const Home& home,
                         const GitState& git, Warnings& warnings);

// `init`: makes .kittify and its config.yaml, or adds what is missing. False: everything was there, nothing
// has changed. Kind `invalid` with file and line if the file cannot be read, `io` if it cannot be written.
Result<bool> initialise(const Environment& environment, const Places& places, const Home& home,
                        const GitState& git, Warnings& warnings);

}  // namespace pawprint::project
