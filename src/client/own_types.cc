#include "client/own_types.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <system_error>

#include "base/edit_hint.h"
#include "base/format.h"
#include "base/shell_word.h"
#include "project/canonical_path.h"
#include "protocol/catalogue.h"
#include "protocol/json.h"

namespace pawprint::client {
namespace {

constexpr std::string_view kFolder = ".kittify/events";
constexpr std::string_view kSuffix = ".schema.json";

// Whether the name of a type can be a part of a file's name, on any system.
bool names_a_file(std::string_view event_type) {
  constexpr std::size_t kMaxNameBytes = 128;
  const auto plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  };
  return event_type.size() <= kMaxNameBytes && std::ranges::all_of(event_type, plain);
}

std::unexpected<Error> unusable(const Path& file, std::string_view why) {
  auto error = fail(ErrorKind::invalid, fmt::format("cannot use {}: {}", file.string(), why),
                    "ls -l " + shell_word(file.string()));
  error.error().file = file.string();
  return error;
}

// nullopt: there is no such file.
Result<std::optional<std::string>> read_schema(Disk& disk, const Path& root, const Path& name) {
  const Path named = root / name;
  const Path file = project::canonical_below(root, name);
  if (!project::is_within(file, root)) {
    return unusable(named, fmt::format("it is a link out of the project, to {}", file.string()));
  }
  PAW_TRY(status, disk.status(file));
  std::error_code failed;
  if (!status && std::filesystem::is_symlink(named, failed))
    return unusable(named, "it is a link to nothing");
  if (!status) return std::nullopt;
  if (!std::filesystem::is_regular_file(file, failed)) return unusable(named, "it is no regular file");
  if (status->size_bytes > schema::kMaxSchemaBytes) {
    return unusable(named, fmt::format("it has {} bytes, and a schema has {} at most", status->size_bytes,
                                       schema::kMaxSchemaBytes));
  }
  return read_file(disk, file);
}

}  // namespace

std::vector<Error> OwnTypes::unusable_files(const Path& root, Warnings& warnings) {
  std::vector<Error> unusable;
  const auto names = environment_.disk->list(root / kFolder);
  if (!names) return {names.error()};
  for (const std::string& name : *names) {
    if (!name.ends_with(kSuffix)) continue;
    const std::string event_type = name.substr(0, name.size() - kSuffix.size());
    if (!names_a_file(event_type)) continue;
    const auto found = find(event_type, root, warnings);
    if (!found) unusable.push_back(found.error());
  }
  return unusable;
}

Result<const OwnTypes::Found*> OwnTypes::find(const std::string& event_type, const Path& root,
                                              Warnings& warnings) {
  if (const auto known = types_.find(event_type); known != types_.end()) return &known->second;
  const Path name = Path(kFolder) / (event_type + std::string(kSuffix));
  const Path file = root / name;
  Found found;
  if (protocol::find_type(protocol::Generation::g2, event_type) != nullptr) {
    PAW_TRY(status, environment_.disk->status(file));
    if (status) {
      warnings.add(
          "own-type-of-catalogue",
          fmt::format("{} is ignored: {} is one of Pawprint's own event types, which a project cannot "
                      "change",
                      file.string(), event_type));
    }
  } else {
    PAW_TRY(text, read_schema(*environment_.disk, root, name));
    if (text) {
      auto loaded = schema::load(*text, file.string());
      if (!loaded) {
        Error error = std::move(loaded).error();
        error.hint = edit_hint(file, error.line, "pawprint doctor");
        return std::unexpected(std::move(error));
      }
      found = *std::move(loaded);
    }
  }
  return &types_.emplace(event_type, std::move(found)).first->second;
}

Result<void> OwnTypes::check(const Event& event, const Path& root, Warnings& warnings) {
  if (!names_a_file(event.event_type)) return {};
  PAW_TRY(found, find(event.event_type, root, warnings));
  if (!*found) return {};
  PAW_TRY(payload, protocol::parse_json(event.payload));
  auto checked = (*found)->check(payload, "payload");
  if (checked) return {};
  Error error = std::move(checked).error();
  error.message = "the event is not valid: " + error.message;
  return std::unexpected(std::move(error));
}

}  // namespace pawprint::client
