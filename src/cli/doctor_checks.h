// What `doctor` looks at. Each check gives findings; none changes anything.
#pragma once

#include <string>
#include <vector>

#include "cli/sync_snapshot.h"
#include "outbox/schema.h"

namespace pawprint::cli {

struct Finding {
  std::string_view check;  // "permissions", "queue", "clock", ...
  bool problem = true;     // false: worth knowing, nothing is broken
  std::string message;
  std::string command;  // what to type, never empty
};

using Findings = std::vector<Finding>;

// The parts that the snapshot could not read.
void check_parts(const SyncSnapshot& snapshot, Findings& findings);
// A program that knows nothing of home.lock keeps everybody out of the queue, or from writing to it.
void check_lock(const Environment& environment, const SyncSnapshot& snapshot, Findings& findings);
// Whether events can be stored in the home: it is a directory, may be written, and its disk has room.
void check_home(const Environment& environment, const project::Home& home, Findings& findings);
// Nobody else may read home, sessions and queue.
void check_permissions(const Environment& environment, const project::Home& home, Findings& findings);
// The schemas of the project's own event types; nobody has to emit one.
void check_schemas(const Environment& environment, const SyncSnapshot& snapshot, Findings& findings);
void check_settings(const Environment& environment, const project::Home& home, Findings& findings);
// Reads every page of the database. nullopt: there is no database, or it cannot be read.
std::optional<outbox::DatabaseFacts> check_database(const Environment& environment,
                                                    const SyncSnapshot& snapshot, Findings& findings);
// clock.json against the queue's high-water mark and the ceiling.
void check_clock(const Environment& environment, const SyncSnapshot& snapshot,
                 const std::optional<outbox::DatabaseFacts>& database, Findings& findings);
void check_sessions(const Environment& environment, const SyncSnapshot& snapshot, Findings& findings);
// What waits for somebody's decision: parked events, events without a link, a project without identity.
void check_decisions(const SyncSnapshot& snapshot, Findings& findings);

// What the agent says: its version and which hubs answer. Null where there is no answer.
struct AgentFacts {
  boost::json::value version;
  boost::json::value hubs;           // else an array
  std::optional<Error> interrupted;  // by the user, before there was an answer
};
AgentFacts check_agent(const Context& context, const SyncSnapshot& snapshot, Findings& findings);
// What deliveries failed for, of hubs that are not just silent.
void check_deliveries(const SyncSnapshot& snapshot, const AgentFacts& agent, Findings& findings);

}  // namespace pawprint::cli
