// What is stamped onto every event of a command: project, machine, repository state. Decided here and nowhere
// else.
#pragma once

#include <optional>

#include "base/environment.h"
#include "pawprint/warning.h"
#include "project/git_state.h"
#include "project/home.h"
#include "project/identity.h"
#include "project/places.h"

namespace pawprint::client {

struct Stamp {
  project::Home home;
  project::Identity identity;
  project::GitState git;
  std::string node_id;
};

// Finds the project around the working directory and takes its identity, minting what is missing, once; the
// state of the repository is read again each time. Kinds: not_in_project, usage (no home directory).
class Stamper {
 public:
  explicit Stamper(const Environment& environment) : environment_(environment) {}
  Result<Stamp> take(Warnings& warnings);

 private:
  const Environment& environment_;
  struct Fixed {
    project::Places places;
    project::Home home;
    project::Identity identity;
    std::string node_id;
  };
  std::optional<Fixed> fixed_;
};

}  // namespace pawprint::client
