// What a client sends on the live channel, and what becomes of its events.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "hub/identity/access_token.h"
#include "hub/ingest/ingest.h"
#include "hub/live/chunk.h"

namespace pawprint::hub::live {

struct Pong {};

struct Subscribe {
  std::optional<Projects> projects;  // nullopt: as before
  std::optional<std::string> since;  // nullopt: go on where the stream is
};

struct Event {};    // a JSON object, so it can stand beside others in a batch
struct NotJson {};  // to be judged alone

struct BadFrame {
  std::string why;
};

using Incoming = std::variant<Event, NotJson, Pong, Subscribe, BadFrame>;

Incoming classify(std::string_view text);

// The frames that answer these events, in order, put one behind the other; nullopt: the hub cannot say now
// what became of them. Blocks for one synchronous write.
std::optional<std::string> ingest_events(ingest::Ingest& ingest, const identity::Principal& principal,
                                         const std::vector<std::string>& events);

}  // namespace pawprint::hub::live
