#include "hub/board/conflicts.h"

namespace pawprint::hub::board {
namespace {

// Counts by lane at places of an order, summed up to a place in O(log n) (a Fenwick tree).
class Sums {
 public:
  explicit Sums(std::size_t places) : tree_(places + 1) {}

  void add(Index place, Index lane) {
    for (Index i = place + 1; i < tree_.size(); i += i & (~i + 1)) ++tree_[i][lane];
  }

  CountByLane below(Index place) const {
    CountByLane sum{};
    for (Index i = place; i > 0; i -= i & (~i + 1)) {
      for (Index lane = 0; lane < kLaneCount; ++lane) sum[lane] += tree_[i][lane];
    }
    return sum;
  }

 private:
  std::vector<CountByLane> tree_;
};

// Answers whether a node has an open loser without looking at each: as there may be as many pairs as there
// are squares of nodes, only numbers are compared until one is known to be there.
class Search {
 public:
  explicit Search(const Forest& forest) : forest_(forest), beside_(forest.nodes.size()) { count_beside(); }

  // Of a winner behind `path`, the last of its proper ancestors, that leaves `lane`. `before` is how many
  // leave the lane before the winner, `decision` its nearest one; kNone if there is none.
  bool has_loser(Index path, Index decision, Index lane, std::uint32_t before) const {
    const std::uint32_t ancestors = path == kNone ? 0 : forest_.on_path[path][lane];
    if (decision == kNone) return before > ancestors;
    if (before - forest_.leavers[decision][lane] > ancestors - forest_.on_path[decision][lane]) return true;
    return beside_[decision][lane] > 0;
  }

  bool has_loser(Index winner) const {
    const Index lane = lane_index(forest_.nodes[winner].from);
    const Index decision = forest_.nearest_decision[winner];
    if (decision == winner) return beside_[winner][lane] > 0;
    return has_loser(forest_.parents[winner], decision, lane, forest_.leavers[winner][lane] - 1);
  }

  // The latest before `end` that leaves the lane, is neither `node` nor an ancestor of it, and is not
  // settled.
  Index latest_loser(Index node, Index end, Index lane) const {
    for (Index i = end; i-- > 0;) {
      if (lane_index(forest_.nodes[i].from) != lane) continue;
      if (!forest_.in_subtree(i, node) && !settled(node, i)) return i;
    }
    return kNone;
  }

 private:
  // A decision takes in everything before it but what happened beside it on the branch that it decided for.
  bool settled(Index winner, Index loser) const {
    const Index decision = forest_.nearest_decision[winner];
    return decision != kNone && loser < decision && !forest_.in_subtree(forest_.parents[decision], loser);
  }

  // For each decision: who left each lane before it and beside it, below its own parent.
  void count_beside() {
    Sums sums(forest_.nodes.size());
    for (Index i = 0; i < forest_.nodes.size(); ++i) {
      if (forest_.nearest_decision[i] == i) {
        const Index parent = forest_.parents[i];
        const CountByLane begin = sums.below(forest_.entry[parent]);
        const CountByLane end = sums.below(forest_.entry[parent] + forest_.size[parent]);
        for (Index lane = 0; lane < kLaneCount; ++lane) beside_[i][lane] = end[lane] - begin[lane];
        --beside_[i][lane_index(forest_.nodes[parent].from)];
      }
      sums.add(forest_.entry[i], lane_index(forest_.nodes[i].from));
    }
  }

  const Forest& forest_;
  std::vector<CountByLane> beside_;
};

}  // namespace

Opponents latest_conflict(const Forest& forest) {
  const Search search(forest);
  for (Index winner = forest.nodes.size(); winner-- > 0;) {
    if (forest.decided_below[winner] || !search.has_loser(winner)) continue;
    return {winner, search.latest_loser(winner, winner, lane_index(forest.nodes[winner].from))};
  }
  return {};
}

std::array<Index, kLaneCount> losers_to_come(const Forest& forest) {
  const Search search(forest);
  const Index last = forest.nodes.size() - 1;
  std::array<Index, kLaneCount> losers;
  losers.fill(kNone);
  for (Index lane = 0; lane < kLaneCount; ++lane) {
    if (search.has_loser(last, forest.nearest_decision[last], lane, forest.leavers[last][lane])) {
      losers[lane] = search.latest_loser(last, forest.nodes.size(), lane);
    }
  }
  return losers;
}

}  // namespace pawprint::hub::board
