// Reading events one after the other, each parsed once for everything that is asked of it.
#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <string_view>

#include "protocol/catalogue.h"
#include "protocol/envelope.h"

namespace pawprint::protocol {

// One event. What it points to is the reader's, and there until that reads the next one.
struct ReadEvent {
  Envelope envelope;  // but for `payload`, which stays empty
  Generation generation = Generation::g2;
  const boost::json::value* payload = nullptr;  // an object; nullptr: g3 has none
  std::string_view canonical;                   // as canonical_form() has it; empty unless it was asked for
};

// Keeps its memory from one event to the next. For one thread at a time.
class EventReader {
 public:
  enum class Canonical { wanted, unwanted };
  explicit EventReader(Canonical canonical);
  ~EventReader();
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;

  // Refuses what read_envelope() refuses, in the same words.
  Result<ReadEvent> read(std::string_view json);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pawprint::protocol
