#include <sodium.h>

#include "hub/identity/access_token.h"
#include "hub/identity/base64url.h"
#include "targets.h"

namespace pawprint::fuzz {
namespace {

using hub::identity::base64url;

hub::identity::Keys fixed_keys() {
  hub::identity::Keys keys;
  keys.kid = "k1";
  constexpr unsigned char kSeed[] = "0123456789abcdef0123456789abcdef";
  crypto_sign_seed_keypair(keys.public_key.data(), keys.secret_key.data(), kSeed);
  return keys;
}

// A token with these claims that the hub itself could have signed.
std::string signed_with(const hub::identity::Keys& keys, std::string_view claims) {
  const std::string message =
      base64url(R"({"alg":"EdDSA","typ":"at+jwt","kid":"k1"})") + "." + base64url(claims);
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                       keys.secret_key.data());
  return message + "." + base64url(signature);
}

}  // namespace

void read_access_token(std::string_view token) {
  static const hub::identity::Keys keys = fixed_keys();
  static ManualClock clock{1'770'120'000'000};
  static SeededRandom random{3};
  static hub::identity::AccessTokens tokens{keys, clock, random};
  const auto bytes = hub::identity::from_base64url(token);
  must_hold(!bytes || base64url(*bytes) == token, "bytes have one form as base64url");
  const auto verified = tokens.verify(token);
  must_hold(verified || verified.error().kind == ErrorKind::not_signed_in, "what is not ours is a refusal");
  // Nobody without the key gets so far; that the claims are read without fault does not depend on that.
  const auto claimed = tokens.verify(signed_with(keys, token));
  must_hold(!claimed || (!claimed->team_id.empty() && !claimed->user_id.empty()),
            "a token names its team and user");
  must_hold(!claimed || !claimed->is_machine, "no claim makes a user a machine");
}

}  // namespace pawprint::fuzz
