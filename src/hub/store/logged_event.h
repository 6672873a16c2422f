// An event as the log has it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/hash.h"
#include "hub/store/event_meaning.h"
#include "hub/store/shared_text.h"

namespace pawprint::hub::store {

// What was found out when the event came; nullptr: nobody has looked, and it is in the body.
using KnownMeaning = std::shared_ptr<const std::optional<EventMeaning>>;

struct LoggedEvent {
  std::uint64_t seq = 0;
  std::int64_t received_at_ms = 0;
  std::string event_id;
  std::optional<std::string> project_uuid;
  std::string node_id;  // empty: it names none
  std::uint64_t lamport = 0;
  SharedText body;
  Digest body_hash{};
  KnownMeaning meaning = nullptr;
};

// Whether the body has the content that was stored. Some microseconds.
bool is_what_was_stored(const LoggedEvent& event);

}  // namespace pawprint::hub::store
