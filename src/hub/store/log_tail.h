// The newest events of every log, kept in memory as they were committed: who follows a log closely need not
// read back what has just been written.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "hub/store/logged_event.h"

namespace pawprint::hub::store {

using SharedEvents = std::vector<std::shared_ptr<const LoggedEvent>>;

// Thread-safe.
class LogTail {
 public:
  // Of all teams together; about so many, and what came last whatever its size.
  explicit LogTail(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // Durable events of one team, numbered without gaps. Those before them are forgotten unless these follow
  // directly.
  void add(const std::string& team_id, SharedEvents events);

  // At most `limit` of those behind `after_seq`, in order. Empty: the next one is not here, and it may or may
  // not be in the log.
  SharedEvents read(std::string_view team_id, std::uint64_t after_seq, std::size_t limit) const;

 private:
  using Kept = std::deque<std::shared_ptr<const LoggedEvent>>;
  void drop_oldest();

  const std::uint64_t max_bytes_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> teams_;  // none is empty
  struct Addition {
    std::string team_id;
    std::size_t events;
    std::uint64_t bytes;
  };
  std::deque<Addition> additions_;  // in the order of time
  std::uint64_t bytes_ = 0;
};

}  // namespace pawprint::hub::store
