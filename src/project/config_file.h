// .kittify/config.yaml: reading the section `project:` and adding what it lacks (docs/state.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/disk.h"
#include "base/result.h"

namespace pawprint::project {

// What the file says; nullopt: absent, or without a value.
struct ConfigFacts {
  std::optional<std::string> uuid;  // normalised
  std::optional<std::string> slug;
  std::optional<std::string> node_id;
  std::optional<std::string> repo_slug;
  bool auto_start = true;

  bool complete() const { return uuid && slug && node_id; }
};

struct ConfigFile {
  Path path;                        // of the file itself, where a link was followed
  std::optional<std::string> text;  // nullopt: there is no file
  unsigned mode = 0644;
  ConfigFacts facts;
};

// `root` is canonical. Kind `invalid` with file and line for what is not YAML, has duplicate keys, a
// `project:` that is no mapping or values of the wrong kind, and for a link that leads out of `root` or to
// nothing.
Result<ConfigFile> read_config(Disk& disk, const Path& root);

// What to do about a file that cannot be used.
std::string repair_of(const Path& file, int line);

// The text with what `config` lacks taken from `wanted`. Kind `invalid` if the text cannot be edited.
Result<std::string> completed(const ConfigFile& config, const ConfigFacts& wanted);

// Puts `text` in the place of the file, mode and link kept. Kind `io`.
Result<void> write_config(Disk& disk, const ConfigFile& config, std::string_view text);

}  // namespace pawprint::project
