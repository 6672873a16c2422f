#include "hub/board/forest.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace pawprint::hub::board {
namespace {

using store::TransitionRow;

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

void count_leavers(Forest& forest) {
  const Index count = forest.nodes.size();
  forest.leavers.assign(count, {});
  forest.on_path.assign(count, {});
  for (Index i = 0; i < count; ++i) {
    if (i > 0) forest.leavers[i] = forest.leavers[i - 1];
    if (forest.parents[i] != kNone) forest.on_path[i] = forest.on_path[forest.parents[i]];
    const Index lane = lane_index(forest.nodes[i].from);
    ++forest.leavers[i][lane];
    ++forest.on_path[i][lane];
  }
}

}  // namespace

Forest build_forest(std::vector<store::TransitionRow> sorted) {
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
  count_leavers(forest);
  return forest;
}

}  // namespace pawprint::hub::board
