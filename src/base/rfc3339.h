// Reading times as RFC 3339 has them; rfc3339_utc() in clock_source.h writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pawprint {

// Unix milliseconds of "2026-02-10T16:30:00Z" or "2026-06-20T11:50:30.374026+02:00"; nullopt for anything
// else, for days that do not exist and for times before 1970.
std::optional<std::int64_t> unix_ms_of(std::string_view rfc3339);

}  // namespace pawprint
