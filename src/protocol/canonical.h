// The content hash of an event (docs/protocol.md, "same content").
#pragma once

#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"

namespace pawprint::protocol {

// Canonical text: top-level `type` removed, keys sorted by UTF-16 code unit, strings escaped per RFC 8785,
// number tokens verbatim, ids and UUIDs (event_id, causation_id, correlation_id, project_uuid at top level)
// normalised, no white space. Refuses what parse_json refuses.
Result<std::string> canonical_form(std::string_view event_json);
Result<Digest> content_hash(std::string_view event_json);  // SHA-256 of the canonical form

}  // namespace pawprint::protocol
