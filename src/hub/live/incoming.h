// What a client sends on the live channel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "hub/live/chunk.h"

namespace pawprint::hub::live {

struct Pong {};

struct Subscribe {
  std::optional<Projects> projects;  // nullopt: as before
  std::optional<std::string> since;  // nullopt: go on where the stream is
};

// Also what is no JSON: ingest has the verdict on it.
struct Event {};

struct BadFrame {
  std::string why;
};

using Incoming = std::variant<Event, Pong, Subscribe, BadFrame>;

Incoming classify(std::string_view text);

}  // namespace pawprint::hub::live
