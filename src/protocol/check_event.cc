#include "protocol/check_event.h"

#include <boost/json/value.hpp>

#include "protocol/catalogue.h"
#include "protocol/json.h"

namespace pawprint::protocol {

// g3 is stored unprojected for now: its payloads are checked when there is a catalogue of them.
Result<void> check_event(const Envelope& envelope) {
  if (envelope.payload.empty()) return {};
  PAW_TRY(payload, parse_json(envelope.payload));
  const Generation generation =
      generation_of(envelope.event_type, envelope.schema_version, payload.get_object());
  if (generation == Generation::g3) return {};
  return check_payload(generation, envelope.event_type, payload);
}

}  // namespace pawprint::protocol
