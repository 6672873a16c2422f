#include "hub/main/configuration.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/printable.h"
#include "base/shell_word.h"
#include "hub/main/columns.h"
#include "textedit/toml_parse.h"

namespace pawprint::hub {
namespace {

constexpr std::string_view kVariablePrefix = "PAWPRINT_HUB_";
constexpr std::string_view kConfigFlag = "--config";
constexpr std::string_view kTyped = "the command line";

enum class Kind { text, number, yes_or_no };

struct Known {
  std::string_view flag;
  Kind kind;
};

// Every setting; in a file, "--tls-cert" is the key tls_cert.
constexpr Known kKnown[] = {
    {"--data", Kind::text},
    {"--listen", Kind::text},
    {"--public-url", Kind::text},
    {"--trusted-proxies", Kind::text},
    {"--proxy-header", Kind::text},
    {"--metrics-token-file", Kind::text},
    {"--tls-cert", Kind::text},
    {"--tls-key", Kind::text},
    {"--insecure", Kind::yes_or_no},
    {"--disk-floor-bytes", Kind::number},
    {"--max-connections", Kind::number},
    {"--team-live-sockets", Kind::number},
    {"--log-requests", Kind::yes_or_no},
    {"--team-events-per-second", Kind::number},
    {"--team-burst-events", Kind::number},
    {"--team-bytes-per-second", Kind::number},
    {"--team-burst-bytes", Kind::number},
};

std::string key_of(std::string_view flag) {
  std::string key(flag.substr(2));
  std::ranges::replace(key, '-', '_');
  return key;
}

std::string variable_of(std::string_view flag) {
  std::string name = key_of(flag);
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return std::string(kVariablePrefix) + name;
}

const Known* known(std::string_view flag) {
  const auto* found = std::ranges::find(kKnown, flag, &Known::flag);
  return found == std::end(kKnown) ? nullptr : found;
}

// The words that name a command, as "serve" or "user add".
std::string verb_of(std::span<const std::string> words) {
  std::string verb;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with('-')) {
      verb += (verb.empty() ? "" : " ") + words[i];
      continue;
    }
    const Known* flag = known(words[i]);
    if (words[i] == kConfigFlag || (flag != nullptr && flag->kind != Kind::yes_or_no)) ++i;  // its value
  }
  return verb;
}

std::optional<std::string> typed(std::span<const std::string> words, std::string_view flag) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == flag) return i + 1 < words.size() ? words[i + 1] : std::string();
    if (word.starts_with(flag) && word.substr(flag.size()).starts_with('=')) {
      return std::string(word.substr(flag.size() + 1));
    }
  }
  return std::nullopt;
}

std::unexpected<Error> wrong_in_file(const Path& file, int line, std::string_view why) {
  auto error = fail(ErrorKind::invalid, fmt::format("cannot use {}:{}: {}", file.string(), line, why),
                    fmt::format("edit {}, as `pawprint-hub serve --help` has it", shell_word(file.string())));
  error.error().file = file.string();
  error.error().line = line;
  return error;
}

std::optional<std::string> text_of(const toml::node& node, Kind kind) {
  if (const auto text = node.value_exact<std::string>(); text && kind == Kind::text) return *text;
  if (const auto yes = node.value_exact<bool>(); yes && kind == Kind::yes_or_no)
    return *yes ? "true" : "false";
  if (kind != Kind::number) return std::nullopt;
  if (const auto whole = node.value_exact<std::int64_t>()) return fmt::format("{}", *whole);
  if (const auto real = node.value_exact<double>()) return fmt::format("{}", *real);
  return std::nullopt;
}

constexpr std::string_view name_of(Kind kind) {
  return kind == Kind::text ? "text in quotes" : kind == Kind::number ? "a number" : "true or false";
}

Result<std::vector<Setting>> read_settings(const Environment& environment, const Path& file) {
  PAW_TRY(text, read_file(*environment.disk, file));
  if (!text)
    return fail(ErrorKind::failed, fmt::format("cannot read {}: there is no such file", file.string()));
  const auto parsed = textedit::parse_toml(*text);
  if (!parsed) return wrong_in_file(file, parsed.error().line, parsed.error().why);
  std::vector<Setting> settings;
  for (const auto& [key, node] : *parsed) {
    const auto* row = std::ranges::find(kKnown, key.str(), [](const Known& one) { return key_of(one.flag); });
    const int line = static_cast<int>(key.source().begin.line);
    if (row == std::end(kKnown)) {
      return wrong_in_file(file, line, fmt::format("there is no setting {}", printable(key.str())));
    }
    auto value = text_of(node, row->kind);
    if (!value) return wrong_in_file(file, line, fmt::format("{} must be {}", key.str(), name_of(row->kind)));
    settings.push_back(
        {std::string(row->flag), std::move(*value), fmt::format("{}:{}", file.string(), line)});
  }
  return settings;
}

Result<std::vector<Setting>> read_variables(const Environment& environment) {
  std::vector<Setting> settings;
  for (const auto& [name, value] : environment.variables) {
    if (!name.starts_with(kVariablePrefix) || name == "PAWPRINT_HUB_CONFIG" || value.empty()) continue;
    const auto* row = std::ranges::find(kKnown, name, [](const Known& one) { return variable_of(one.flag); });
    if (row == std::end(kKnown)) {
      return fail(ErrorKind::usage, fmt::format("the variable {} is none of the hub's", printable(name)),
                  "pawprint-hub serve --help");
    }
    if (row->kind == Kind::yes_or_no && value != "true" && value != "false") {
      return fail(ErrorKind::usage, fmt::format("the variable {} must be true or false", name));
    }
    settings.push_back({std::string(row->flag), value, name});
  }
  return settings;
}

struct WithoutConfig {
  std::vector<std::string> words;
  std::size_t files = 0;  // that were named
};

WithoutConfig without_config(std::span<const std::string> words) {
  WithoutConfig rest;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_alone = words[i] == kConfigFlag;
    if (is_alone) ++i;  // its value
    if (is_alone || words[i].starts_with("--config=")) {
      ++rest.files;
    } else {
      rest.words.push_back(words[i]);
    }
  }
  return rest;
}

}  // namespace

Result<Configured> configure(const Environment& environment, std::span<const std::string> words) {
  const std::string verb = verb_of(words);
  const bool serves = verb == "serve" || verb == "config check";
  auto rest = without_config(words);
  if (rest.files > 1) {
    return fail(ErrorKind::usage, "--config can be given once: the hub reads one file",
                "pawprint-hub serve --help");
  }
  std::vector<Setting> untyped;
  PAW_TRY(variables, read_variables(environment));
  untyped = std::move(variables);
  auto file = typed(words, kConfigFlag);
  if (!file) file = environment.variable("PAWPRINT_HUB_CONFIG");
  if (file) {
    PAW_TRY(settings, read_settings(environment, environment.directory / *file));
    untyped.insert(untyped.end(), settings.begin(), settings.end());
  }
  Configured configured{std::move(rest.words), {}};
  for (const Known& row : kKnown) {
    if (typed(configured.words, row.flag)) {
      configured.settings.push_back({std::string(row.flag), {}, std::string(kTyped)});
      continue;
    }
    const auto found = std::ranges::find(untyped, row.flag, &Setting::flag);
    if (found == untyped.end() || (!serves && row.flag != "--data")) continue;
    configured.settings.push_back(*found);
    if (row.kind == Kind::yes_or_no) {
      if (found->value == "true") configured.words.emplace_back(row.flag);
    } else {
      configured.words.push_back(fmt::format("{}={}", row.flag, found->value));
    }
  }
  return configured;
}

Error told_where_from(Error error, const Configured& configured) {
  for (const Setting& setting : configured.settings) {
    if (setting.from == kTyped || !error.message.contains(setting.flag)) continue;
    error.message += fmt::format(" ({} is from {})", setting.flag, setting.from);
  }
  return error;
}

std::string in_effect(const Configured& configured,
                      const std::map<std::string, std::string, std::less<>>& values) {
  Rows rows;
  for (const Known& row : kKnown) {
    const auto set = std::ranges::find(configured.settings, row.flag, &Setting::flag);
    const auto value = values.find(row.flag);
    rows.push_back({key_of(row.flag), value == values.end() ? "" : printable(value->second),
                    "from " + (set == configured.settings.end() ? "the default" : printable(set->from))});
  }
  return in_columns(rows);
}

}  // namespace pawprint::hub
