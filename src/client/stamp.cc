#include "client/stamp.h"

namespace pawprint::client {

Result<const project::Places*> Stamper::places() {
  if (!places_) {
    PAW_TRY(found, project::find_project(environment_));
    places_ = std::move(found);
  }
  return &*places_;
}

Result<const Stamp*> Stamper::take(Warnings& warnings) {
  if (stamp_) {
    stamp_->git = git_->now(warnings);
    return &*stamp_;
  }
  PAW_TRY(places, this->places());
  PAW_TRY(home, project::find_home(environment_));
  git_.emplace(environment_, *places);
  const project::GitState& git = git_->now(warnings);
  project::Identity identity = project::ensure_identity(environment_, *places, home, git, warnings);
  std::string node_id = project::machine_node_id(environment_, home);
  stamp_ = Stamp{std::move(home), std::move(identity), git, std::move(node_id)};
  return &*stamp_;
}

}  // namespace pawprint::client
