// One projection in one store: what a log does to it, piece by piece.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hub/board/card_history.h"
#include "hub/store/store.h"
#include "protocol/event_reader.h"

namespace pawprint::hub::board {

class Piece;

// Not thread-safe; for as long as it lives nobody else writes to the rows under `key`. The store outlives it.
// Errors are the store's, and leave rows and position as they were.
class Projection {
 public:
  // `key` is what the rows stand under: the team's id for the board that is read.
  Projection(store::Store& store, std::string key) : store_(store), key_(std::move(key)) {}

  // Takes in the events that follow the position, in order, and moves it to the last of them: all in one
  // transaction, for which everything is read and folded before. `events` is not empty.
  Result<void> take_in(std::span<const store::LoggedEvent> events);

  // The same, of events that need not all be in memory: `more` gives the next of them each time, and at last
  // none. The position then, nullopt if there was nothing.
  using More = std::function<Result<store::SharedEvents>()>;
  Result<std::optional<std::uint64_t>> take_in(const More& more);

  // What is remembered of the rows, which have changed otherwise.
  void forget();

 private:
  struct Change;
  Result<void> take_in(const Piece& piece);
  Result<std::vector<Change>> fold(const Piece& piece);
  Result<void> fold_card(Change& change);
  Result<void> write(const std::vector<Change>& changes, const Piece& piece);

  store::Store& store_;
  std::string key_;
  protocol::EventReader reader_{protocol::EventReader::Canonical::unwanted};
  std::map<store::BoardKey, CardHistory> histories_;
  std::size_t remembered_ = 0;  // transitions in `histories_`
};

}  // namespace pawprint::hub::board
