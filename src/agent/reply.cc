#include "agent/reply.h"

#include <boost/json/serialize.hpp>

namespace pawprint::agent {
namespace {

boost::json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

boost::json::object error_object(const Error& error) {
  boost::json::object object;
  object["kind"] = boost::json::string(name_of(error.kind));
  object["message"] = error.message;
  object["hint"] = text_or_null(error.hint);
  object["file"] = text_or_null(error.file);
  object["line"] = error.line > 0 ? boost::json::value(error.line) : boost::json::value(nullptr);
  object["path"] = text_or_null(error.path);
  return object;
}

}  // namespace

std::string reply_text(const Reply& reply) {
  boost::json::object object;
  object["ok"] = !reply.error.has_value();
  if (reply.error) object["error"] = error_object(*reply.error);
  if (!reply.error || !reply.data.empty()) object["data"] = reply.data;
  return boost::json::serialize(object) + "\n";
}

int exit_code_of(const Reply& reply) {
  return reply.error ? pawprint::exit_code_of(reply.error->kind) : 0;
}

}  // namespace pawprint::agent
