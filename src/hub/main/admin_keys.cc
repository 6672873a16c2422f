#include "hub/main/admin_keys.h"

#include "base/format.h"
#include "base/printable.h"
#include "hub/identity/access_token.h"
#include "hub/main/columns.h"

namespace pawprint::hub {

Result<std::string> list_keys(const Administered& hub, const AdminRequest&) {
  PAW_TRY(keys, identity::find_keys(hub.environment, hub.data_directory));
  if (!keys) return "";
  Rows rows{{keys->kid, "signs"}};
  for (const identity::FormerKey& key : keys->former) {
    const std::int64_t until_ms = key.replaced_at_ms + identity::kAccessLifetimeSeconds * 1000;
    rows.push_back({key.kid, "counts until " + rfc3339_utc(until_ms)});
  }
  return in_columns(rows);
}

Result<std::string> rotate_keys(const Administered& hub, const AdminRequest&) {
  PAW_TRY(keys, identity::rotate_signing_key(hub.environment, hub.data_directory));
  if (hub.keys_changed) hub.keys_changed(keys);
  return fmt::format("key {} signs from now on; what the one before it signed holds until it expires\n",
                     keys.kid);
}

Result<std::string> retire_key(const Administered& hub, const AdminRequest& request) {
  PAW_TRY(keys, identity::retire_key(hub.environment, hub.data_directory, request.option("kid")));
  if (hub.keys_changed) hub.keys_changed(keys);
  return fmt::format(
      "retired key {}; nothing that it signed holds any more\n"
      "if others had it, sessions that they began with tokens of their own go on; to end those of a user:\n"
      "  {}\n",
      printable(request.option("kid")), typed("user password EMAIL --password-stdin", request));
}

}  // namespace pawprint::hub
