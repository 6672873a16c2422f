#include "settings/settings.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/edit_hint.h"
#include "base/format.h"
#include "base/url.h"
#include "textedit/toml.h"
#include "textedit/toml_parse.h"

namespace pawprint::settings {
namespace {

constexpr std::string_view kCheckAgain = "pawprint doctor";

std::unexpected<Error> invalid_in(const Path& file, const Place& at, std::string_view why) {
  Error error;
  error.kind = ErrorKind::invalid;
  error.file = file.string();
  error.line = at.line;
  error.message =
      fmt::format("cannot use {}: {} (line {}, column {})", file.string(), why, error.line, at.column);
  error.hint = edit_hint(file, error.line, kCheckAgain);
  return std::unexpected(std::move(error));
}

Place place_of(const toml::node& node) {
  const toml::source_position at = node.source().begin;
  return {static_cast<int>(at.line), static_cast<int>(at.column)};
}

// Reads the keys of [sync] one after the other; the first that is wrong is the error.
class SyncReader {
 public:
  SyncReader(const toml::table& table, Path file) : table_(table), file_(std::move(file)) {}

  Result<std::optional<std::string>> text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    if (const auto value = node->value_exact<std::string>()) return *value;
    return wrong(key, *node, "a string");
  }

  std::map<std::string, Place, std::less<>> places() const {
    std::map<std::string, Place, std::less<>> places;
    for (const auto& [key, node] : table_) places.emplace(key.str(), place_of(node));
    return places;
  }

  Result<void> whole(std::string_view key, std::uint64_t least, std::uint64_t& out) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < static_cast<std::int64_t>(least))
      return wrong(key, *node, fmt::format("a whole number of at least {}", least));
    out = static_cast<std::uint64_t>(*value);
    return {};
  }

  // One of the words; the index of it.
  Result<std::optional<std::size_t>> word(std::string_view key,
                                          std::span<const std::string_view> words) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const auto found = std::ranges::find(words, node->value_exact<std::string>().value_or(""));
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    std::string allowed;
    for (const std::string_view each : words)
      allowed += fmt::format("{}\"{}\"", allowed.empty() ? "" : " or ", each);
    return wrong(key, *node, allowed);
  }

  Result<std::vector<std::string>> texts(std::string_view key) const {
    std::vector<std::string> values;
    const toml::node* node = table_.get(key);
    if (node == nullptr) return values;
    if (!node->is_array()) return wrong(key, *node, "a list of strings");
    for (const toml::node& item : *node->as_array()) {
      const auto value = item.value_exact<std::string>();
      if (!value) return wrong(key, item, "a list of strings");
      values.push_back(*value);
    }
    return values;
  }

 private:
  std::unexpected<Error> wrong(std::string_view key, const toml::node& node, std::string_view wanted) const {
    return invalid_in(file_, place_of(node), fmt::format("sync.{} has to be {}", key, wanted));
  }

  const toml::table& table_;
  Path file_;
};

Result<Settings> read_sync(const SyncReader& sync) {
  constexpr std::array<std::string_view, 2> kDurabilities = {"power", "process"};
  constexpr std::array<std::string_view, 3> kLinks = {"ask", "never", "auto"};
  Settings settings;
  PAW_TRY(server_url, sync.text("server_url"));
  PAW_TRY(limit_read, sync.whole("queue_limit", 1, settings.queue_limit));
  PAW_TRY(idle_read, sync.whole("agent_idle_seconds", 1, settings.agent_idle_seconds));
  PAW_TRY(durability, sync.word("durability", kDurabilities));
  PAW_TRY(link, sync.word("link", kLinks));
  PAW_TRY(origins, sync.texts("auto_link_origins"));
  if (server_url && !server_url->empty()) settings.server_url = std::move(server_url);
  if (durability) settings.durability = *durability == 0 ? Durability::power : Durability::process;
  if (link) settings.link = kLinks[*link];
  settings.auto_link_origins = std::move(origins);
  settings.places = sync.places();
  return settings;
}

Result<toml::table> parse(std::string_view text, const Path& file) {
  auto parsed = textedit::parse_toml(text);
  if (parsed) return *std::move(parsed);
  const textedit::TomlProblem& problem = parsed.error();
  return invalid_in(file, {problem.line, problem.column}, problem.why);
}

Result<std::string> origin_at(const Settings& settings, const Path& home, std::string_view key,
                              std::string_view address) {
  auto origin = hub_origin(address);
  if (origin) return origin;
  const auto place = settings.places.find(key);
  return invalid_in(settings_file(home), place == settings.places.end() ? Place{} : place->second,
                    fmt::format("sync.{}: {}", key, origin.error().message));
}

}  // namespace

Path settings_file(const Path& home) {
  return home / "pawprint.toml";
}

Result<Settings> load_settings(Disk& disk, const Path& home) {
  const Path file = settings_file(home);
  PAW_TRY(text, read_file(disk, file));
  if (!text) return Settings{};
  PAW_TRY(root, parse(*text, file));
  const toml::node* sync = root.get("sync");
  if (sync == nullptr) return Settings{};
  if (!sync->is_table()) return invalid_in(file, place_of(*sync), "sync has to be a table");
  return read_sync(SyncReader(*sync->as_table(), file));
}

Settings load_settings_or_defaults(Disk& disk, const Path& home, Warnings& warnings) {
  auto settings = load_settings(disk, home);
  if (settings) return *std::move(settings);
  warnings.add("settings", settings.error().message + "; the defaults are used", settings.error().hint);
  return Settings{};
}

Result<std::optional<std::string>> server_origin(const Settings& settings, const Path& home) {
  if (!settings.server_url) return std::nullopt;
  PAW_TRY(origin, origin_at(settings, home, "server_url", *settings.server_url));
  return origin;
}

Result<bool> links_by_itself(const Settings& settings, const Path& home, std::string_view origin) {
  if (settings.link != "auto") return false;
  bool listed = false;
  for (const std::string& address : settings.auto_link_origins) {
    PAW_TRY(hub, origin_at(settings, home, "auto_link_origins", address));
    listed = listed || hub == origin;
  }
  return listed;
}

Result<void> save_server_url(Disk& disk, const Path& home, std::string_view url) {
  const Path file = settings_file(home);
  PAW_TRY(status, disk.status(file));
  PAW_TRY(text, read_file(disk, file));
  auto edited = textedit::set_toml_string(text.value_or(""), "sync", "server_url", url);
  if (!edited) {
    Error error = std::move(edited).error();
    error.file = file.string();
    error.message = fmt::format("cannot change {}: {}", file.string(), error.message);
    if (error.line > 0) error.hint = edit_hint(file, error.line, kCheckAgain);
    return std::unexpected(std::move(error));
  }
  return replace_file(disk, file, *edited, status ? status->mode : 0600);
}

}  // namespace pawprint::settings
