// Running `pawprint-agent` in the foreground, for the verbs that wait for a hub.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace pawprint::cli {

struct AgentAnswer {
  boost::json::object data;  // what it reported, also when it failed
  std::optional<Error> error;
  int exit_code = 0;  // that of `error`, if there is one
};

// Starts the agent that stands beside our own executable, else the one in the installation's libexec
// directory, never one from PATH. It inherits the terminal and prompts there; its stdout is the one JSON
// object that comes back. Blocks until it ends; SIGINT goes to it, not to us. Kinds: `failed` if it cannot be
// run or says nothing, `interrupted` if a signal ended it before it said anything.
Result<AgentAnswer> run_agent(const Context& context, const std::vector<std::string>& arguments);

}  // namespace pawprint::cli
