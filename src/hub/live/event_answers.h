// What becomes of the events that a client sends on the live channel.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "hub/identity/access_token.h"
#include "hub/ingest/ingest.h"

namespace pawprint::hub::live {

// The frames that answer these events, one for each, in order, put one behind the other. Otherwise none of
// them is known to be stored, and it is said why. Blocks for one synchronous write.
std::expected<std::string, std::string> ingest_events(ingest::Ingest& ingest,
                                                      const identity::Principal& principal,
                                                      std::span<const std::string> events);

}  // namespace pawprint::hub::live
