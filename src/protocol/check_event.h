// Whether the payload of an event that was read fits its type.
#pragma once

#include "protocol/envelope.h"

namespace pawprint::protocol {

// Finds the generation and asks check_payload. Kind `invalid`, Error::path as in "payload.wp_id". Events of
// generation g3 and events without a payload pass.
Result<void> check_event(const Envelope& envelope);

}  // namespace pawprint::protocol
