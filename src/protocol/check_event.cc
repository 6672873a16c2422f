#include "protocol/check_event.h"

#include <boost/json/value.hpp>

#include "base/format.h"
#include "protocol/catalogue.h"
#include "protocol/json.h"
#include "protocol/refusal.h"

namespace pawprint::protocol {
namespace {

// ErrorLogged is about a feature where no work package is concerned. Older clients may name no aggregate
// type.
Result<void> check_aggregate(Generation generation, const Envelope& envelope) {
  const TypeSpec* type = find_type(generation, envelope.event_type);
  const std::string& named = envelope.aggregate_type;
  if (type == nullptr || named.empty() || named == type->aggregate_type) return {};
  if (envelope.event_type == "ErrorLogged" && named == "Feature") return {};
  return refuse("aggregate_type", fmt::format("of {} must be {}", type->event_type, type->aggregate_type));
}

// g3 is stored unprojected for now: its payloads are checked when there is a catalogue of them.
Result<void> check(Generation generation, const Envelope& envelope, const boost::json::value& payload) {
  if (generation == Generation::g3) return {};
  PAW_TRY(about, check_aggregate(generation, envelope));
  return check_payload(generation, envelope.event_type, payload);
}

}  // namespace

Result<void> check_event(const Envelope& envelope) {
  if (envelope.payload.empty()) return {};
  PAW_TRY(payload, parse_json(envelope.payload));
  return check(generation_of(envelope.event_type, envelope.schema_version, payload.get_object()), envelope,
               payload);
}

Result<void> check_event(const ReadEvent& event) {
  if (event.payload == nullptr) return {};
  return check(event.generation, event.envelope, *event.payload);
}

}  // namespace pawprint::protocol
