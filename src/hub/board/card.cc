#include "hub/board/card.h"

#include "hub/board/views_json.h"

namespace pawprint::hub::board {

store::CardRow make_card(std::string wp_id, const Folded& folded, std::span<const store::FactRow> facts) {
  store::CardRow card;
  card.title = wp_id;
  card.wp_id = std::move(wp_id);
  for (const store::FactRow& fact : facts) {
    if (fact.kind == store::FactKind::title) {
      card.title = fact.value;
      card.since = fact.timestamp;
      card.last_event_id = fact.order.event_id;
    }
    if (fact.kind == store::FactKind::assignee) card.assignee = card.agent = fact.value;
  }
  if (folded.conflict) card.conflict_json = conflict_json(*folded.conflict);
  if (!folded.last) return card;
  card.lane = folded.last->to;
  card.since = folded.last->timestamp;
  card.last_event_id = folded.last->order.event_id;
  if (!card.agent) card.agent = folded.last->actor;
  return card;
}

}  // namespace pawprint::hub::board
