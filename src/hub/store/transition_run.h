// How the status changes of a work package are kept: in runs, each change beside the one before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hub/store/board_rows.h"

namespace pawprint::hub::store {

// One run. What its bytes are follows from the changes alone, however they were added. A change is
//   one byte: the lane it leaves (3 bits), the lane it enters (3 bits), whether it resolves, whether it is of
//     an older client; one byte: whether it has a cause (1) and an actor (2);
//   the difference of its Lamport value to the change's before it, zigzag, as a LEB128 number;
//   its cause if it has one, its id, its node, its actor if it has one, and its timestamp, each as two LEB128
//     numbers and bytes: how many bytes it begins with that the last such text of the run has too (a cause:
//     the last id), how many others follow, and those.
class TransitionRun {
 public:
  TransitionRun() = default;

  // One that was kept, to be added to. Kind `io`: these are not the bytes of one.
  static Result<TransitionRun> read(std::string_view bytes);

  // To be followed by another run. The row with its key stays below a quarter of a page then, above which
  // SQLite begins another page for the rest of it.
  bool is_full() const;
  void add(const TransitionRow& row);

  const std::string& bytes() const { return bytes_; }

  // What the next change is written beside.
  struct Last {
    std::uint64_t lamport = 0;
    std::string event_id, node_id, actor, timestamp;
  };

 private:
  std::string bytes_;
  Last last_;
};

// Puts the changes of a run behind `rows`, in the order in which they were added. Kind `io`: these are not
// the bytes of one.
Result<void> read_transitions(std::string_view bytes, std::vector<TransitionRow>& rows);

}  // namespace pawprint::hub::store
