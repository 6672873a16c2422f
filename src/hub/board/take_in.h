// What a piece of the log does to the projection.
#pragma once

#include <span>

#include "hub/store/boards.h"
#include "hub/store/log.h"

namespace pawprint::hub::board {

// Takes in the events that follow the update's position, in order, and finishes the update at the last of
// them. `events` is not empty.
Result<void> take_in(store::BoardUpdate& update, std::span<const store::LoggedEvent> events);

}  // namespace pawprint::hub::board
