// What a caller hands to the emitter and what it gets back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pawprint {

// What an emitted event survives once emit() has returned: a power cut, or only a crash of processes.
enum class Durability { power, process };

// Where it is kept until it is delivered.
enum class Where { queue, spill };

struct Event {
  std::string event_type;    // "WPStatusChanged"
  std::string aggregate_id;  // "WP01"
  std::string aggregate_type = "WorkPackage";
  std::string payload = "{}";               // a JSON object; kept byte for byte
  std::optional<std::string> causation_id;  // the event that this one follows from
  std::optional<std::string> event_id;  // for ids derived from content: a ULID or UUID; else one is minted
};

struct Receipt {
  std::string event_id;  // a ULID in capitals, or a UUID in small letters with hyphens, as hubs write it
  std::uint64_t lamport_clock = 0;  // 0 if the event was known already
  Where where = Where::queue;
  Durability durable_to = Durability::power;
  bool already_known = false;  // an event with this derived id was emitted before: nothing was added
};

}  // namespace pawprint
