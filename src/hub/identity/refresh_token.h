// Refresh tokens: opaque, rotated at every use. The successor of a token is derived from it, so that a parent
// is answered with its one successor again and again (several processes at once, a lost answer) until that
// successor has been used and a grace time has passed. A replay after that means that a copy is in other
// hands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/random.h"

namespace pawprint::hub::identity {

inline constexpr std::int64_t kRefreshLifetimeSeconds = 604'800;
inline constexpr std::int64_t kReplayGraceMs = 30'000;

// "prt_" and 32 bytes as base64url.
std::string new_refresh_token(Random& random);
std::string successor_of(std::string_view refresh_key, std::string_view token);

// What is stored of a token; nullopt if the text cannot be one.
std::optional<Digest> refresh_token_hash(std::string_view token);

// What the store knows of the token that was presented.
struct TokenRecord {
  bool revoked = false;
  std::int64_t expires_at_ms = 0;
  std::optional<std::int64_t> successor_used_at_ms;
};

enum class RefreshDecision { issue_successor, revoke_family, reject };
RefreshDecision decide_refresh(const TokenRecord& record, std::int64_t now_ms);

}  // namespace pawprint::hub::identity
