#include "hub/main/preflight.h"

#include <algorithm>

#include "base/format.h"
#include "base/shell_word.h"
#include "hub/main/data_directory.h"
#include "hub/store/damage.h"
#include "hub/store/migration_trial.h"

namespace pawprint::hub {
namespace {

constexpr std::size_t kMinTokenBytes = 16;

bool is_word(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

// One line, whether it ends with a line feed or not.
Result<std::string> metrics_token(Disk& disk, const Path& file) {
  if (file.empty()) return std::string();
  const auto refused = [&](std::string_view why) {
    return fail(ErrorKind::failed, fmt::format("cannot use --metrics-token-file {}: {}", file.string(), why),
                fmt::format("openssl rand -hex 24 > {}", shell_word(file.string())));
  };
  PAW_TRY(text, read_file(disk, file));
  if (!text) return refused("there is no such file");
  std::string token = text->substr(0, text->find_last_not_of("\r\n") + 1);
  if (!is_word(token)) return refused("it has to hold the token alone, one line without spaces");
  if (token.size() < kMinTokenBytes) {
    return refused(fmt::format("the token has less than {} characters", kMinTokenBytes));
  }
  return token;
}

}  // namespace

Result<Preflight> look_at_settings(const Environment& environment, const Serve& wanted) {
  PAW_TRY(room, room_for_connections(wanted.max_connections, wanted.tls.has_value()));
  if (auto usable = check_data_directory(*environment.disk, wanted.data); !usable) {
    return std::unexpected(named("--data", std::move(usable).error()));
  }
  if (wanted.tls) {
    if (auto certificate = net::server_tls(*wanted.tls); !certificate) {
      return std::unexpected(named("--tls-cert, --tls-key", std::move(certificate).error()));
    }
  }
  PAW_TRY(token, metrics_token(*environment.disk, wanted.metrics_token_file));
  return Preflight{std::move(room), std::move(token)};
}

Result<void> look_at_database(const Environment& environment, const Path& data_directory) {
  const Path file = data_directory / "hub.db";
  PAW_TRY(there, environment.disk->status(file));
  if (!there) return store::refuse_what_lacks_something(*environment.disk, file);
  PAW_TRY(version, store::schema_version_in(environment, data_directory));
  return {};
}

}  // namespace pawprint::hub
