// How long a server asks to wait (RFC 9110, 10.2.3).
#pragma once

#include <cstdint>
#include <optional>

#include "net/http_client.h"

namespace pawprint::net {

// In seconds, not below 0, and as much as the server says. What is given as a date counts from the answer's
// own `Date`, so that clocks may differ, or from `now_s` (Unix) where it has none. nullopt: it does not ask,
// or in no form that is known.
std::optional<std::int64_t> retry_after_s(const HttpAnswer& answer, std::int64_t now_s);

}  // namespace pawprint::net
