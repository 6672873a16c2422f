#include "hub/identity/opaque_token.h"

#include <span>

#include "hub/identity/base64url.h"

namespace pawprint::hub::identity {

std::string new_opaque_token(std::string_view prefix, Random& random) {
  Digest secret{};
  random.fill(std::as_writable_bytes(std::span(secret)));
  return opaque_token(prefix, secret);
}

std::string opaque_token(std::string_view prefix, const Digest& secret) {
  return std::string(prefix) + base64url({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

std::optional<Digest> opaque_token_hash(std::string_view prefix, std::string_view token) {
  if (!token.starts_with(prefix)) return std::nullopt;
  const auto secret = from_base64url(token.substr(prefix.size()));
  if (!secret || secret->size() != Digest{}.size()) return std::nullopt;
  return sha256(token);
}

}  // namespace pawprint::hub::identity
