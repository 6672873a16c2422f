#include "project/identity.h"

#include <chrono>

#include "base/file_lock.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "project/config_file.h"
#include "project/derived_uuid.h"
#include "project/remote_url.h"
#include "protocol/ids.h"

namespace pawprint::project {
namespace {

// Minting is done once in a project's life; who waits, waits for one synchronous write of another process.
constexpr std::chrono::milliseconds kMintingWait{2000};

std::string derived_slug(const Places& places, const GitState& git) {
  std::string slug = git.origin_url ? slug_of(repo_name_of(*git.origin_url)) : std::string();
  if (slug.empty()) slug = slug_of(places.root.filename().string());
  return slug.empty() ? "project" : slug;
}

// A link is bound to this. A project in a subdirectory is named with it: two of them in one repository (a
// copy beside its original, say) are two instances.
std::string instance_of(const Places& places) {
  if (!places.git_common_dir) return places.root.string();
  std::string instance = places.git_common_dir->string();
  if (!places.git_root) return instance;
  const Path inside = places.root.lexically_relative(*places.git_root);
  if (inside != ".") instance += "#" + inside.string();
  return instance;
}

Identity identity_of(const Environment& environment, const Places& places, const Home& home,
                     const GitState& git, const ConfigFacts& facts) {
  Identity identity;
  identity.uuid = facts.uuid;
  identity.slug = facts.slug ? *facts.slug : derived_slug(places, git);
  identity.repo_slug = facts.repo_slug ? facts.repo_slug : git.repo_slug;
  identity.node_id = facts.node_id ? *facts.node_id : machine_node_id(environment, home);
  identity.auto_start = facts.auto_start;
  identity.linkable = identity.uuid.has_value();
  identity.repo_instance = instance_of(places);
  return identity;
}

Identity without_config(const Environment& environment, const Places& places, const Home& home,
                        const GitState& git, Error why, Warnings& warnings) {
  warnings.add(
      "config-unreadable",
      fmt::format("{}; until it is repaired, events of this project stay on this machine", why.message),
      why.hint);
  Identity identity = identity_of(environment, places, home, git, ConfigFacts{});
  identity.unreadable = std::move(why);
  return identity;
}

// Adds what is missing, under the lock: what is there then counts. The file as it is afterwards.
Result<ConfigFile> complete_config(const Environment& environment, const Places& places, const Home& home,
                                   const GitState& git) {
  PAW_TRY(lock, FileLock::acquire(places.root / ".kittify", kMintingWait));
  PAW_TRY(config, read_config(*environment.disk, places.root));
  if (config.facts.complete()) return config;
  ConfigFacts wanted;
  wanted.uuid = protocol::new_uuid_v4(*environment.random);
  wanted.slug = derived_slug(places, git);
  wanted.node_id = machine_node_id(environment, home);
  auto text = completed(config, wanted);
  if (!text) {
    Error error = std::move(text).error();
    error.file = config.path.string();
    error.message =
        fmt::format("cannot complete {}: {} (line {})", config.path.string(), error.message, error.line);
    error.hint = repair_of(config.path, error.line);
    return std::unexpected(std::move(error));
  }
  PAW_TRY(written, write_config(*environment.disk, config, *text));
  return read_config(*environment.disk, places.root);
}

// What is left where the file cannot be written: the file may have come to be complete nevertheless (by
// another process, or because only the last sync failed).
Identity unwritten_identity(const Environment& environment, const Places& places, const Home& home,
                            const GitState& git, const Error& error, Warnings& warnings) {
  const auto config = read_config(*environment.disk, places.root);
  Identity identity = identity_of(environment, places, home, git, config ? config->facts : ConfigFacts{});
  if (identity.uuid) return identity;
  if (error.kind == ErrorKind::invalid)
    return without_config(environment, places, home, git, error, warnings);
  const auto uuid = derived_uuid(environment, home, places.root);
  if (uuid) identity.uuid = *uuid;
  warnings.add("config-unwritable",
               fmt::format("the project has no identity of its own, so its events stay on this machine: {}{}",
                           error.message, uuid ? "" : "; " + uuid.error().message),
               "pawprint init");
  return identity;
}

}  // namespace

Identity read_identity(const Environment& environment, const Places& places, const Home& home,
                       const GitState& git, Warnings& warnings) {
  const auto config = read_config(*environment.disk, places.root);
  if (!config) return without_config(environment, places, home, git, config.error(), warnings);
  return identity_of(environment, places, home, git, config->facts);
}

Identity ensure_identity(const Environment& environment, const Places& places, const Home& home,
                         const GitState& git, Warnings& warnings) {
  const auto config = read_config(*environment.disk, places.root);
  if (!config) return without_config(environment, places, home, git, config.error(), warnings);
  if (config->facts.complete()) return identity_of(environment, places, home, git, config->facts);
  const auto completed_config = complete_config(environment, places, home, git);
  if (!completed_config)
    return unwritten_identity(environment, places, home, git, completed_config.error(), warnings);
  return identity_of(environment, places, home, git, completed_config->facts);
}

Result<bool> initialise(const Environment& environment, const Places& places, const Home& home,
                        const GitState& git, Warnings&) {
  const Path kittify = places.root / ".kittify";
  PAW_TRY(there, environment.disk->status(kittify));
  if (there && !there->is_directory) {
    return fail(ErrorKind::invalid,
                fmt::format("cannot make a project in {}: {} is a file, and has to be a directory",
                            places.root.string(), kittify.string()),
                fmt::format("mv {} {}", shell_word(kittify.string()), shell_word(kittify.string() + ".old")));
  }
  PAW_TRY(directory, environment.disk->make_directories(kittify, 0755));
  PAW_TRY(config, read_config(*environment.disk, places.root));
  if (config.facts.complete()) return false;
  PAW_TRY(made, complete_config(environment, places, home, git));
  return true;
}

}  // namespace pawprint::project
