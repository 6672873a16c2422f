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
    // The slug of the repository is settled with the identity, if there is one.
    const bool knows_slug = stamp_->identity.repo_slug.has_value();
    using enum project::GitWatch::Facts;
    stamp_->git = git_->now(warnings, knows_slug ? without_origin : all);
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
