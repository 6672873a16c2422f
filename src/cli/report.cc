#include "cli/report.h"

#include <boost/json/serialize.hpp>

#include "base/format.h"
#include "base/printable.h"

namespace pawprint::cli {
namespace {

boost::json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

std::string error_text(const Error& error) {
  std::string text = "pawprint: " + error.message;
  if (!error.file.empty() && error.message.find(error.file) == std::string::npos) {
    text +=
        error.line > 0 ? fmt::format(" ({}:{})", error.file, error.line) : fmt::format(" ({})", error.file);
  }
  text = printable(text) + "\n";
  if (!error.hint.empty()) text += "  try: " + printable(error.hint) + "\n";
  return text;
}

std::string warning_text(const Warning& warning) {
  std::string text = "pawprint: warning: " + printable(warning.message);
  if (!warning.hint.empty()) text += " (try: " + printable(warning.hint) + ")";
  return text + "\n";
}

}  // namespace

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
  for (const Warning& warning : warnings.all()) rendered.err += warning_text(warning);
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
  if (outcome && outcome->exit_code) rendered.exit_code = *outcome->exit_code;
  if (!json) {
    if (outcome) rendered.out = printable(outcome->text, true);
    return rendered;
  }
  boost::json::object object;
  object["ok"] = error == nullptr;
  if (error != nullptr) object["error"] = error_json(*error);
  if (outcome && (error == nullptr || !outcome->data.empty())) object["data"] = outcome->data;
  rendered.out = boost::json::serialize(object) + "\n";
  return rendered;
}

}  // namespace pawprint::cli
