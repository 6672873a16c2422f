#include "hub/board/fold.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace pawprint::hub::board {
namespace {

using store::TransitionRow;
using Index = std::size_t;
constexpr Index kNone = static_cast<Index>(-1);
constexpr std::size_t kLaneCount = protocol::kLanes.size();

Index lane_index(protocol::Lane lane) {
  return static_cast<Index>(lane);
}

// The parent of each of `sorted` (total order); circles are not opened yet.
std::vector<Index> named_parents(const std::vector<TransitionRow>& sorted) {
  std::unordered_map<std::string_view, Index> by_id;
  for (Index i = 0; i < sorted.size(); ++i) by_id.emplace(sorted[i].order.event_id, i);
  std::vector<Index> parents(sorted.size(), kNone);
  std::array<Index, kLaneCount> last_into;
  last_into.fill(kNone);
  for (Index i = 0; i < sorted.size(); ++i) {
    const TransitionRow& row = sorted[i];
    const auto named = row.causation_id ? by_id.find(*row.causation_id) : by_id.end();
    if (named != by_id.end()) {
      if (named->second != i) parents[i] = named->second;
    } else if (row.older_client) {
      parents[i] = last_into[lane_index(row.from)];
    }
    last_into[lane_index(row.to)] = i;
  }
  return parents;
}

// Makes a root of the first member of every circle. Everybody has one parent, so walking up finds them all.
void open_circles(std::vector<Index>& parents) {
  std::vector<Index> seen_from(parents.size(), kNone);
  for (Index start = 0; start < parents.size(); ++start) {
    Index at = start;
    while (at != kNone && seen_from[at] == kNone) {
      seen_from[at] = start;
      at = parents[at];
    }
    if (at == kNone || seen_from[at] != start) continue;
    Index first = at;
    for (Index member = parents[at]; member != at; member = parents[member]) first = std::min(first, member);
    parents[first] = kNone;
  }
}

// The linear extension: of all whose parent is placed, the first in the total order comes next.
std::vector<Index> linear_order(const std::vector<Index>& parents) {
  std::vector<std::vector<Index>> children(parents.size());
  std::priority_queue<Index, std::vector<Index>, std::greater<>> ready;
  for (Index i = 0; i < parents.size(); ++i) {
    if (parents[i] == kNone) {
      ready.push(i);
    } else {
      children[parents[i]].push_back(i);
    }
  }
  std::vector<Index> order;
  order.reserve(parents.size());
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const Index child : children[order.back()]) ready.push(child);
  }
  return order;
}

// The transitions in linear order, a parent always before its children, with what ancestor questions need.
struct Forest {
  std::vector<TransitionRow> nodes;
  std::vector<Index> parents;
  std::vector<Index> entry, size;       // the subtree of i is [entry, entry + size) in a walk of the forest
  std::vector<bool> decided_below;      // a proper descendant carries `resolve`
  std::vector<Index> nearest_decision;  // of itself and its ancestors, the nearest that decided something

  bool in_subtree(Index root, Index node) const {
    return entry[root] <= entry[node] && entry[node] < entry[root] + size[root];
  }
};

void number_subtrees(Forest& forest) {
  const Index count = forest.nodes.size();
  forest.size.assign(count, 1);
  forest.decided_below.assign(count, false);
  for (Index i = count; i-- > 0;) {
    const Index parent = forest.parents[i];
    if (parent == kNone) continue;
    forest.size[parent] += forest.size[i];
    if (forest.nodes[i].resolve || forest.decided_below[i]) forest.decided_below[parent] = true;
  }
  forest.entry.assign(count, 0);
  forest.nearest_decision.assign(count, kNone);
  std::vector<Index> next_entry(count, 0);
  Index next_root = 0;
  for (Index i = 0; i < count; ++i) {
    const Index parent = forest.parents[i];
    Index& next = parent == kNone ? next_root : next_entry[parent];
    forest.entry[i] = next;
    next += forest.size[i];
    next_entry[i] = forest.entry[i] + 1;
    if (parent == kNone) continue;
    forest.nearest_decision[i] = forest.nodes[i].resolve ? i : forest.nearest_decision[parent];
  }
}

Forest build_forest(std::vector<TransitionRow> sorted) {
  std::vector<Index> parents = named_parents(sorted);
  open_circles(parents);
  const std::vector<Index> order = linear_order(parents);
  std::vector<Index> place(order.size());
  for (Index i = 0; i < order.size(); ++i) place[order[i]] = i;
  Forest forest;
  forest.nodes.reserve(order.size());
  for (const Index from : order) {
    forest.nodes.push_back(std::move(sorted[from]));
    forest.parents.push_back(parents[from] == kNone ? kNone : place[parents[from]]);
  }
  number_subtrees(forest);
  return forest;
}

// A decision takes in everything before it but what happened beside it on the branch that it decided for.
bool settled(const Forest& forest, Index winner, Index loser) {
  const Index decision = forest.nearest_decision[winner];
  return decision != kNone && loser < decision && !forest.in_subtree(forest.parents[decision], loser);
}

// The transitions that leave one lane, in linear order, with the number of each one's ancestors among them.
struct Leavers {
  std::vector<Index> nodes;
  std::vector<std::size_t> ancestors;
};

std::array<Leavers, kLaneCount> leavers_by_lane(const Forest& forest) {
  std::array<Leavers, kLaneCount> leavers;
  std::vector<std::array<std::uint32_t, kLaneCount>> on_path(forest.nodes.size());
  for (Index i = 0; i < forest.nodes.size(); ++i) {
    const Index parent = forest.parents[i];
    if (parent != kNone) on_path[i] = on_path[parent];
    const Index lane = lane_index(forest.nodes[i].from);
    leavers[lane].nodes.push_back(i);
    leavers[lane].ancestors.push_back(on_path[i][lane]);
    ++on_path[i][lane];
  }
  return leavers;
}

// The latest open loser against the winner at leavers.nodes[at], or kNone.
Index latest_loser(const Forest& forest, const Leavers& leavers, std::size_t at) {
  const Index winner = leavers.nodes[at];
  if (leavers.ancestors[at] == at || forest.decided_below[winner]) return kNone;
  for (std::size_t i = at; i-- > 0;) {
    const Index loser = leavers.nodes[i];
    if (!forest.in_subtree(loser, winner) && !settled(forest, winner, loser)) return loser;
  }
  return kNone;
}

std::optional<Conflict> latest_conflict(const Forest& forest) {
  Index winner = kNone;
  Index loser = kNone;
  for (const Leavers& leavers : leavers_by_lane(forest)) {
    for (std::size_t at = leavers.nodes.size(); at-- > 0;) {
      if (winner != kNone && leavers.nodes[at] < winner) break;
      const Index found = latest_loser(forest, leavers, at);
      if (found == kNone) continue;
      winner = leavers.nodes[at];
      loser = found;
      break;
    }
  }
  if (winner == kNone) return std::nullopt;
  return Conflict{.loser = forest.nodes[loser], .winner = forest.nodes[winner]};
}

}  // namespace

Folded fold(std::vector<TransitionRow> transitions) {
  std::sort(transitions.begin(), transitions.end(),
            [](const TransitionRow& a, const TransitionRow& b) { return a.order < b.order; });
  const Forest forest = build_forest(std::move(transitions));
  Folded folded;
  if (forest.nodes.empty()) return folded;
  folded.last = forest.nodes.back();
  folded.conflict = latest_conflict(forest);
  return folded;
}

}  // namespace pawprint::hub::board
