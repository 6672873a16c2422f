// One event's check, alone: what it is before the store is asked whether it is known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "hub/store/log.h"
#include "protocol/batch.h"

namespace pawprint::hub::ingest {

struct Judged {
  // With status error if the checks refuse it. That stands only if the store does not know the event: what
  // was stored once stays stored, whatever the clock, the rules and the team's name are now.
  protocol::Verdict verdict;
  // What to ask the store for: to append or, if it is refused, whether it is known. nullopt: it cannot be
  // known.
  std::optional<store::NewEvent> event;
};

// `slice` are the bytes of one event, `team_slug` the team of the token, `ceiling` the highest Lamport value
// allowed now.
Judged judge_event(std::string_view slice, std::string_view team_slug, std::uint64_t ceiling);

}  // namespace pawprint::hub::ingest
