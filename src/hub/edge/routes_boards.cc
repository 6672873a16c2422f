#include "hub/board/views_json.h"
#include "hub/edge/handlers.h"
#include "hub/edge/json_answer.h"
#include "hub/edge/paging.h"
#include "protocol/ids.h"

namespace pawprint::hub::edge {

namespace {

// What is not on the board may be in the events that it has not taken in yet.
net::ServerAnswer not_there_yet(Exchange& exchange) {
  constexpr std::int64_t kRetrySeconds = 2;
  exchange.failure = "the board is still behind the log";
  return come_back_later(503, "the hub is still folding the log into this board", kRetrySeconds);
}

}  // namespace

net::ServerAnswer list_projects(Exchange& exchange) {
  const auto wanted = wanted_page(exchange);
  if (!wanted) return no_such_page_size();
  const auto page =
      exchange.services.board.projects(exchange.principal->team_id, wanted->after, wanted->limit);
  if (!page && page.error().kind == ErrorKind::failed) return not_there_yet(exchange);
  if (!page) return page_failed(exchange, page.error());
  return json_answer(200, board::projects_json(*page));
}

net::ServerAnswer show_project(Exchange& exchange) {
  const auto uuid = protocol::normalised_uuid_v4(exchange.names[0]);
  if (!uuid) return not_yours();
  const auto project = exchange.services.board.project(exchange.principal->team_id, *uuid);
  if (!project && project.error().kind == ErrorKind::failed) return not_there_yet(exchange);
  if (!project) return store_failed(exchange, project.error());
  if (!*project) return not_yours();
  return json_answer(200, board::project_json(**project));
}

net::ServerAnswer show_feature(Exchange& exchange) {
  const auto uuid = protocol::normalised_uuid_v4(exchange.names[0]);
  if (!uuid) return not_yours();
  const auto feature = exchange.services.board.feature(exchange.principal->team_id, *uuid, exchange.names[1]);
  if (!feature && feature.error().kind == ErrorKind::failed) return not_there_yet(exchange);
  if (!feature) return store_failed(exchange, feature.error());
  if (!*feature) return not_yours();
  return json_answer(200, board::feature_json(**feature));
}

net::ServerAnswer list_nodes(Exchange& exchange) {
  const auto wanted = wanted_page(exchange);
  if (!wanted) return no_such_page_size();
  const auto page = exchange.services.board.nodes(exchange.principal->team_id, wanted->after, wanted->limit);
  if (!page) return page_failed(exchange, page.error());
  return json_answer(200, board::nodes_json(*page));
}

}  // namespace pawprint::hub::edge
