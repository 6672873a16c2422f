#include "workflow/actor.h"

#include "project/git_command.h"

namespace pawprint::workflow {

std::optional<std::string> named(const Environment& environment, const project::Places& places,
                                 const std::string& actor, const std::string& agent) {
  if (!actor.empty()) return actor;
  if (!agent.empty()) return agent;
  return project::git_user_name(environment, places.root);
}

std::string acting(const Environment& environment, const project::Places& places, const std::string& actor,
                   const std::string& agent) {
  if (auto name = named(environment, places, actor, agent)) return *std::move(name);
  return environment.username.empty() ? "unknown" : environment.username;
}

}  // namespace pawprint::workflow
