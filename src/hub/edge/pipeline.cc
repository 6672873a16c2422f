#include "hub/edge/pipeline.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "base/format.h"
#include "base/sabotage.h"
#include "hub/edge/html.h"
#include "hub/edge/json_answer.h"
#include "hub/edge/router.h"
#include "net/gzip.h"
#include "net/same_word.h"
#include "protocol/limits.h"

namespace pawprint::hub::edge {
namespace {

constexpr std::size_t kMaxTargetBytes = 4096;

using Answered = std::optional<net::ServerAnswer>;
using net::same_word;

// "application/json; charset=utf-8" -> "application/json"
std::string_view media_type(std::string_view value) {
  value = value.substr(0, value.find(';'));
  return value.substr(0, value.find_last_not_of(" \t") + 1);
}

std::string_view name_of(Media media) {
  return media == Media::form ? "application/x-www-form-urlencoded" : "application/json";
}

Answered bound_target(Exchange& exchange) {
  if (exchange.request.target.size() <= kMaxTargetBytes) return std::nullopt;
  return error_answer(414, fmt::format("the path and query have more than {} bytes", kMaxTargetBytes));
}

Answered find_route(Exchange& exchange) {
  Match match = match_route(routes(), exchange.request.method, exchange.path);
  if (match.route != nullptr) {
    exchange.route = match.route;
    exchange.names = std::move(match.names);
    return std::nullopt;
  }
  if (match.allowed.empty() && wants_page(exchange)) {
    return page(404, "There is nothing here",
                "<p>The hub has no page with this address. <a href=\"/\">"
                "What it has</a></p>\n");
  }
  if (match.allowed.empty()) return error_answer(404, "there is nothing at this path");
  net::ServerAnswer answer = error_answer(405, "this path takes other methods: " + match.allowed);
  answer.headers.push_back({"Allow", match.allowed});
  return answer;
}

// Before a ticket is used up for nothing.
Answered check_upgrade(Exchange& exchange) {
  if (exchange.route->scope != Scope::ticket || exchange.request.asks_for_web_socket) return std::nullopt;
  net::ServerAnswer answer = error_answer(
      426, "this path speaks WebSocket (RFC 6455): the request asks for no upgrade to version 13");
  answer.headers.push_back({"Connection", "Upgrade"});
  answer.headers.push_back({"Upgrade", "websocket"});
  answer.headers.push_back({"Sec-WebSocket-Version", "13"});
  return answer;
}

bool is_page(const Exchange& exchange) {
  return exchange.route->scope == Scope::page || exchange.route->scope == Scope::sign_in;
}

// Browsers say which page a form or a socket comes from (RFC 6454, 7; RFC 6455, 10.2).
bool is_of_own_page(const Exchange& exchange) {
  const std::string* origin = exchange.request.header("Origin");
  const auto ours = hub_origin(exchange);
  return origin != nullptr && ours && *origin == *ours;
}

// A form that another site filled in must not count, not even one that signs in.
Answered check_form_origin(Exchange& exchange) {
  if (!is_page(exchange) || exchange.route->method != "POST" || is_of_own_page(exchange)) return std::nullopt;
  return page(403, "That did not work", "<p>This form did not come from the hub's own page.</p>\n");
}

Answered find_web_session(Exchange& exchange) {
  if (exchange.route->scope != Scope::page) return std::nullopt;
  const auto cookie = cookie_value(exchange, kSessionCookie);
  auto session = exchange.services.access.web_session(cookie.value_or(""));
  if (session) {
    exchange.web = std::move(*session);
    return std::nullopt;
  }
  if (session.error().why != access::Denial::rejected) return denied_page(exchange, session.error());
  return sign_in_first(exchange.route->method == "GET" ? exchange.request.target : "/device");
}

// For a socket a browser can set no header, but it sends the cookie by itself, for whatever page.
Answered find_page_of_socket(Exchange& exchange) {
  if (exchange.route->scope != Scope::ticket || exchange.request.header("Authorization") != nullptr) {
    return std::nullopt;
  }
  const auto cookie = cookie_value(exchange, kSessionCookie);
  if (!cookie) return std::nullopt;
  if (!is_of_own_page(exchange) && !sabotaged("origin-unchecked")) {
    return error_answer(403, "this upgrade does not come from the hub's own page", "forbidden");
  }
  auto session = exchange.services.access.web_session(*cookie);
  if (!session) return denied(exchange, session.error());
  exchange.principal = std::move(session->principal);
  return std::nullopt;
}

Answered authenticate(Exchange& exchange) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string* given = exchange.request.header("Authorization");
  if (exchange.route->scope == Scope::open || is_page(exchange) || given == nullptr) return std::nullopt;
  const std::string_view value = *given;
  if (!same_word(value.substr(0, kScheme.size()), kScheme)) {
    return unauthorised("the Authorization header is not of the form: Bearer <access token>");
  }
  const std::string_view token = value.substr(kScheme.size());
  access::Access& access = exchange.services.access;
  auto principal =
      exchange.route->scope == Scope::ticket ? access.redeem_ticket(token) : access.authenticate(token);
  if (!principal) return denied(exchange, principal.error());
  exchange.principal = std::move(*principal);
  return std::nullopt;
}

Answered check_scope(Exchange& exchange) {
  if (exchange.route->scope == Scope::open || is_page(exchange)) return std::nullopt;
  if (!exchange.principal) return unauthorised("sign in first: this path needs an access token");
  const Scope scope = exchange.route->scope;
  if (exchange.principal->is_machine && (scope == Scope::member || scope == Scope::owner)) {
    return error_answer(403, "the token of a machine may send events, nothing else", "forbidden");
  }
  return std::nullopt;
}

// A ticket was looked at when it was redeemed, and so was a cookie in its place.
Answered look_again(Exchange& exchange) {
  const Scope scope = exchange.route->scope;
  if (!exchange.principal || scope == Scope::ticket) return std::nullopt;
  auto now = exchange.services.access.look_again(*exchange.principal);
  if (!now) return denied(exchange, now.error());
  exchange.principal = std::move(*now);
  if (scope != Scope::owner || exchange.principal->role == store::kRoleOwner) return std::nullopt;
  return error_answer(403, "only an owner of the team may do this", "forbidden");
}

// Not when it authenticates: who judges heads waits for no writer.
Answered note_use(Exchange& exchange) {
  const bool machine = exchange.principal && exchange.principal->is_machine;
  if (!machine || exchange.route->scope == Scope::ticket) return std::nullopt;
  const auto noted = exchange.services.access.note_use(*exchange.principal);
  if (!noted) return denied(exchange, noted.error());
  return std::nullopt;
}

// Its clients know the words of RFC 6749 alone.
bool is_oauth(const Exchange& exchange) {
  return exchange.route->pattern.starts_with("/oauth/");
}

net::ServerAnswer unfit_body(const Exchange& exchange, std::string_view why) {
  return is_oauth(exchange) ? oauth_error("invalid_request", why) : error_answer(415, why);
}

Answered check_content(Exchange& exchange) {
  if (exchange.route->max_body_bytes == 0) return std::nullopt;
  const std::string_view wanted = name_of(exchange.route->media);
  const std::string* type = exchange.request.header("Content-Type");
  if (type != nullptr && !same_word(media_type(*type), wanted)) {
    return unfit_body(exchange, fmt::format("the body must be {}", wanted));
  }
  const std::string* encoding = exchange.request.header("Content-Encoding");
  if (encoding == nullptr || same_word(*encoding, "identity") || same_word(*encoding, "gzip")) {
    return std::nullopt;
  }
  net::ServerAnswer answer = unfit_body(exchange, "the body must be plain or compressed with gzip");
  answer.headers.push_back({"Accept-Encoding", "gzip"});
  return answer;
}

// Here, where the row is known, so that the answer names its limit. A body of untold length is held to it
// too, while it is read.
Answered bound_length(Exchange& exchange) {
  const std::uint64_t limit = std::min(exchange.route->max_body_bytes, protocol::max_bytes_per_batch);
  const std::string* told = exchange.request.header("Content-Length");
  if (limit == 0 || told == nullptr) return std::nullopt;
  std::uint64_t bytes = 0;
  const char* end = told->data() + told->size();
  const auto [stopped, code] = std::from_chars(told->data(), end, bytes);
  if (code == std::errc{} && stopped == end && bytes <= limit) return std::nullopt;
  return too_large_answer(fmt::format("the body has more than {} bytes", limit));
}

Answered inflate(Exchange& exchange) {
  const std::uint64_t limit = exchange.route->max_body_bytes;
  if (limit == 0) return std::nullopt;
  const std::string* encoding = exchange.request.header("Content-Encoding");
  if (encoding != nullptr && same_word(*encoding, "gzip")) {
    auto inflated = net::gunzip(exchange.body, limit);
    if (!inflated && inflated.error() == net::InflateFailure::broken) {
      if (is_oauth(exchange)) return unfit_body(exchange, "the body is not whole gzip");
      return json_answer(400, R"({"error":"the body is not whole gzip","details":[]})");
    }
    if (!inflated) return too_large_answer(fmt::format("the body has more than {} bytes inflated", limit));
    exchange.body = std::move(*inflated);
  }
  if (exchange.body.size() <= limit) return std::nullopt;
  return too_large_answer(fmt::format("the body has more than {} bytes", limit));
}

Answered check_form_token(Exchange& exchange) {
  if (exchange.route->scope != Scope::page || exchange.route->method != "POST") return std::nullopt;
  const bool right = form_value(exchange, "form_token") == exchange.web->form_token;
  if (right || sabotaged("form-token-unchecked")) return std::nullopt;
  return page(403, "That did not work", "<p>This form is an old one. Go back and try again.</p>\n");
}

using Step = Answered (*)(Exchange&);

constexpr Step kHeadSteps[] = {
    bound_target,       // a path of any length would be compared, decoded and logged
    find_route,         // 404 and 405 before anything costs: a row says all that the next steps need to know
    check_upgrade,      // the one way into the live channel
    check_form_origin,  // before anything is looked up for a form of another site
    find_web_session,   // who it is, on a page
    find_page_of_socket,  // who it is that has such a page open a socket
    authenticate,         // who it says that it is; for a user no disk is touched
    check_scope,          // whether that is enough for this row
    check_content,        // what a stranger sends is not even looked at
    bound_length,
};

constexpr Step kBodySteps[] = {
    look_again,        // a token says what was so when it was issued, and a body takes its time
    note_use,          // of a token that holds
    inflate,           // bounded by the row
    check_form_token,  // the form was made for who sends it
};

Answered first_answer(Exchange& exchange, std::span<const Step> steps) {
  for (const Step step : steps) {
    if (auto answer = step(exchange)) return answer;
  }
  return std::nullopt;
}

}  // namespace

Answered judge_head(Exchange& exchange) {
  return first_answer(exchange, kHeadSteps);
}

net::ServerAnswer run_handler(Exchange& exchange) {
  if (auto answer = first_answer(exchange, kBodySteps)) return std::move(*answer);
  return exchange.route->handle(exchange);
}

}  // namespace pawprint::hub::edge
