#include "hub/identity/password.h"

#include <sodium.h>

#include <array>

#include "base/format.h"

namespace pawprint::hub::identity {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = std::size_t{19} << 20;

// Picks the fastest implementation that this processor has; cheap when it is done already.
bool sodium_is_ready() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

// A hash that no password is known for, with the cost of a real one.
const std::string& nobodys_hash() {
  static const std::string hash = [] {
    std::array<char, 32> secret{};
    randombytes_buf(secret.data(), secret.size());
    return hash_password({secret.data(), secret.size()}).value_or(std::string());
  }();
  return hash;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  if (password.empty() || password.size() > kPasswordMaxBytes) {
    return fail(ErrorKind::invalid,
                fmt::format("cannot use this password: it must have 1 to {} bytes", kPasswordMaxBytes));
  }
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (!sodium_is_ready() || crypto_pwhash_str_alg(text.data(), password.data(), password.size(), kPasses,
                                                  kMemoryBytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorKind::failed, "cannot hash the password: there is no memory for it");
  }
  return std::string(text.data());
}

bool password_matches(const std::optional<std::string>& hash, std::string_view password) {
  const std::string& checked = hash ? *hash : nobodys_hash();
  const bool is_in_bounds = !password.empty() && password.size() <= kPasswordMaxBytes;
  const bool matches = sodium_is_ready() && is_in_bounds &&
                       crypto_pwhash_str_verify(checked.c_str(), password.data(), password.size()) == 0;
  return matches && hash.has_value();
}

}  // namespace pawprint::hub::identity
