#include "hub/identity/refresh_token.h"

#include "hub/identity/opaque_token.h"

namespace pawprint::hub::identity {

std::string new_refresh_token(Random& random) {
  return new_opaque_token(kRefreshPrefix, random);
}

std::string successor_of(std::string_view refresh_key, std::string_view token) {
  return opaque_token(kRefreshPrefix, hmac_sha256(refresh_key, token));
}

std::optional<Digest> refresh_token_hash(std::string_view token) {
  return opaque_token_hash(kRefreshPrefix, token);
}

RefreshDecision decide_refresh(const TokenRecord& record, std::int64_t now_ms) {
  if (record.revoked || now_ms >= record.expires_at_ms) return RefreshDecision::reject;
  const bool is_replay =
      record.successor_used_at_ms && now_ms - *record.successor_used_at_ms > kReplayGraceMs;
  return is_replay ? RefreshDecision::revoke_family : RefreshDecision::issue_successor;
}

}  // namespace pawprint::hub::identity
