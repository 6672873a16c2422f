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
  auto home = project::find_home(environment_);
  if (!home) {
    home.error().kind = ErrorKind::not_stored;
    home.error().message = "the event was not stored: " + home.error().message;
    return std::unexpected(std::move(home).error());
  }
  git_.emplace(environment_, *places);
  const project::GitState& git = git_->now(warnings);
  project::Identity identity = project::ensure_identity(environment_, *places, *home, git, warnings);
  std::string node_id = project::machine_node_id(environment_, *home);
  stamp_ = Stamp{*std::move(home), std::move(identity), git, std::move(node_id)};
  return &*stamp_;
}

}  // namespace pawprint::client
