// The fields of an event that was parsed. For .cc files of this module.
#pragma once

#include <boost/json/fwd.hpp>

#include "protocol/catalogue.h"
#include "protocol/envelope.h"

namespace pawprint::protocol {

struct ReadFields {
  Envelope envelope;  // but for `payload`, which stays empty
  Generation generation = Generation::g2;
  const boost::json::value* payload = nullptr;  // in the event, an object; nullptr: g3 has none
};

// Checks what read_envelope() checks beyond the syntax.
Result<ReadFields> read_fields(const boost::json::value& event);

}  // namespace pawprint::protocol
