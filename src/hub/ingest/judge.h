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
  protocol::Verdict verdict;  // status error if it is refused; else still to be decided by the store
  std::optional<store::NewEvent> event;  // what to append; nullopt if it is refused
};

// `slice` are the bytes of one event, `team_slug` the team of the token, `ceiling` the highest Lamport value
// allowed now.
Judged judge_event(std::string_view slice, std::string_view team_slug, std::uint64_t ceiling);

}  // namespace pawprint::hub::ingest
