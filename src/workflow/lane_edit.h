// The text of a work package file in another lane, with the history entry that says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/result.h"
#include "protocol/lanes.h"

namespace pawprint::workflow {

struct HistoryEntry {
  std::string timestamp;  // RFC 3339
  protocol::Lane lane = protocol::Lane::planned;
  std::string agent;
  std::string action;
  std::string event_id;  // empty: the entry carries neither id nor clock
  std::uint64_t lamport_clock = 0;
};

// Sets `lane:` and appends `entry` to `history:`, which is made behind `lane:` if there is none; every other
// byte stays. Kind `invalid`, with `file` and line, if the frontmatter is written in a way that cannot be
// edited so.
Result<std::string> with_lane(std::string_view text, const Path& file, const HistoryEntry& entry);

}  // namespace pawprint::workflow
