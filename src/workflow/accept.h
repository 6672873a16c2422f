// `accept`: every work package of a feature that waits for review is done.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workflow/transition.h"

namespace pawprint::workflow {

struct EmittedEvent {
  std::string event_id;
  std::string event_type;
  std::string aggregate_id;
};

struct AcceptOutcome {
  std::string feature_slug;
  std::vector<EmittedEvent> events;   // one per work package that was moved; empty: nothing waited for review
  std::vector<Path> changed_files;    // of the work packages that were moved
  std::vector<std::string> blockers;  // "WP02: in_progress", "WP03: 2 open boxes in tasks.md: T004, T005"
};

// Moves every work package from for_review to done (those that are done or canceled stay), with `actor`, else
// git's user.name, as the reviewer. With blockers (a work package in another lane, or in for_review with open
// boxes) nothing is moved and `events` is empty. Kinds: `usage` naming --actor if there is no reviewer;
// `invalid` if the feature has no work packages; those of transition.
Result<AcceptOutcome> accept(const Environment& environment, Emitter& emitter, const project::Places& places,
                             const Feature& feature, const std::optional<std::string>& actor,
                             Warnings& warnings);

}  // namespace pawprint::workflow
