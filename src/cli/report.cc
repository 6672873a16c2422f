#include "cli/report.h"

#include <boost/json/serialize.hpp>

#include "base/format.h"
#include "base/printable.h"
#include "base/sabotage.h"

namespace pawprint::cli {
namespace {

boost::json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

std::string error_text(const Error& error) {
  std::string text = "pawprint: " + printable(with_place(error)) + "\n";
  if (!error.hint.empty()) text += "  try: " + printable(error.hint) + "\n";
  return text;
}

std::string warning_text(const Warning& warning) {
  std::string text = "pawprint: warning: " + printable(warning.message);
  if (!warning.hint.empty()) text += " (try: " + printable(warning.hint) + ")";
  return text + "\n";
}

// JSON is UTF-8 (RFC 8259, 8.1); the names of files and the words of a command line are any bytes.
void make_valid(boost::json::value& value) {
  if (auto* text = value.if_string()) {
    *text = valid_utf8(*text);
  } else if (auto* list = value.if_array()) {
    for (boost::json::value& each : *list) make_valid(each);
  } else if (auto* object = value.if_object()) {
    for (auto& entry : *object) make_valid(entry.value());
  }
}

}  // namespace

std::string with_place(const Error& error) {
  if (error.file.empty()) return error.message;
  const bool named = error.message.find(error.file) != std::string::npos;
  if (error.line <= 0) return named ? error.message : fmt::format("{} ({})", error.message, error.file);
  if (!named) return fmt::format("{} ({}:{})", error.message, error.file, error.line);
  const bool placed = error.message.find(fmt::format("(line {}", error.line)) != std::string::npos;
  return placed ? error.message : fmt::format("{} (line {})", error.message, error.line);
}

boost::json::object error_json(const Error& error) {
  boost::json::object object;
  object["kind"] = boost::json::string(name_of(error.kind));
  object["message"] = error.message;
  object["hint"] = text_or_null(error.hint);
  object["file"] = text_or_null(error.file);
  object["line"] = error.line > 0 ? boost::json::value(error.line) : boost::json::value(nullptr);
  object["path"] = text_or_null(error.path);
  return object;
}

Rendered render(const Result<Report>& outcome, const Warnings& warnings, bool json) {
  Rendered rendered;
  std::string& warned = sabotaged("warnings-on-stdout") ? rendered.out : rendered.err;
  for (const Warning& warning : warnings.all()) warned += warning_text(warning);
  const Error* error = nullptr;
  if (!outcome) {
    error = &outcome.error();
  } else if (outcome->error) {
    error = &*outcome->error;
  }
  if (error != nullptr) {
    rendered.exit_code = exit_code_of(error->kind);
    rendered.err += error_text(*error);
  }
  const boost::json::value* event_id = outcome ? outcome->data.if_contains("event_id") : nullptr;
  if (event_id != nullptr && event_id->is_string()) {
    rendered.unheard = fmt::format("the event is stored as {}", std::string_view(event_id->get_string()));
  }
  if (outcome && outcome->exit_code) rendered.exit_code = *outcome->exit_code;
  if (!json) {
    if (outcome) rendered.out += outcome->bytes.empty() ? printable(outcome->text, true) : outcome->bytes;
    return rendered;
  }
  boost::json::object object;
  object["ok"] = error == nullptr;
  if (error != nullptr) object["error"] = error_json(*error);
  if (outcome && (error == nullptr || !outcome->data.empty())) object["data"] = outcome->data;
  boost::json::value whole = std::move(object);
  make_valid(whole);
  rendered.out += boost::json::serialize(whole) + "\n";
  return rendered;
}

}  // namespace pawprint::cli
