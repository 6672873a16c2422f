#include "hub/identity/access_token.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <optional>

#include "base/format.h"
#include "base/hash.h"
#include "base/ulid.h"
#include "hub/identity/base64url.h"
#include "protocol/envelope.h"
#include "protocol/json.h"

namespace pawprint::hub::identity {
namespace {

using boost::json::object;
using protocol::json_string;
constexpr std::size_t kMaxTokenBytes = 4096;

// Says no more than that, so that nobody learns by trying which part was wrong.
std::unexpected<Error> not_ours() {
  return fail(ErrorKind::not_signed_in, "the access token is not valid or has expired",
              "pawprint auth login");
}

std::string header_of(const Keys& keys) {
  return fmt::format(R"({{"alg":"EdDSA","typ":"at+jwt","kid":"{}"}})", keys.kid);
}

std::optional<object> object_of(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  auto parsed = protocol::parse_json(*text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
}

bool says(const object& claims, std::string_view name, std::string_view wanted) {
  const auto* found = claims.if_contains(name);
  return found != nullptr && found->is_string() && found->get_string() == wanted;
}

// The public key that a header names; nullptr: none of ours, or a retired one.
const std::array<std::uint8_t, 32>* public_key_for(const object& header, const Keys& keys) {
  if (says(header, "kid", keys.kid)) return &keys.public_key;
  const auto found =
      std::ranges::find_if(keys.former, [&](const FormerKey& key) { return says(header, "kid", key.kid); });
  return found == keys.former.end() ? nullptr : &found->public_key;
}

std::optional<std::string> text_of(const object& claims, std::string_view name) {
  const auto* found = claims.if_contains(name);
  if (found == nullptr || !found->is_string() || found->get_string().empty()) return std::nullopt;
  return std::string(found->get_string());
}

bool expires_after(const object& claims, std::int64_t now_s) {
  const auto* found = claims.if_contains("exp");
  return found != nullptr && found->is_int64() && found->get_int64() > now_s;
}

// One that was issued by a clock that was ahead would be good for as long as that.
bool issued_before(const object& claims, std::int64_t now_s) {
  constexpr std::int64_t kLeewaySeconds = 300;
  const auto* found = claims.if_contains("iat");
  return found != nullptr && found->is_int64() && found->get_int64() <= now_s + kLeewaySeconds;
}

bool is_signed(std::string_view message, std::string_view signature_part,
               const std::array<std::uint8_t, 32>& public_key) {
  const auto signature = from_base64url(signature_part);
  if (!signature || signature->size() != crypto_sign_BYTES) return false;
  return crypto_sign_verify_detached(reinterpret_cast<const unsigned char*>(signature->data()),
                                     reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                                     public_key.data()) == 0;
}

}  // namespace

void AccessTokens::use(const Keys& keys) {
  auto changed = std::make_shared<const Keys>(keys);
  const std::scoped_lock lock(mutex_);
  keys_ = std::move(changed);
}

std::shared_ptr<const Keys> AccessTokens::keys() const {
  const std::scoped_lock lock(mutex_);
  return keys_;
}

std::string AccessTokens::issue(const Principal& principal) {
  const auto keys = this->keys();
  const std::int64_t now_s = clock_.unix_ms() / 1000;
  const std::string claims = fmt::format(
      R"({{"iss":"{0}","aud":"{0}","sub":{1},"team":{2},"team_slug":{3},"role":{4},"sid":{5},"iat":{6},"exp":{7},"jti":"{8}"}})",
      kAudience, json_string(principal.user_id), json_string(principal.team_id),
      json_string(principal.team_slug), json_string(principal.role), json_string(principal.session_id), now_s,
      now_s + kAccessLifetimeSeconds, UlidGenerator(clock_, random_).next());
  const std::string message = base64url(header_of(*keys)) + "." + base64url(claims);
  std::array<unsigned char, crypto_sign_BYTES> signature{};
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size(), keys->secret_key.data());
  return message + "." + base64url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

Result<Principal> AccessTokens::verify(std::string_view token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (token.size() > kMaxTokenBytes || first == last) return not_ours();
  const auto header = object_of(token.substr(0, first));
  if (!header || !says(*header, "alg", "EdDSA") || !says(*header, "typ", "at+jwt")) {
    return not_ours();
  }
  const auto keys = this->keys();
  const auto* key = public_key_for(*header, *keys);
  if (key == nullptr || !is_signed(token.substr(0, last), token.substr(last + 1), *key)) return not_ours();
  const auto claims = object_of(token.substr(first + 1, last - first - 1));
  const std::int64_t now_s = clock_.unix_ms() / 1000;
  if (!claims || !says(*claims, "iss", kAudience) || !says(*claims, "aud", kAudience) ||
      !expires_after(*claims, now_s) || !issued_before(*claims, now_s)) {
    return not_ours();
  }
  auto user_id = text_of(*claims, "sub"), team_id = text_of(*claims, "team");
  auto team_slug = text_of(*claims, "team_slug"), role = text_of(*claims, "role");
  if (!user_id || !team_id || !team_slug || !role) return not_ours();
  return Principal{.user_id = *std::move(user_id),
                   .team_id = *std::move(team_id),
                   .team_slug = *std::move(team_slug),
                   .role = *std::move(role),
                   .session_id = text_of(*claims, "sid").value_or(""),
                   .kid = text_of(*header, "kid").value_or("")};
}

bool AccessTokens::counts(std::string_view kid) const {
  const auto keys = this->keys();
  return kid == keys->kid || std::ranges::find(keys->former, kid, &FormerKey::kid) != keys->former.end() ||
         std::ranges::find(keys->lapsed, kid) != keys->lapsed.end();
}

}  // namespace pawprint::hub::identity
