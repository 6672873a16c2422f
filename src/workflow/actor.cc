#include "workflow/actor.h"

#include "workflow/git_command.h"

namespace pawprint::workflow {

std::string acting(const Environment& environment, const project::Places& places, const std::string& actor,
                   const std::string& agent) {
  if (!actor.empty()) return actor;
  if (!agent.empty()) return agent;
  if (auto name = git_user_name(environment, places.root)) return *std::move(name);
  return environment.username.empty() ? "unknown" : environment.username;
}

}  // namespace pawprint::workflow
