#include "hub/identity/keys.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/format.h"
#include "base/hash.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "hub/identity/base64url.h"

namespace pawprint::hub::identity {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr unsigned kOthers = 0077;
constexpr std::string_view kFormerPrefix = "former-", kFormerSuffix = ".pub";
constexpr std::int64_t kKeptMs = 24 * 3'600'000;  // far beyond what an access token holds
static_assert(kSecretBytes == crypto_sign_SEEDBYTES);

Result<void> refuse_others(Disk& disk, const Path& path, unsigned wanted) {
  PAW_TRY(status, disk.status(path));
  if (!status || (status->mode & kOthers) == 0) return {};
  auto error = fail(ErrorKind::failed,
                    fmt::format("cannot use the hub's keys: {} can be read by others (mode {:o})",
                                path.string(), status->mode),
                    fmt::format("chmod {:o} {}", wanted, shell_word(path.string())));
  error.error().file = path.string();
  return error;
}

std::unexpected<Error> damaged(const Path& file, std::string_view hint) {
  auto error =
      fail(ErrorKind::invalid, fmt::format("cannot use the hub's keys: {} is damaged", file.string()),
           std::string(hint));
  error.error().file = file.string();
  return error;
}

Result<std::string> make_secret(const Environment& environment, const Path& file) {
  std::array<std::byte, kSecretBytes> random{};
  environment.random->fill(random);
  const std::string secret(reinterpret_cast<const char*>(random.data()), random.size());
  PAW_TRY(written, replace_file(*environment.disk, file, base64url(secret) + "\n", 0600));
  return secret;
}

// nullopt: there is none.
Result<std::optional<std::string>> load_secret(const Environment& environment, const Path& file) {
  PAW_TRY(allowed, refuse_others(*environment.disk, file, 0600));
  PAW_TRY(content, read_file(*environment.disk, file));
  if (!content) return std::nullopt;
  std::string_view text = *content;
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto secret = from_base64url(text);
  if (!secret || secret->size() != kSecretBytes) {
    return damaged(file, "restore it from a backup; without it everybody has to sign in again");
  }
  return secret;
}

Result<std::string> load_or_make_secret(const Environment& environment, const Path& file) {
  PAW_TRY(secret, load_secret(environment, file));
  if (!secret) return make_secret(environment, file);
  return *std::move(secret);
}

Path former_file(const Path& directory, std::string_view kid) {
  return directory / fmt::format("{}{}{}", kFormerPrefix, kid, kFormerSuffix);
}

std::string kid_of(const std::array<std::uint8_t, 32>& public_key) {
  return hex(sha256({reinterpret_cast<const char*>(public_key.data()), public_key.size()})).substr(0, 16);
}

// nullopt: damaged.
std::optional<FormerKey> former_key_in(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto space = std::min(text.find(' '), text.size());
  const auto bytes = from_base64url(text.substr(0, space));
  FormerKey key;
  const std::string_view digits = text.substr(std::min(space + 1, text.size()));
  const auto [stopped, code] =
      std::from_chars(digits.data(), digits.data() + digits.size(), key.replaced_at_ms);
  if (!bytes || bytes->size() != key.public_key.size() || code != std::errc{} ||
      stopped != digits.data() + digits.size()) {
    return std::nullopt;
  }
  std::ranges::copy(*bytes, key.public_key.begin());
  key.kid = kid_of(key.public_key);
  return key;
}

Result<void> load_former(const Environment& environment, const Path& directory, Keys& keys) {
  PAW_TRY(names, environment.disk->list(directory));
  std::ranges::sort(names);
  for (const std::string& name : names) {
    if (!name.starts_with(kFormerPrefix) || !name.ends_with(kFormerSuffix)) continue;
    PAW_TRY(content, read_file(*environment.disk, directory / name));
    const auto key = former_key_in(content.value_or(""));
    if (!key)
      return damaged(directory / name, "remove it; tokens that it vouched for are refreshed by themselves");
    if (key->kid == keys.kid) continue;
    const bool lapsed = key->replaced_at_ms + kKeptMs < environment.clock->unix_ms();
    lapsed ? keys.lapsed.push_back(key->kid) : keys.former.push_back(*key);
  }
  return {};
}

Result<Keys> keys_of(const Environment& environment, const Path& directory, const std::string& seed,
                     std::string refresh_key) {
  Keys keys;
  crypto_sign_seed_keypair(keys.public_key.data(), keys.secret_key.data(),
                           reinterpret_cast<const unsigned char*>(seed.data()));
  keys.kid = kid_of(keys.public_key);
  keys.refresh_key = std::move(refresh_key);
  PAW_TRY(loaded, load_former(environment, directory, keys));
  return keys;
}

Result<Keys> load_keys(const Environment& environment, const Path& directory) {
  PAW_TRY(seed, load_or_make_secret(environment, directory / "signing.key"));
  PAW_TRY(refresh_key, load_or_make_secret(environment, directory / "refresh.key"));
  return keys_of(environment, directory, seed, std::move(refresh_key));
}

}  // namespace

Result<std::optional<Keys>> find_keys(const Environment& environment, const Path& data_directory) {
  const Path directory = data_directory / "keys";
  PAW_TRY(allowed, refuse_others(*environment.disk, directory, 0700));
  PAW_TRY(seed, load_secret(environment, directory / "signing.key"));
  if (!seed) return std::nullopt;
  PAW_TRY(refresh_key, load_secret(environment, directory / "refresh.key"));
  return keys_of(environment, directory, *seed, std::move(refresh_key).value_or(""));
}

Result<Keys> load_or_make_keys(const Environment& environment, const Path& data_directory) {
  const Path directory = data_directory / "keys";
  PAW_TRY(made, environment.disk->make_directories(directory, 0700));
  PAW_TRY(allowed, refuse_others(*environment.disk, directory, 0700));
  return load_keys(environment, directory);
}

Result<Keys> rotate_signing_key(const Environment& environment, const Path& data_directory) {
  PAW_TRY(keys, find_keys(environment, data_directory));
  if (!keys) return load_or_make_keys(environment, data_directory);
  const Path directory = data_directory / "keys";
  const std::string_view bytes(reinterpret_cast<const char*>(keys->public_key.data()),
                               keys->public_key.size());
  const std::string line = fmt::format("{} {}\n", base64url(bytes), environment.clock->unix_ms());
  PAW_TRY(kept, replace_file(*environment.disk, former_file(directory, keys->kid), line, 0600));
  PAW_TRY(made, make_secret(environment, directory / "signing.key"));
  return load_keys(environment, directory);
}

Result<Keys> retire_key(const Environment& environment, const Path& data_directory, std::string_view kid) {
  PAW_TRY(keys, find_keys(environment, data_directory));
  if (keys && kid == keys->kid) {
    return fail(ErrorKind::failed, fmt::format("cannot retire key {}: it is the one that signs", kid),
                fmt::format("pawprint-hub key rotate --data {}", shell_word(data_directory.string())));
  }
  if (!keys || (std::ranges::find(keys->former, kid, &FormerKey::kid) == keys->former.end() &&
                std::ranges::find(keys->lapsed, kid) == keys->lapsed.end())) {
    return fail(ErrorKind::failed, fmt::format("there is no key {}", printable(kid)));
  }
  const Path directory = data_directory / "keys";
  PAW_TRY(removed, environment.disk->remove(former_file(directory, kid)));
  PAW_TRY(synced, environment.disk->sync_directory(directory));
  return load_keys(environment, directory);
}

}  // namespace pawprint::hub::identity
