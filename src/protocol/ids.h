// Identifiers of the protocol: events (ULID or UUID), projects (UUIDv4), machines (node_id).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace pawprint::protocol {

// ULID upper-case, UUID (RFC 9562, any version, with or without hyphens) lower-case and hyphenated; nullopt
// if it is neither.
std::optional<std::string> normalised_event_id(std::string_view text);

// Lower-case, hyphenated UUID of version 4, nullopt for anything else (un-hyphenated hex included).
std::optional<std::string> normalised_uuid_v4(std::string_view text);
std::string new_uuid_v4(Random& random);

// First 12 hex digits of SHA-256 of "hostname:username", for a home that is not the default one of
// "hostname:username:home_id" (home_id empty for the default home).
std::string node_id(std::string_view hostname, std::string_view username, std::string_view home_id);

}  // namespace pawprint::protocol
