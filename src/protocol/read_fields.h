// The fields of an event that was parsed. For .cc files of this module.
#pragma once

#include <boost/json/fwd.hpp>

#include "protocol/event_reader.h"

namespace pawprint::protocol {

// Checks what read_envelope() checks beyond the syntax. Fills in all of `read`, which is new, but
// `canonical`.
Result<void> read_fields(const boost::json::value& event, ReadEvent& read);

}  // namespace pawprint::protocol
