#include "hub/identity/password.h"

#include <sodium.h>

#include <array>
#include <cstdio>

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
Result<std::string> nobodys_hash() {
  std::array<char, 32> secret{};
  randombytes_buf(secret.data(), secret.size());
  return hash_password({secret.data(), secret.size()});
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0) {
    return std::nullopt;
  }
  bytes.resize(size);
  return bytes;
}

// crypto_pwhash_str_verify does not tell a wrong password from a lack of memory, so the hash is made here.
Result<bool> verify(std::string_view phc, std::string_view password) {
  unsigned long long kib = 0, passes = 0;
  std::array<char, crypto_pwhash_STRBYTES> salt_text{}, hash_text{};
  static_assert(crypto_pwhash_STRBYTES == 128);
  const std::string text(phc);
  if (std::sscanf(text.c_str(), "$argon2id$v=19$m=%llu,t=%llu,p=1$%127[^$]$%127s", &kib, &passes,
                  salt_text.data(), hash_text.data()) != 4) {
    return false;
  }
  const auto salt = from_base64(salt_text.data()), wanted = from_base64(hash_text.data());
  if (!salt || salt->size() != crypto_pwhash_SALTBYTES || !wanted ||
      wanted->size() < crypto_pwhash_BYTES_MIN) {
    return false;
  }
  std::string made(wanted->size(), '\0');
  if (!sodium_is_ready() ||
      crypto_pwhash(reinterpret_cast<unsigned char*>(made.data()), made.size(), password.data(),
                    password.size(), reinterpret_cast<const unsigned char*>(salt->data()), passes, kib * 1024,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorKind::failed, "cannot check the password: there is no memory for it");
  }
  return sodium_memcmp(made.data(), wanted->data(), made.size()) == 0;
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

Result<bool> password_matches(const std::optional<std::string>& hash, std::string_view password) {
  if (password.empty() || password.size() > kPasswordMaxBytes) return false;
  if (!hash) {  // to make a hash costs what a check of one does
    PAW_TRY(made, nobodys_hash());
    return false;
  }
  return verify(*hash, password);
}

}  // namespace pawprint::hub::identity
