// The user's settings: pawprint.toml of the home (docs/state.md). Files of a repository have no say in them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk.h"
#include "base/result.h"
#include "pawprint/event.h"
#include "pawprint/warning.h"

namespace pawprint::settings {

struct Place {
  int line = 0;
  int column = 0;
};

struct Settings {
  std::optional<std::string> server_url;  // as it is written; server_origin() says whether it can be used
  std::uint64_t queue_limit = 10'000;     // pending events per link
  std::uint64_t agent_idle_seconds = 600;
  Durability durability = Durability::power;
  std::string link = "ask";                          // "ask", "never" or "auto"
  std::vector<std::string> auto_link_origins;        // where "auto" applies; each as it is written
  std::map<std::string, Place, std::less<>> places;  // of the keys that the file has
};

Path settings_file(const Path& home);

// No file: the defaults. Keys that are not ours are passed over. Kind `invalid` with file and line for what
// is not TOML, a value of the wrong type or outside its range.
Result<Settings> load_settings(Disk& disk, const Path& home);

// The same where they stop nothing: without settings that can be read, the defaults hold, with a warning.
Settings load_settings_or_defaults(Disk& disk, const Path& home, Warnings& warnings);

// The origin of the hub that server_url names; nullopt: it names none. Kind `invalid` with file and line for
// an address that cannot be used.
Result<std::optional<std::string>> server_origin(const Settings& settings, const Path& home);

// Whether signing in there links a project: `link` is "auto", and auto_link_origins has the origin. Kind
// `invalid` with file and line for an address in it that cannot be used.
Result<bool> links_by_itself(const Settings& settings, const Path& home, std::string_view origin);

// Writes [sync] server_url and leaves every other byte. Makes the file (0600) if there is none; the home must
// exist. A broken file is refused, unchanged.
Result<void> save_server_url(Disk& disk, const Path& home, std::string_view url);

}  // namespace pawprint::settings
