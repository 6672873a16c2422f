// What is remembered of one work package between two pieces of the log, so that its next status change costs
// the same however many there were.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <span>
#include <string>
#include <vector>

#include "hub/board/fold.h"
#include "hub/store/boards.h"

namespace pawprint::hub::board {

class CardHistory {
 public:
  explicit CardHistory(store::CardRows rows);

  // false: it takes all of them to tell what this one does; nothing has changed.
  bool add(const store::TransitionRow& next);
  void add(const store::FactRow& fact);  // no effect if a later one of its kind is there

  store::CardRow card(std::string wp_id) const;
  std::size_t transitions() const { return ids_.size(); }

 private:
  bool follows_last(const store::TransitionRow& next) const;
  void remember(const store::TransitionRow& row);

  Folded folded_;
  std::vector<store::FactRow> facts_;
  // Hashes of ids: two ids with one hash are taken for a change that it takes all to tell about.
  boost::unordered_flat_set<std::size_t> ids_;
  boost::unordered_flat_set<std::size_t> causes_;  // that a transition names
};

}  // namespace pawprint::hub::board
