// What the sockets of one team share: the newest part of its log as frames, and the snapshot.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "hub/board/board.h"
#include "hub/live/chunk.h"

namespace pawprint::hub::live {

class LiveSocket;

struct Snapshot {
  net::Frames frames;
  Place place;
};

// Thread-safe. Store, board and clock outlive it.
class TeamStream {
 public:
  TeamStream(store::Store& store, board::Board& board, ClockSource& clock, std::string team_id)
      : store_(store), board_(board), clock_(clock), team_id_(std::move(team_id)) {}

  const std::string& team_id() const { return team_id_; }

  // One socket more; false: there are `most` already. What is let in is let go once.
  bool let_in(std::size_t most);
  void let_go() { --inside_; }

  void join(const std::shared_ptr<LiveSocket>& socket);
  void leave(const std::shared_ptr<LiveSocket>& socket);
  std::vector<std::shared_ptr<LiveSocket>> sockets();

  // Reads on from where it stopped; false: there is nothing new. For one thread.
  Result<bool> grow();

  // What follows a place, without the disk: the run that holds it, nullptr if that is not kept (any more).
  struct Next {
    SharedChunk chunk;
    bool at_end = false;  // nothing follows, as far as it is known
  };
  Next after(std::uint64_t seq);

  std::uint64_t bytes_behind(std::uint64_t seq);  // of what is kept; all of it for a place before

  // At most 2,000 cards and the place in the log that they show. Blocks for the disk, once for all who ask
  // while the log stands still and, while it grows, once in 250 ms.
  Result<Snapshot> snapshot();

 private:
  void keep(SharedChunk chunk);

  store::Store& store_;
  board::Board& board_;
  ClockSource& clock_;
  const std::string team_id_;
  std::atomic<std::size_t> inside_ = 0;  // sockets, those among them that have not joined yet

  std::mutex mutex_;
  std::set<std::shared_ptr<LiveSocket>> sockets_;
  std::deque<SharedChunk> kept_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t tail_ = 0;
  bool has_tail_ = false;

  std::mutex snapshot_mutex_;
  Snapshot snapshot_;
  std::int64_t snapshot_made_ms_ = 0;
};

}  // namespace pawprint::hub::live
