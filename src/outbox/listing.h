// The queue as people look at it: single rows, and counts by destination and by project.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "outbox/row.h"

namespace pawprint::outbox {

struct Destination {
  std::string origin;
  std::string team_slug;
  auto operator<=>(const Destination&) const = default;
};

struct QueuedRow {
  std::int64_t id = 0;
  std::string event_id;
  std::uint64_t lamport = 0;
  std::optional<Destination> destination;  // nullopt: appended while its project was not linked
  bool link_unknown = false;               // it has one, but where that leads could not be asked
  bool link_ended = false;                 // the link that leads there was ended: no delivery begins with it
  std::optional<std::string> project_uuid;
  RowState state = RowState::pending;
  std::string reason;  // of a parked row
  std::uint64_t attempts = 0;
  std::int64_t queued_at_ms = 0;  // 0: not known
  std::string data;
  bool spilled = false;  // it is not in the queue yet, but in the spill; `id` and `attempts` mean nothing
};

// The rows of all links to one team of a hub.
struct DestinationCount {
  Destination destination;
  std::uint64_t pending = 0;
  std::uint64_t ended = 0;  // of these, for a link that was ended
  std::uint64_t parked = 0;
  std::uint64_t spilled = 0;        // wait in the spill; the queue alone does not know
  std::uint64_t spilled_ended = 0;  // of these, for a link that was ended
};

struct ProjectCount {
  std::string project_uuid;  // empty: rows without a project
  std::uint64_t pending = 0;
  std::uint64_t ended = 0;     // of these, for a link that was ended
  std::uint64_t unlinked = 0;  // pending without a destination
  std::uint64_t parked = 0;
  std::uint64_t spilled = 0;  // as above
};

}  // namespace pawprint::outbox
