#include "signin/hub_answer.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "base/printable.h"
#include "protocol/json.h"

namespace pawprint::signin {
namespace {

constexpr std::size_t kMaxShownBytes = 200;

}  // namespace

net::HttpRequest post_json(std::string_view origin, std::string_view target,
                           const boost::json::object& body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = fmt::format("{}{}", origin, target);
  request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  request.body = boost::json::serialize(body);
  return request;
}

std::optional<boost::json::object> object_in(const std::string& body) {
  Result<boost::json::value> value = protocol::parse_json(body);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

std::string text_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t seconds_of(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

// What the hub says about a refusal, fit for one line.
std::string words_of(const net::HttpAnswer& answer) {
  const auto object = object_in(answer.body);
  std::string words = object ? text_of(*object, "error") : std::string();
  if (words.empty()) return fmt::format("HTTP {}", answer.status);
  return fmt::format("HTTP {}: {}", answer.status, printable(words.substr(0, kMaxShownBytes)));
}

bool decides_nothing(const net::HttpAnswer& answer) {
  return answer.status >= 500 || answer.status == 408 || answer.status == 429;
}

std::unexpected<Error> no_decision(std::string_view what, std::string_view origin,
                                   const net::HttpAnswer& answer) {
  return fail(ErrorKind::unreachable, fmt::format("{} at {}: {}", what, origin, words_of(answer)));
}

Result<net::HttpAnswer> sent(net::HttpClient& http, const net::HttpRequest& request, std::string_view what,
                             std::string_view origin) {
  Result<net::HttpAnswer> answer = http.send(request);
  if (!answer) answer.error().message = fmt::format("{} at {}: {}", what, origin, answer.error().message);
  return answer;
}

}  // namespace pawprint::signin
