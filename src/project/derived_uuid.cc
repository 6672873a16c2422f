#include "project/derived_uuid.h"

#include <array>
#include <optional>

#include "base/file_lock.h"
#include "base/format.h"
#include "base/hash.h"
#include "base/shell_word.h"

namespace pawprint::project {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::chrono::seconds kLockWait{5};

Result<std::optional<std::string>> read_secret(Disk& disk, const Path& file) {
  PAW_TRY(content, read_file(disk, file));
  if (!content) return std::nullopt;
  const std::string secret = content->substr(0, content->find('\n'));
  if (secret.size() == 2 * kSecretBytes && secret.find_first_not_of("0123456789abcdef") == std::string::npos)
    return secret;
  return fail(ErrorKind::invalid, fmt::format("{} is damaged: it has to be 64 hex digits", file.string()),
              "rm " + shell_word(file.string()));
}

Result<std::string> secret_of(const Environment& environment, const Home& home) {
  const Path file = home.directory / "secret";
  PAW_TRY(known, read_secret(*environment.disk, file));
  if (known) return *known;
  PAW_TRY(home_made, ensure_home(*environment.disk, home));
  PAW_TRY(locks, lock_kind_for(*environment.disk, home.directory));
  PAW_TRY(lock, FileLock::acquire(home.directory / "secret.lock", kLockWait, locks));
  PAW_TRY(meanwhile, read_secret(*environment.disk, file));
  if (meanwhile) return *meanwhile;
  std::array<std::byte, kSecretBytes> random{};
  environment.random->fill(random);
  const std::string secret =
      hex(std::string_view(reinterpret_cast<const char*>(random.data()), random.size()));
  PAW_TRY(written, replace_file(*environment.disk, file, secret + "\n", 0600));
  return secret;
}

}  // namespace

Result<std::string> derived_uuid(const Environment& environment, const Home& home,
                                 const Path& canonical_root) {
  PAW_TRY(secret, secret_of(environment, home));
  Digest digest = hmac_sha256(secret, canonical_root.string());
  digest[6] = static_cast<std::uint8_t>((digest[6] & 0x0FU) | 0x40U);
  digest[8] = static_cast<std::uint8_t>((digest[8] & 0x3FU) | 0x80U);
  const std::string digits = hex(digest);
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4), digits.substr(12, 4),
                     digits.substr(16, 4), digits.substr(20, 12));
}

}  // namespace pawprint::project
