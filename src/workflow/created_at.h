// Times as meta.json has them (RFC 3339).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pawprint::workflow {

// Unix milliseconds of "2026-02-10T16:30:00Z" or "2026-06-20T11:50:30.374026+02:00"; nullopt for anything
// else, for days that do not exist and for times before 1970.
std::optional<std::int64_t> unix_ms_of(std::string_view rfc3339);

}  // namespace pawprint::workflow
