#include "hub/edge/json_answer.h"

#include <algorithm>

#include "base/error_line.h"
#include "base/format.h"
#include "hub/store/way_back.h"
#include "protocol/batch.h"
#include "protocol/envelope.h"
#include "protocol/limits.h"

namespace pawprint::hub::edge {
namespace {

std::string with_limits(std::string_view message) {
  return fmt::format(R"({{"error":{},"limits":{}}})", protocol::json_string(message),
                     protocol::write_limits(protocol::default_limits()));
}

}  // namespace

net::ServerAnswer json_answer(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

net::ServerAnswer error_answer(int status, std::string_view message, std::string_view category) {
  std::string body = fmt::format(R"({{"error":{})", protocol::json_string(message));
  if (!category.empty()) body += fmt::format(R"(,"error_category":{})", protocol::json_string(category));
  return json_answer(status, body + "}");
}

net::ServerAnswer oauth_error(std::string_view code, std::string_view description) {
  return json_answer(400, fmt::format(R"({{"error":{},"error_description":{}}})", protocol::json_string(code),
                                      protocol::json_string(description)));
}

net::ServerAnswer too_large_answer(std::string_view message) {
  return json_answer(413, with_limits(message));
}

net::ServerAnswer come_back_later(int status, std::string_view message, std::int64_t seconds) {
  net::ServerAnswer answer = json_answer(status, with_limits(message));
  const auto least = static_cast<std::int64_t>(protocol::retry_after_min_seconds);
  answer.headers.push_back({"Retry-After", fmt::format("{}", std::max(seconds, least))});
  return answer;
}

net::ServerAnswer unauthorised(std::string_view message) {
  net::ServerAnswer answer = error_answer(401, message);
  answer.headers.push_back({"WWW-Authenticate", "Bearer"});
  return answer;
}

net::ServerAnswer not_yours() {
  return error_answer(403, "your team has no such object", "forbidden");
}

net::ServerAnswer store_failed(Exchange& exchange, const Error& error) {
  exchange.failure = error_line(error);
  if (store::names_way_back(error)) {
    return json_answer(503, with_limits("what the hub has of this is damaged, and waiting does not mend it"));
  }
  return come_back_later(503, "the hub cannot reach its store; nothing was stored", 1);
}

net::ServerAnswer denied(Exchange& exchange, const access::Denied& why) {
  switch (why.why) {
    case access::Denial::wrong_password:
    case access::Denial::rejected:
      return unauthorised(why.message);
    case access::Denial::not_a_member:
      return not_yours();
    case access::Denial::known_user:
      return error_answer(409, why.message);
    case access::Denial::unusable:
      return error_answer(400, why.message);
    case access::Denial::throttled:
      return come_back_later(429, why.message, why.retry_after_seconds);
    case access::Denial::unavailable:
      break;
  }
  exchange.failure = why.message;
  return come_back_later(503, "the hub cannot check credentials now", why.retry_after_seconds);
}

}  // namespace pawprint::hub::edge
