#include "hub/identity/refresh_token.h"

#include <array>

#include "hub/identity/base64url.h"

namespace pawprint::hub::identity {
namespace {

constexpr std::string_view kPrefix = "prt_";
constexpr std::size_t kSecretBytes = 32;

std::string token_of(std::string_view secret) {
  return std::string(kPrefix) + base64url(secret);
}

}  // namespace

std::string new_refresh_token(Random& random) {
  std::array<std::byte, kSecretBytes> secret{};
  random.fill(secret);
  return token_of({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

std::string successor_of(std::string_view refresh_key, std::string_view token) {
  const Digest secret = hmac_sha256(refresh_key, token);
  return token_of({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

std::optional<Digest> refresh_token_hash(std::string_view token) {
  if (!token.starts_with(kPrefix)) return std::nullopt;
  const auto secret = from_base64url(token.substr(kPrefix.size()));
  if (!secret || secret->size() != kSecretBytes) return std::nullopt;
  return sha256(token);
}

RefreshDecision decide_refresh(const TokenRecord& record, std::int64_t now_ms) {
  if (record.revoked || now_ms >= record.expires_at_ms) return RefreshDecision::reject;
  const bool is_replay =
      record.successor_used_at_ms && now_ms - *record.successor_used_at_ms > kReplayGraceMs;
  return is_replay ? RefreshDecision::revoke_family : RefreshDecision::issue_successor;
}

}  // namespace pawprint::hub::identity
