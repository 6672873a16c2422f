// Whether an event that was read fits its type.
#pragma once

#include "protocol/envelope.h"
#include "protocol/event_reader.h"

namespace pawprint::protocol {

// Finds the generation, compares the aggregate type with that of the catalogue and asks check_payload. Kind
// `invalid`, Error::path as in "payload.wp_id". Events of generation g3, events without a payload and types
// that the catalogue does not have pass.
Result<void> check_event(const Envelope& envelope);
Result<void> check_event(const ReadEvent& event);

}  // namespace pawprint::protocol
