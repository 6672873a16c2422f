// What is in the spill, also where there is no queue that could be asked, because it is not there or damaged.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/environment.h"
#include "outbox/listing.h"
#include "outbox/spill_file.h"

namespace pawprint::outbox {

struct SpillContent {
  std::vector<QueuedRow> rows;   // without destination: only the queue knows what a link leads to
  std::uint64_t unreadable = 0;  // lines that are torn or not ours
};

// All that waits in the spill, oldest first; some of it the queue may have taken already. Reads only.
Result<SpillContent> read_spill(const Environment& environment, const Path& home);
// The same of files that were opened before, as whoever reads the queue first does: what a refill moves from
// then on is in both.
Result<SpillContent> read_spill(const Spill::Waiting& waiting);

// Events of the spill that share where they go and where they are from.
struct SpilledClass {
  std::optional<Destination> destination;  // of a link that the queue has
  std::optional<std::string> project_uuid;
  std::optional<std::string> repo_instance;
  bool link_ended = false;
  auto operator<=>(const SpilledClass&) const = default;
};
struct Overflow {
  std::map<SpilledClass, std::uint64_t> events;  // that the queue does not have
  std::uint64_t highest = 0;                     // Lamport value of them
  std::uint64_t unreadable = 0;                  // lines that cannot be read, set aside already or not
  std::uint64_t rejected = 0;                    // of these, those that are set aside in rejected.jsonl
  std::set<std::string> unreadable_ids;   // of the events of some of these, if the queue has not got them
  std::optional<std::int64_t> oldest_ms;  // when the oldest of them was emitted (Unix)
  std::uint64_t total() const;
};
// Without a queue: no destination is known, and no event to be in the queue already.
Result<Overflow> count_spill(const Environment& environment, const Path& home);
Result<Overflow> count_spill(const Environment& environment, const Path& home, const Spill::Waiting& waiting);

}  // namespace pawprint::outbox
