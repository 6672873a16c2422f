#include "hub/board/events_page.h"
#include "hub/board/views_json.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "hub/edge/paging.h"
#include "protocol/ids.h"

namespace pawprint::hub::edge {
namespace {

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
  const auto wanted = wanted_page(exchange);
  if (!wanted) return no_such_page_size();
  std::optional<std::string> project;
  if (const auto named = query_value(exchange, "project")) {
    auto own = own_project(exchange, *named);
    if (!own && own.error().kind == ErrorKind::invalid) return not_yours();
    if (!own) return store_failed(exchange, own.error());
    project = std::move(*own);
  }
  const auto page = board::events_page(exchange.services.store, exchange.principal->team_id, project,
                                       wanted->after, wanted->limit);
  if (!page) return page_failed(exchange, page.error());
  return json_answer(200, board::events_json(*page));
}

}  // namespace pawprint::hub::edge
