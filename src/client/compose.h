// From a caller's event to an envelope that is fit to be sent.
#pragma once

#include "client/stamp.h"
#include "outbox/links.h"
#include "pawprint/event.h"
#include "protocol/envelope.h"

namespace pawprint::client {

// Everything but the Lamport value, which is taken last, so that a refused event uses none.
// `link` is the destination that the project is bound to, nullptr if none.
protocol::Envelope compose(const Event& event, const Stamp& stamp, const outbox::Link* link,
                           std::string event_id, std::string timestamp);

// Refuses, with kind `invalid` and the JSON path, what a hub would refuse for ever: a payload that is no JSON
// object or breaks its type's schema, an id that is none, an empty aggregate. Needs no file and no clock.
Result<void> check_event(const Event& event);

// Refuses an envelope that is too large whatever its Lamport value will be. Kind `invalid`.
Result<void> check_size(const protocol::Envelope& envelope);

}  // namespace pawprint::client
