#include "hub/edge/edge.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "base/address_account.h"
#include "base/format.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "hub/edge/pipeline.h"
#include "hub/edge/router.h"
#include "protocol/limits.h"

namespace pawprint::hub::edge {
namespace {

std::string_view path_of(const net::ServerRequest& head) {
  return std::string_view(head.target).substr(0, head.target.find('?'));
}

Match match_of(const net::ServerRequest& head) {
  return match_route(routes(), head.method, path_of(head));
}

// As in "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string http_date(std::int64_t unix_ms) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds when{std::chrono::seconds(unix_ms / 1000)};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

net::ServerAnswer form_of(const net::Unserved& request) {
  switch (request.status) {
    case 413:
      return too_large_answer(
          fmt::format("{}, at most {} as sent", request.why, protocol::max_bytes_per_batch));
    case 429:
    case 503:
      return come_back_later(request.status, fmt::format("{}; nothing was done", request.why), 1);
    default:
      return error_answer(request.status, request.why);
  }
}

// Whose share of threads and memory a request takes. A team's is one, whoever sends for it; a stranger's is
// that of the address.
std::string account_of(const Exchange& exchange) {
  if (exchange.principal) return "team " + exchange.principal->team_id;
  if (exchange.web) return "team " + exchange.web->principal.team_id;
  return "address " + account_of_address(exchange.request.remote_address);
}

}  // namespace

Edge::Edge(const Environment& environment, const Services& services, Observer observer)
    : clock_(*environment.clock),
      services_(services),
      observer_(std::move(observer)),
      request_ids_(*environment.clock, *environment.random) {}

struct Edge::Visit {
  std::string request_id;
  Exchange exchange;
  std::int64_t begun_ms = 0;
};

net::Admission Edge::admit(net::ServerRequest head) {
  head.remote_address = services_.trusted_proxies.client_of(head);
  auto visit = std::make_shared<Visit>(request_ids_.next(), Exchange{services_, std::move(head)},
                                       clock_.monotonic_ms());
  Exchange& exchange = visit->exchange;
  const std::string_view target = exchange.request.target;
  const auto path_end = std::min(target.find('?'), target.size());
  exchange.path = target.substr(0, path_end);
  exchange.query = target.substr(std::min(path_end + 1, target.size()));
  if (auto answer = judge_head(exchange)) return {.answer = leave(*visit, std::move(*answer))};
  if (exchange.route->scope == Scope::ticket) {
    net::ServerAnswer answer = leave(*visit, run_handler(exchange));
    if (exchange.upgrade == nullptr) return {.answer = std::move(answer)};
    return {.upgrade = std::move(exchange.upgrade), .upgrade_headers = std::move(answer.headers)};
  }
  return {.with_body =
              [this, visit](std::string body) {
                visit->exchange.body = std::move(body);
                return leave(*visit, run_handler(visit->exchange));
              },
          .max_body_bytes = exchange.route->max_body_bytes,
          .account = account_of(exchange),
          .is_known = exchange.principal || exchange.web};
}

net::ServerAnswer Edge::leave(Visit& visit, net::ServerAnswer answer) {
  const Exchange& exchange = visit.exchange;
  observer_({visit.request_id, exchange.request.method,
             exchange.route == nullptr ? std::string_view() : exchange.route->pattern, exchange.path,
             exchange.request.remote_address, answer.status, clock_.monotonic_ms() - visit.begun_ms,
             exchange.failure});
  return finish(std::move(answer), visit.request_id);
}

net::ServerAnswer Edge::unserved(const net::Unserved& request) {
  const net::ServerRequest& head = request.head;
  const Match match = match_of(head);
  const std::string request_id = request_ids_.next();
  observer_({request_id, head.method, match.route == nullptr ? std::string_view() : match.route->pattern,
             std::string(path_of(head)), services_.trusted_proxies.client_of(head), request.status,
             request.since_begun.count(), request.status >= 500 ? std::string(request.why) : std::string()});
  return finish(form_of(request), request_id);
}

bool Edge::checks_password(const net::ServerRequest& request) {
  const Match match = match_of(request);
  constexpr std::array kSlow{sign_in, sign_in_on_page, accept_invitation, accept_on_page};
  return match.route != nullptr && std::ranges::find(kSlow, match.route->handle) != kSlow.end();
}

net::ServerAnswer Edge::finish(net::ServerAnswer answer, const std::string& request_id) {
  answer.headers.push_back({"X-Request-Id", request_id});
  answer.headers.push_back({"Date", http_date(clock_.unix_ms())});
  answer.headers.push_back({"Cache-Control", "no-store"});
  answer.headers.push_back({"X-Content-Type-Options", "nosniff"});
  return answer;
}

}  // namespace pawprint::hub::edge
