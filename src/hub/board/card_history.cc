#include "hub/board/card_history.h"

#include <algorithm>

#include "hub/board/card.h"

namespace pawprint::hub::board {
namespace {

std::size_t hash_of(std::string_view id) {
  return std::hash<std::string_view>()(id);
}

}  // namespace

using store::FactRow;
using store::TransitionRow;

CardHistory::CardHistory(store::CardRows rows) : facts_(std::move(rows.facts)) {
  for (const TransitionRow& row : rows.transitions) remember(row);
  folded_ = fold(std::move(rows.transitions));
}

void CardHistory::remember(const TransitionRow& row) {
  ids_.insert(hash_of(row.order.event_id));
  if (row.causation_id) causes_.insert(hash_of(*row.causation_id));
}

// As fold() finds parents. An older client's change follows the latest one into the lane that it leaves: that
// is the last one if it went there and is the latest of all, which fold_one_more asks for.
bool CardHistory::follows_last(const TransitionRow& next) const {
  const std::size_t id = hash_of(next.order.event_id);
  if (!folded_.last || ids_.contains(id) || causes_.contains(id)) return false;
  if (next.causation_id == folded_.last->order.event_id) return true;
  if (!next.older_client || next.causation_id == next.order.event_id) return false;
  const bool cause_known = next.causation_id && ids_.contains(hash_of(*next.causation_id));
  return !cause_known && folded_.last->to == next.from;
}

bool CardHistory::add(const TransitionRow& next) {
  if (!follows_last(next) || !fold_one_more(folded_, next)) return false;
  remember(next);
  return true;
}

void CardHistory::add(const FactRow& fact) {
  const auto known = std::ranges::find(facts_, fact.kind, &FactRow::kind);
  if (known == facts_.end()) {
    facts_.push_back(fact);
  } else if (known->order < fact.order) {
    *known = fact;
  }
}

store::CardRow CardHistory::card(std::string wp_id) const {
  return make_card(std::move(wp_id), folded_, facts_);
}

}  // namespace pawprint::hub::board
