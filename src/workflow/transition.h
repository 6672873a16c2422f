// Moving work packages from lane to lane. Nothing else in Pawprint changes a lane.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/result.h"
#include "pawprint/emitter.h"
#include "pawprint/warning.h"
#include "workflow/feature.h"

namespace pawprint::workflow {

// Cause of the warning that what was done could be stored nowhere, so that the team will not hear of it.
inline constexpr std::string_view kEventNotStored = "event_not_stored";

struct Move {
  protocol::Lane to = protocol::Lane::planned;
  std::string actor;       // who does it; goes into the event
  std::string reason;      // empty: none
  std::string review_ref;  // empty: none
  bool force = false;      // with a reason, passes any pair of lanes
  bool resolve = false;    // a person's decision on a conflict
  std::string agent;       // for the history entry; empty: the actor
};

struct TransitionOutcome {
  std::string feature_slug;
  std::string wp_id;
  protocol::Lane from = protocol::Lane::planned;
  protocol::Lane to = protocol::Lane::planned;
  std::optional<std::string>
      event_id;          // nullopt: nothing changed, or the event could be stored nowhere (warned)
  Path file;             // of the work package
  bool changed = false;  // false: it was in that lane already; nothing was emitted or written
};

// Moves one work package: appends exactly one WPStatusChanged, then writes the lane and one history entry
// into the file, which is otherwise left as it is. Under a lock on the feature's tasks directory, on what the
// file says then. Blocks for the write, for the emit, and at most 5 s for another process that moves one.
// Kinds: `invalid` (the lane table or a guard forbids it, or the file cannot be edited: nothing was emitted),
// those of Emitter::emit (nothing was written). `not_stored` is none: the move is made and a warning says
// that nobody hears of it. `io` if the file cannot be written: the message says that the event is queued.
Result<TransitionOutcome> transition(const Environment& environment, Emitter& emitter, const Feature& feature,
                                     const WorkPackage& work_package, const Move& move, Warnings& warnings);

// What transition would refuse, and nothing else: emits and writes nothing, takes no lock. Kinds: `invalid`,
// `io`.
Result<void> check_transition(const Environment& environment, const Feature& feature,
                              const WorkPackage& work_package, const Move& move);

// The same move for several: all are checked before anything is emitted, and their events share one
// correlation id.
Result<std::vector<TransitionOutcome>> transition_all(const Environment& environment, Emitter& emitter,
                                                      const Feature& feature,
                                                      std::span<const WorkPackage> work_packages,
                                                      const Move& move, Warnings& warnings);

// `move-task`: finds the work package and moves it. An empty actor is the agent, else git's user.name, else
// the user's name; the last is no reviewer: from for_review to done it is kind `usage`, naming --actor.
Result<TransitionOutcome> move_task(const Environment& environment, Emitter& emitter,
                                    const project::Places& places, const Feature& feature,
                                    std::string_view wp_id, Move move, Warnings& warnings);

}  // namespace pawprint::workflow
