#include "hub/board/fold.h"

#include <algorithm>
#include <utility>

#include "hub/board/conflicts.h"
#include "hub/board/forest.h"

namespace pawprint::hub::board {

using store::TransitionRow;

Folded fold(std::vector<TransitionRow> transitions) {
  std::ranges::sort(transitions, {}, &TransitionRow::order);
  if (transitions.empty()) return {};
  const protocol::OrderKey latest = transitions.back().order;
  const Forest forest = build_forest(std::move(transitions));
  Folded folded;
  folded.last = forest.nodes.back();
  folded.last_is_latest = folded.last->order == latest;
  const auto [winner, loser] = latest_conflict(forest);
  if (winner != kNone) {
    folded.conflict = Conflict{.loser = forest.nodes[loser], .winner = forest.nodes[winner]};
    folded.winner_leads_to_last = forest.in_subtree(winner, forest.nodes.size() - 1);
  }
  const auto losers = losers_to_come(forest);
  for (std::size_t lane = 0; lane < losers.size(); ++lane) {
    if (losers[lane] != kNone) folded.losers_to_come[lane] = forest.nodes[losers[lane]];
  }
  return folded;
}

bool fold_one_more(Folded& folded, const TransitionRow& next) {
  if (!folded.last || !folded.last_is_latest || !(folded.last->order < next.order)) return false;
  if (next.resolve) {
    if (folded.conflict && folded.winner_leads_to_last) return false;  // an earlier one may be open still
    folded.losers_to_come = {};
  } else if (auto& loser = folded.losers_to_come[lane_index(next.from)]) {
    folded.conflict = Conflict{.loser = *loser, .winner = next};
    folded.winner_leads_to_last = true;
  }
  folded.last = next;
  return true;
}

}  // namespace pawprint::hub::board
