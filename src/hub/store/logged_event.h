// An event as the log has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/hash.h"

namespace pawprint::hub::store {

struct LoggedEvent {
  std::uint64_t seq = 0;
  std::int64_t received_at_ms = 0;
  std::string event_id;
  std::optional<std::string> project_uuid;
  std::string body;
  Digest body_hash{};
};

}  // namespace pawprint::hub::store
