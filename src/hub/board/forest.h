// The status changes of one work package as a forest: each under the one that it follows, in linear order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hub/store/board_rows.h"

namespace pawprint::hub::board {

using Index = std::size_t;
inline constexpr Index kNone = static_cast<Index>(-1);
inline constexpr std::size_t kLaneCount = protocol::kLanes.size();
using CountByLane = std::array<std::uint32_t, kLaneCount>;

inline Index lane_index(protocol::Lane lane) {
  return static_cast<Index>(lane);
}

// A parent always stands before its children, and everything before what is behind it in the linear order.
struct Forest {
  std::vector<store::TransitionRow> nodes;
  std::vector<Index> parents;
  std::vector<Index> entry, size;       // the subtree of i is [entry, entry + size) in a walk of the forest
  std::vector<bool> decided_below;      // a proper descendant carries `resolve`
  std::vector<Index> nearest_decision;  // of itself and its ancestors, the nearest that decided something
  std::vector<CountByLane> leavers;     // of those up to i, i included, how many leave each lane
  std::vector<CountByLane> on_path;     // of i and its ancestors, how many leave each lane

  bool in_subtree(Index root, Index node) const {
    return entry[root] <= entry[node] && entry[node] < entry[root] + size[root];
  }
};

// `sorted` by the total order, with event ids that differ. O(n log n).
Forest build_forest(std::vector<store::TransitionRow> sorted);

}  // namespace pawprint::hub::board
