// The text of sessions.toml (docs/state.md): one `[[session]]` table per sign-in.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "credentials/sessions.h"

namespace pawprint::credentials {

// Kind `invalid` with Error::line. Unknown keys are passed over; the known ones must all be there.
Result<std::vector<Session>> read_sessions(std::string_view text);

// Kind `invalid` for a session that would not read back as it is (not UTF-8, a time beyond the year 9999).
// The error names the field, never its value.
Result<std::string> write_sessions(std::span<const Session> sessions);

}  // namespace pawprint::credentials
