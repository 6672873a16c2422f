#include "credentials/machine_token.h"

#include <algorithm>

#include "base/format.h"
#include "base/shell_word.h"
#include "base/url.h"

namespace pawprint::credentials {

Result<std::optional<MachineToken>> machine_token(const Environment& environment) {
  auto secret = environment.variable("PAWPRINT_TOKEN");
  if (!secret) return std::nullopt;
  const bool plain = std::ranges::all_of(*secret, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) {
    return fail(ErrorKind::usage,
                "PAWPRINT_TOKEN is no token: it holds a blank, a line break or a letter that is not ASCII",
                "export PAWPRINT_TOKEN=TOKEN");
  }
  const auto server = environment.variable("PAWPRINT_SERVER");
  if (!server) {
    return fail(ErrorKind::usage,
                "PAWPRINT_TOKEN is set, and PAWPRINT_SERVER does not say which hub it is for",
                "export PAWPRINT_SERVER=URL");
  }
  PAW_TRY(origin, hub_origin(*server));
  return MachineToken{std::move(origin), *std::move(secret)};
}

std::string delivery_by_token(std::string_view origin) {
  return fmt::format("PAWPRINT_SERVER={} PAWPRINT_TOKEN=TOKEN pawprint sync now", shell_word(origin));
}

Error machine_token_refused(std::string_view origin) {
  Error error;
  error.kind = ErrorKind::not_signed_in;
  error.message = fmt::format(
      "{} does not take the token in PAWPRINT_TOKEN: it is of another hub, or it was revoked", origin);
  error.hint = "pawprint-hub token issue --team TEAM --name NAME";
  return error;
}

}  // namespace pawprint::credentials
