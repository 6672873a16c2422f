// The card of one work package, from what the projection remembers of it.
#pragma once

#include <span>
#include <string>

#include "hub/board/fold.h"

namespace pawprint::hub::board {

// Without a title the card shows its id. Without an assignment the agent is the actor of the last status
// change. `since` and `last_event_id` are those of the last status change, else of the creation, else absent.
store::CardRow make_card(std::string wp_id, const Folded& folded, std::span<const store::FactRow> facts);

}  // namespace pawprint::hub::board
