// One client on the live channel: where it is in the log, what it sent, when it was last heard of.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "hub/access/access.h"
#include "hub/ingest/ingest.h"
#include "hub/live/chunk.h"
#include "hub/live/incoming.h"
#include "hub/live/job_crew.h"
#include "hub/live/team_stream.h"
#include "net/volley.h"
#include "net/web_socket.h"

namespace pawprint::hub::live {

struct LiveServices {
  store::Store& store;
  access::Access& access;
  ingest::Ingest& ingest;
  board::Board& board;
  ClockSource& clock;
  std::size_t max_sockets_of_team = 2048;
  std::function<void(const Error&)> cannot_read = {};  // called on the thread of Live, once for a trouble
};

// What the sockets of a hub work with. Outlives them.
struct LiveShared {
  LiveServices services;
  JobCrew crew;
  std::atomic<bool> stopping = false;
};

// Thread-safe. Holds no event: what its client has not taken yet is in the team's stream or in the store.
class LiveSocket final : public net::SocketEvents, public std::enable_shared_from_this<LiveSocket> {
 public:
  // `stream` has let it in, and is told when it is gone.
  LiveSocket(LiveShared& shared, std::shared_ptr<TeamStream> stream, identity::Principal principal,
             bool clock_only);
  ~LiveSocket() override;

  void opened(std::shared_ptr<net::WebSocket> socket) override;
  void received(std::string text) override;
  void sent() override;
  void closed() override;

  // Sends what follows in the log, as far as the client takes it; `newest` is the end of it that is known.
  // Leaves with `volley`, which is let go by whoever calls, without waiting for anything.
  void advance(const SharedChunk& newest, net::Volley& volley);
  // From time to time: pings, ends who does not answer, lags or may not be here any more.
  void look_after(std::int64_t now_ms);
  // If the socket is one for it and the value is a new one.
  void tell_clock(std::uint64_t value, std::int64_t now_ms);
  bool wants_clock() const { return clock_only_; }
  void end(std::uint16_t code, std::string_view reason);
  bool is_of(std::string_view user_id) const { return principal_.user_id == user_id; }
  // Whether its client may still be here: found out soon, and before anything more is taken from it.
  void doubt();
  // What it waited for, or why it cannot be had.
  void take_snapshot(const Result<Snapshot>& snapshot);

 private:
  using Lock = std::unique_lock<std::mutex>;

  // Jobs of the crew.
  void begin_clock();
  void catch_up();
  void take_in();
  bool look_again();
  void look_again_soon();

  void post(void (LiveSocket::*job)());
  void ask_for_snapshot();
  static void make_snapshot(LiveShared& shared, std::shared_ptr<TeamStream> stream);
  void begin_at(const Snapshot& snapshot);
  bool can_deliver() const;
  void advance_locked();
  void deliver_from(const SharedChunk& chunk, net::Volley* volley = nullptr);
  void send_text(std::string_view text);
  bool send(net::Frames frames);
  void wait_until_sent();
  void end_locked(std::uint16_t code, std::string_view reason, int grace_ms);
  void cut_off();
  void read_on();
  bool handle(const std::string& text, std::vector<std::string>& events);
  bool flush_events(std::vector<std::string>& events);
  void subscribe(const Subscribe& wanted);
  void look_after_ping(std::int64_t now_ms);
  void look_after_taking(std::int64_t now_ms);
  void look_after_lag(std::int64_t now_ms);

  LiveShared& shared_;
  const std::shared_ptr<TeamStream> stream_;
  const bool clock_only_;
  const identity::Principal principal_;
  std::atomic<std::uint64_t> doubts_ = 1;   // so far
  std::atomic<std::uint64_t> settled_ = 0;  // of them; the first is that nobody was told of it before

  std::mutex mutex_;
  std::shared_ptr<net::WebSocket> socket_;  // nullptr before and after
  std::optional<Projects> projects_;
  Place place_;                               // everything up to here was handed over, or is not wanted
  std::uint64_t began_ = 0;                   // it has everything from here to place_
  std::optional<std::string> resync_reason_;  // to be told with the next snapshot
  bool is_streaming_ = false;
  bool is_waiting_ = false;      // for the client to take what was sent
  bool is_catching_up_ = false;  // a job is posted
  SharedChunk in_flight_;        // the last that was handed over
  Place before_in_flight_;

  std::deque<std::string> inbox_;
  std::size_t inbox_bytes_ = 0;
  bool is_taking_in_ = false;  // a job is posted
  bool is_reading_ = false;    // a message was asked for

  std::int64_t pinged_ms_ = 0;
  std::int64_t heard_ms_ = 0;  // or it took some
  std::int64_t looked_ms_ = 0;
  std::int64_t stuck_ms_ = 0;        // since when it takes nothing
  std::uint64_t untaken_bytes_ = 0;  // when that was last looked at
  std::int64_t clock_told_ms_ = 0;
  std::uint64_t clock_told_ = 0;
};

}  // namespace pawprint::hub::live
