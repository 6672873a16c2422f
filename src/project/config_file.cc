#include "project/config_file.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>
#include <vector>

#include "base/edit_hint.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "project/canonical_path.h"
#include "protocol/ids.h"
#include "textedit/yaml.h"

namespace pawprint::project {
namespace {

using textedit::YamlNode;

std::unexpected<Error> invalid_in(const Path& file, int line, int column, std::string_view why) {
  Error error;
  error.kind = ErrorKind::invalid;
  error.file = file.string();
  error.line = line;
  error.message = fmt::format("cannot use {}: {}", file.string(), why);
  if (line > 0) error.message += fmt::format(" (line {}, column {})", line, column);
  error.hint = repair_of(file, line);
  return std::unexpected(std::move(error));
}

// The scalar of that name; nullopt if it is absent, has no value, or an empty one.
Result<std::optional<std::string>> text_at(const YamlNode& section, std::string_view key, const Path& file) {
  const YamlNode* node = section.find(key);
  if (node == nullptr || (node->kind == YamlNode::Kind::null && !node->marked)) return std::nullopt;
  if (node->kind != YamlNode::Kind::scalar)
    return invalid_in(file, node->line, node->column, fmt::format("project.{} is no text", key));
  if (node->text.empty()) return std::nullopt;
  return node->text;
}

// What a merge key brings in is not followed, and the project's own identity or settings may be in it.
Result<void> refuse_merge_key(const YamlNode& mapping, const Path& file) {
  const YamlNode* node = mapping.find("<<");
  if (node == nullptr) return {};
  return invalid_in(file, node->line, node->column, "the values of another place (<<) are not read here");
}

Result<void> read_project(ConfigFacts& facts, const YamlNode& section, const Path& file) {
  PAW_TRY(plain, refuse_merge_key(section, file));
  PAW_TRY(uuid, text_at(section, "uuid", file));
  PAW_TRY(slug, text_at(section, "slug", file));
  PAW_TRY(node_id, text_at(section, "node_id", file));
  PAW_TRY(repo_slug, text_at(section, "repo_slug", file));
  if (uuid) {
    facts.uuid = protocol::normalised_uuid_v4(*uuid);
    const YamlNode* node = section.find("uuid");
    if (!facts.uuid)
      return invalid_in(file, node->line, node->column, "project.uuid is no UUID of version 4");
  }
  facts.slug = std::move(slug);
  facts.node_id = std::move(node_id);
  facts.repo_slug = std::move(repo_slug);
  return {};
}

// Switched off in any of the spellings that YAML has had for false.
bool is_off(const YamlNode& sync) {
  const YamlNode* node = sync.find("auto_start");
  if (node == nullptr) return false;
  constexpr std::array<std::string_view, 8> kFalse = {"false", "False", "FALSE", "no",
                                                      "No",    "NO",    "off",   "Off"};
  return std::ranges::find(kFalse, node->text) != kFalse.end();
}

Result<ConfigFacts> read_facts(std::string_view text, const Path& file) {
  auto root = textedit::read_yaml(text);
  if (!root) {
    root.error().file = file.string();
    root.error().message = fmt::format("cannot use {}: {}", file.string(), root.error().message);
    root.error().hint = repair_of(file, root.error().line);
    return std::unexpected(std::move(root).error());
  }
  if (root->kind != YamlNode::Kind::mapping && root->kind != YamlNode::Kind::null)
    return invalid_in(file, root->line, root->column, "it is no list of `key: value` lines");
  const YamlNode* section = root->find("project");
  const YamlNode* sync = root->find("sync");
  if (section == nullptr || sync == nullptr) {
    PAW_TRY(plain, refuse_merge_key(*root, file));
  }
  ConfigFacts facts;
  if (sync != nullptr) {
    if (sync->marked && sync->kind != YamlNode::Kind::mapping)
      return invalid_in(file, sync->line, sync->column, "sync is no mapping");
    PAW_TRY(plain, refuse_merge_key(*sync, file));
    facts.auto_start = !is_off(*sync);
  }
  if (section == nullptr || (section->kind == YamlNode::Kind::null && !section->marked)) return facts;
  if (section->kind != YamlNode::Kind::mapping)
    return invalid_in(file, section->line, section->column, "project is no mapping");
  PAW_TRY(read, read_project(facts, *section, file));
  return facts;
}

}  // namespace

std::string repair_of(const Path& file, int line) {
  return line > 0 ? edit_hint(file, line, "pawprint init") : "ls -l " + shell_word(file.string());
}

Result<ConfigFile> read_config(Disk& disk, const Path& root) {
  const Path named = root / ".kittify" / "config.yaml";
  ConfigFile config;
  config.path = canonical_below(root, ".kittify/config.yaml");
  if (!is_within(config.path, root))
    return invalid_in(named, 0, 0,
                      fmt::format("it is a link out of the project, to {}", config.path.string()));
  PAW_TRY(status, disk.status(config.path));
  std::error_code failed;
  if (!status && std::filesystem::is_symlink(named, failed))
    return invalid_in(named, 0, 0, "it is a link to nothing");
  if (!status) return config;
  config.mode = status->mode;
  PAW_TRY(text, read_file(disk, config.path));
  config.text = std::move(text);
  PAW_TRY(facts, read_facts(config.text.value_or(""), named));
  config.facts = std::move(facts);
  return config;
}

Result<std::string> completed(const ConfigFile& config, const ConfigFacts& wanted) {
  const std::array<std::pair<std::string_view, std::pair<bool, std::string>>, 3> rows = {{
      {"uuid", {config.facts.uuid.has_value(), wanted.uuid.value_or("")}},
      {"slug", {config.facts.slug.has_value(), wanted.slug.value_or("")}},
      {"node_id", {config.facts.node_id.has_value(), wanted.node_id.value_or("")}},
  }};
  std::string text = config.text.value_or("");
  std::vector<textedit::YamlField> added;
  for (const auto& [key, row] : rows) {
    const auto& [is_there, value] = row;
    if (is_there) continue;
    // A key that stands there without a value takes it where it stands.
    PAW_TRY(root, textedit::read_yaml(text));
    const YamlNode* section = root.find("project");
    if (section == nullptr || section->find(key) == nullptr) {
      added.push_back({std::string(key), value});
      continue;
    }
    PAW_TRY(filled, textedit::set_yaml_scalar(text, {"project", key}, value));
    text = std::move(filled);
  }
  return textedit::add_yaml_keys(text, {"project"}, added);
}

Result<void> write_config(Disk& disk, const ConfigFile& config, std::string_view text) {
  return replace_file(disk, config.path, text, config.mode);
}

}  // namespace pawprint::project
