// What `sync status` and `doctor` say, taken in one place, so that the two never differ.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cli/sync_context.h"
#include "outbox/outbox.h"

namespace pawprint::cli {

// A part that could not be looked at; the fields that come from it are empty, and mean nothing.
struct SnapshotProblem {
  std::string_view part;  // "project", "sessions", "queue", "spill", "clock", "agent"
  Error error;
};

struct SyncSnapshot {
  project::Home home;
  std::optional<ProjectHere> here;  // nullopt: not in a project
  std::optional<outbox::Link> link;
  bool linked_elsewhere = false;  // a copy or fork of the project is linked, this one is not
  outbox::Outbox::Snapshot counts{};
  outbox::Overflow overflow;
  std::vector<outbox::DestinationCount> destinations;  // the overflow included
  std::vector<outbox::ProjectCount> projects;          // the overflow included
  std::uint64_t unlinked_here = 0;  // that a link of this project could release, the overflow included
  // What waits for earlier links of this project instance, so that its present one could take it up.
  std::set<outbox::Destination> earlier_here;
  std::uint64_t high_water = 0;
  std::uint64_t clock = 0;  // the value that the next event goes on from
  bool agent_running = false;
  std::vector<credentials::Session> sessions;
  std::optional<Error> damaged_sessions;  // why nobody is signed in, though somebody was
  std::string token_origin;  // the hub that a token of the environment is for; empty: there is none
  std::vector<outbox::Outbox::Failure> failures;  // that stand, those of this project first
  std::string why_not_now;  // why nothing goes out at this moment, or what the latest delivery failed for;
                            // empty if something could
  std::vector<SnapshotProblem> problems;

  bool has_problem(std::string_view part) const;
  // When the oldest event that waits was emitted; nullopt also if that is not known.
  std::optional<std::int64_t> oldest_ms() const;
  // Whether the project here has a link. Else that there is none says nothing.
  bool link_known() const;
  bool linked_by_token() const;  // this project; no session delivers what it has
  bool has_token() const;        // of the environment, for the hub that it is linked to
  // Events that were queued while it could not be read which project they are of.
  std::uint64_t without_identity() const;
};

// Reads only. An error only if there is no home at all.
Result<SyncSnapshot> sync_snapshot(Context& context);

// The command that sets a token for a link that one made.
std::string token_to_set(const outbox::Link& link);

// The command that links there, as for what is for a link that was ended.
std::string link_command(const outbox::Destination& to);

// The command that may deliver what failed.
std::string command_against(const outbox::Outbox::Failure& failure);
// What the latest delivery failed for, and when.
std::string failure_text(const outbox::Outbox::Failure& failure);

// The documented fields of `sync status`. What is not known is null.
boost::json::object snapshot_json(const SyncSnapshot& snapshot);

}  // namespace pawprint::cli
