#include <charconv>

#include "base/format.h"
#include "hub/board/events_page.h"
#include "hub/board/views_json.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "protocol/ids.h"

namespace pawprint::hub::edge {
namespace {

constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kMaxPage = 1000;

// nullopt: not a number from 1 to kMaxPage.
std::optional<std::size_t> page_size(const Exchange& exchange) {
  const auto text = query_value(exchange, "limit");
  if (!text) return kDefaultPage;
  std::size_t limit = 0;
  const char* end = text->data() + text->size();
  const auto [stopped, code] = std::from_chars(text->data(), end, limit);
  if (code != std::errc{} || stopped != end || limit == 0 || limit > kMaxPage) return std::nullopt;
  return limit;
}

// A project is a team's if the team's log has an event of it. Kind `invalid`: it is not.
Result<std::string> own_project(Exchange& exchange, std::string_view text) {
  const auto uuid = protocol::normalised_uuid_v4(text);
  if (!uuid) return fail(ErrorKind::invalid, "not a project");
  PAW_TRY(first, exchange.services.store.log().read_as_is(exchange.principal->team_id, 0, 1, *uuid));
  if (first.empty()) return fail(ErrorKind::invalid, "not a project of the team");
  return *uuid;
}

}  // namespace

net::ServerAnswer take_batch(Exchange& exchange) {
  const identity::Principal& principal = *exchange.principal;
  ingest::IngestAnswer made = exchange.services.ingest.batch(
      {principal.team_id, principal.team_slug, principal.user_id, principal.role}, std::move(exchange.body));
  net::ServerAnswer answer = json_answer(made.status, std::move(made.body));
  for (auto& [name, value] : made.headers) {
    answer.headers.push_back({std::move(name), std::move(value)});
  }
  exchange.failure = std::move(made.failure);
  return answer;
}

net::ServerAnswer list_events(Exchange& exchange) {
  const auto limit = page_size(exchange);
  if (!limit) return error_answer(400, fmt::format("limit must be a number from 1 to {}", kMaxPage));
  std::optional<std::string> project;
  if (const auto named = query_value(exchange, "project")) {
    auto own = own_project(exchange, *named);
    if (!own && own.error().kind == ErrorKind::invalid) return not_yours();
    if (!own) return store_failed(exchange, own.error());
    project = std::move(*own);
  }
  const auto after = query_value(exchange, "after");
  const auto page =
      board::events_page(exchange.services.store, exchange.principal->team_id, project, after, *limit);
  if (page) return json_answer(200, board::events_json(*page));
  if (page.error().kind == ErrorKind::invalid) return error_answer(410, page.error().message, "resync");
  return store_failed(exchange, page.error());
}

}  // namespace pawprint::hub::edge
