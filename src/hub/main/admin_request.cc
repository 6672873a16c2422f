#include "hub/main/admin_request.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "base/shell_word.h"
#include "protocol/envelope.h"
#include "protocol/json.h"

namespace pawprint::hub {
namespace {

using boost::json::object;
using protocol::json_string;

std::string text_at(const object& json, std::string_view key) {
  const auto* found = json.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

const object* object_at(const object& json, std::string_view key) {
  const auto* found = json.if_contains(key);
  return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

ErrorKind kind_named(std::string_view name) {
#define PAW_ERROR_KIND(kind, exit_code, retry, meaning) \
  if (name == #kind) return ErrorKind::kind;
#include "pawprint/error_kinds.def"
#undef PAW_ERROR_KIND
  return ErrorKind::failed;
}

}  // namespace

std::string typed(std::string_view command, const AdminRequest& request) {
  return fmt::format("pawprint-hub {} --data {}", command, shell_word(request.option("data")));
}

std::string write_request(const AdminRequest& request) {
  std::string options;
  for (const auto& [name, value] : request.options) {
    options += fmt::format("{}{}:{}", options.empty() ? "" : ",", json_string(name), json_string(value));
  }
  return fmt::format("{{\"verb\":{},\"options\":{{{}}}}}\n", json_string(request.verb), options);
}

std::string write_answer(const Result<std::string>& answer) {
  if (answer) return fmt::format("{{\"ok\":true,\"text\":{}}}\n", json_string(*answer));
  const Error& error = answer.error();
  return fmt::format("{{\"ok\":false,\"error\":{{\"kind\":{},\"message\":{},\"hint\":{}}}}}\n",
                     json_string(name_of(error.kind)), json_string(error.message), json_string(error.hint));
}

Result<AdminRequest> read_request(std::string_view line) {
  PAW_TRY(value, protocol::parse_json(line));
  const object* json = value.if_object();
  const object* options = json == nullptr ? nullptr : object_at(*json, "options");
  if (options == nullptr) return fail(ErrorKind::invalid, "this is no request of an administrator");
  AdminRequest request{text_at(*json, "verb"), {}};
  for (const auto& [name, option] : *options) {
    if (!option.is_string()) return fail(ErrorKind::invalid, "an option of the request is no text");
    request.options.emplace(name, option.get_string());
  }
  return request;
}

Result<std::string> read_answer(std::string_view line) {
  PAW_TRY(value, protocol::parse_json(line));
  if (const object* json = value.if_object()) {
    if (const object* error = object_at(*json, "error")) {
      return fail(kind_named(text_at(*error, "kind")), text_at(*error, "message"), text_at(*error, "hint"));
    }
    if (const auto* text = json->if_contains("text"); text != nullptr && text->is_string()) {
      return std::string(text->get_string());
    }
  }
  return fail(ErrorKind::failed, "the running hub gave no answer that can be understood");
}

}  // namespace pawprint::hub
