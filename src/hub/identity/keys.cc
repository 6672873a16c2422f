#include "hub/identity/keys.h"

#include <sodium.h>

#include "base/format.h"
#include "base/hash.h"
#include "hub/identity/base64url.h"

namespace pawprint::hub::identity {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr unsigned kOthers = 0077;
static_assert(kSecretBytes == crypto_sign_SEEDBYTES);

Result<void> refuse_others(Disk& disk, const Path& path, unsigned wanted) {
  PAW_TRY(status, disk.status(path));
  if (!status || (status->mode & kOthers) == 0) return {};
  auto error = fail(ErrorKind::failed,
                    fmt::format("cannot use the hub's keys: {} can be read by others (mode {:o})",
                                path.string(), status->mode),
                    fmt::format("chmod {:o} {}", wanted, path.string()));
  error.error().file = path.string();
  return error;
}

Result<std::string> make_secret(const Environment& environment, const Path& file) {
  std::array<std::byte, kSecretBytes> random{};
  environment.random->fill(random);
  const std::string secret(reinterpret_cast<const char*>(random.data()), random.size());
  PAW_TRY(written, replace_file(*environment.disk, file, base64url(secret) + "\n", 0600));
  return secret;
}

Result<std::string> load_or_make_secret(const Environment& environment, const Path& file) {
  PAW_TRY(allowed, refuse_others(*environment.disk, file, 0600));
  PAW_TRY(content, read_file(*environment.disk, file));
  if (!content) return make_secret(environment, file);
  std::string_view text = *content;
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto secret = from_base64url(text);
  if (!secret || secret->size() != kSecretBytes) {
    auto error =
        fail(ErrorKind::invalid, fmt::format("cannot use the hub's keys: {} is damaged", file.string()),
             "restore it from a backup; without it everybody has to sign in again");
    error.error().file = file.string();
    return error;
  }
  return *std::move(secret);
}

}  // namespace

Result<Keys> load_or_make_keys(const Environment& environment, const Path& data_directory) {
  const Path directory = data_directory / "keys";
  PAW_TRY(made, environment.disk->make_directories(directory, 0700));
  PAW_TRY(allowed, refuse_others(*environment.disk, directory, 0700));
  PAW_TRY(seed, load_or_make_secret(environment, directory / "signing.key"));
  PAW_TRY(refresh_key, load_or_make_secret(environment, directory / "refresh.key"));
  Keys keys;
  crypto_sign_seed_keypair(keys.public_key.data(), keys.secret_key.data(),
                           reinterpret_cast<const unsigned char*>(seed.data()));
  const std::string_view public_bytes(reinterpret_cast<const char*>(keys.public_key.data()),
                                      keys.public_key.size());
  keys.kid = hex(sha256(public_bytes)).substr(0, 16);
  keys.refresh_key = std::move(refresh_key);
  return keys;
}

}  // namespace pawprint::hub::identity
