// What the sockets of one team share: the newest part of its log as frames, and the snapshot.
#pragma once

#include <atomic>
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

  // Who is joined; made anew only when somebody has come or gone.
  struct Sockets {
    std::vector<std::shared_ptr<LiveSocket>> all;
    std::vector<std::shared_ptr<LiveSocket>> for_clock;  // those of them that want nothing else
  };
  std::shared_ptr<const Sockets> sockets();

  // Reads on from where it stopped. nullptr: there is nothing new. A run without events: what is new is for
  // those who want it to read. After an error other than `busy` it goes on at the end of the log: what is
  // before is for those who want it too. For one thread.
  Result<SharedChunk> grow();

  // What follows a place, without the disk: the run that holds it, nullptr if that is not kept (any more).
  struct Next {
    SharedChunk chunk;
    bool at_end = false;  // nothing follows, as far as it is known
  };
  Next after(std::uint64_t seq);
  // Without waiting for anybody. Neither, as long as the end is not known.
  bool is_at_end(std::uint64_t seq) const { return seq >= end_; }
  bool is_behind_end(std::uint64_t seq) const { return seq < end_ && end_ != kUnknown; }

  std::uint64_t bytes_behind(std::uint64_t seq);  // of what is kept; all of it for a place before

  // At most 2,000 cards and the place in the log that they show. Blocks for the disk, once for all who ask
  // while the log stands still and, while it grows, once in 250 ms; and until the board has all of the log.
  Result<Snapshot> snapshot();

  // One more who wants it. true: nobody is making it, so the caller calls make_snapshot() until it says true.
  bool wait_for_snapshot(const std::shared_ptr<LiveSocket>& socket);
  // One step of it, since a board may have a long log to take in first. true: whoever waited has it, or was
  // told that there is none now.
  bool make_snapshot();

 private:
  void keep(SharedChunk chunk);
  Result<bool> fold_on();

  store::Store& store_;
  board::Board& board_;
  ClockSource& clock_;
  const std::string team_id_;
  std::atomic<std::size_t> inside_ = 0;  // sockets, those among them that have not joined yet

  std::mutex mutex_;
  std::set<std::shared_ptr<LiveSocket>> joined_;
  std::shared_ptr<const Sockets> sockets_;         // nullptr: to be made
  std::set<std::shared_ptr<LiveSocket>> waiting_;  // for the snapshot
  bool is_making_ = false;                         // somebody is, for them
  std::deque<SharedChunk> kept_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t tail_ = 0;
  bool has_tail_ = false;
  static constexpr std::uint64_t kUnknown = UINT64_MAX;
  std::atomic<std::uint64_t> end_ = kUnknown;  // the tail, once there is one

  std::uint64_t goal_ = 0;  // of who is making it: how far the board has to be; 0: not known yet
  std::mutex snapshot_mutex_;
  Snapshot snapshot_;
  std::int64_t snapshot_made_ms_ = 0;
};

}  // namespace pawprint::hub::live
