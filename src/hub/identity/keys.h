// The hub's own secrets, in DATA/keys (0700): signing.key, the seed of an Ed25519 key, and refresh.key, from
// which successors of refresh tokens are derived. Each file is 32 bytes as base64url and a newline (0600).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/environment.h"

namespace pawprint::hub::identity {

struct Keys {
  std::string kid;  // first 16 hex digits of SHA-256 of the public key
  std::array<std::uint8_t, 32> public_key{};
  std::array<std::uint8_t, 64> secret_key{};
  std::string refresh_key;  // 32 bytes
};

// Makes what is missing. A directory or file that others may read: kind `failed`, with the chmod to type;
// a damaged file: `invalid`, and it stays as it is.
Result<Keys> load_or_make_keys(const Environment& environment, const Path& data_directory);

}  // namespace pawprint::hub::identity
