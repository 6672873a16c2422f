// The hub's own secrets, in DATA/keys (0700): signing.key, the seed of an Ed25519 key, and refresh.key, from
// which successors of refresh tokens are derived. Each file is 32 bytes as base64url and a newline (0600).
// former-KID.pub is the public half of a signing key that was replaced: "<base64url> <ms since 1970>\n", the
// moment of its last signature. Its private half is gone.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"

namespace pawprint::hub::identity {

struct FormerKey {
  std::string kid;
  std::array<std::uint8_t, 32> public_key{};
  std::int64_t replaced_at_ms = 0;
};

struct Keys {
  std::string kid;  // first 16 hex digits of SHA-256 of the public key
  std::array<std::uint8_t, 32> public_key{};
  std::array<std::uint8_t, 64> secret_key{};
  std::string refresh_key;               // 32 bytes; empty if it is missing
  std::vector<FormerKey> former = {};    // whose tokens may still hold, by kid
  std::vector<std::string> lapsed = {};  // whose tokens have long expired; what those have opened goes on
};

// nullopt: no hub has made a key there yet; nothing is made. Errors as below.
Result<std::optional<Keys>> find_keys(const Environment& environment, const Path& data_directory);

// Makes what is missing. A directory or file that others may read: kind `failed`, with the chmod to type;
// a damaged file: `invalid`, and it stays as it is.
Result<Keys> load_or_make_keys(const Environment& environment, const Path& data_directory);

// For whoever holds the data directory alone; errors as above. A crash leaves the old keys or the new ones.

// From now on another key signs. What the one before it has signed holds until it expires.
Result<Keys> rotate_signing_key(const Environment& environment, const Path& data_directory);

// Nothing that a former key has signed holds any more. The key that signs now: kind `failed`, rotate first;
// an unknown one: `failed`.
Result<Keys> retire_key(const Environment& environment, const Path& data_directory, std::string_view kid);

}  // namespace pawprint::hub::identity
