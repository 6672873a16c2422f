// What is stamped onto every event of a command: project, machine, repository state. Decided here and nowhere
// else.
#pragma once

#include <optional>

#include "base/environment.h"
#include "pawprint/warning.h"
#include "project/git_watch.h"
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
// state of the repository is looked at each time. Kinds: not_in_project, io, not_stored (no home directory).
class Stamper {
 public:
  explicit Stamper(const Environment& environment) : environment_(environment) {}
  // Valid until the next call.
  Result<const Stamp*> take(Warnings& warnings);
  // Where the project is. Kinds not_in_project, io.
  Result<const project::Places*> places();

 private:
  const Environment& environment_;
  std::optional<project::Places> places_;
  std::optional<project::GitWatch> git_;
  std::optional<Stamp> stamp_;
};

}  // namespace pawprint::client
