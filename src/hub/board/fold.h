// The state of one work package as a pure function of its status changes, whatever order they arrived in
// (docs/protocol.md, causality).
//
// Order: a transition comes after the one that its causation_id names; what that leaves open is decided by
// (lamport_clock, node_id, event_id). The last one gives the lane. A causation_id that names no transition of
// the work package counts for nothing, and a circle of them is opened at its first member in the total order.
//
// Older clients name no causation_id, or one that only groups the events of a command. Then their transition
// follows the latest earlier one that arrived in the lane it leaves, so that an ordinary review loop is not
// taken for a conflict.
//
// Conflict: two transitions, neither an ancestor of the other, that leave the same lane. The later wins. A
// transition has one parent, so it cannot descend from both; the conflict stays until a descendant of the
// winner carries `resolve`. Such a decision also settles what had happened on the losing side before it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "hub/store/board_rows.h"

namespace pawprint::hub::board {

struct Conflict {
  store::TransitionRow loser;
  store::TransitionRow winner;
};

struct Folded {
  std::optional<store::TransitionRow> last;  // nullopt: no transition at all, the lane is planned
  std::optional<Conflict> conflict;          // the latest one that is open
  bool last_is_latest = false;               // in the total order too
  bool winner_leads_to_last = false;         // the conflict's winner is `last` or an ancestor of it
  // By lane: whom a successor of `last` would stand against that leaves the lane and decides nothing.
  std::array<std::optional<store::TransitionRow>, 7> losers_to_come;
};

// O(n log n). Event ids are unique within `transitions`.
Folded fold(std::vector<store::TransitionRow> transitions);

// The fold of `folded` and of one more transition that follows its last one and comes behind everything in
// the total order, and that nothing else names as its cause. false: `next` is no such transition, or what it
// does can only be told from all of them; nothing has changed. O(1).
bool fold_one_more(Folded& folded, const store::TransitionRow& next);

}  // namespace pawprint::hub::board
