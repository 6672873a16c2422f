#include "client/stamp.h"

namespace pawprint::client {

Result<Stamp> Stamper::take(Warnings& warnings) {
  if (fixed_) {
    project::GitState git = project::read_git_state(environment_, fixed_->places, warnings);
    return Stamp{fixed_->home, fixed_->identity, std::move(git), fixed_->node_id};
  }
  PAW_TRY(places, project::find_project(environment_));
  PAW_TRY(home, project::find_home(environment_));
  project::GitState git = project::read_git_state(environment_, places, warnings);
  project::Identity identity = project::ensure_identity(environment_, places, home, git, warnings);
  std::string node_id = project::machine_node_id(environment_, home);
  fixed_ = Fixed{std::move(places), std::move(home), std::move(identity), std::move(node_id)};
  return Stamp{fixed_->home, fixed_->identity, std::move(git), fixed_->node_id};
}

}  // namespace pawprint::client
