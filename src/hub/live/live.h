// The live channel (docs/protocol.md): every event of a team to everybody of that team who watches, from the
// log, in its order.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hub/fanout/fanout.h"
#include "hub/live/live_socket.h"

namespace pawprint::hub::live {

// Thread-safe. Fanout and services outlive it, and it outlives the server that its sockets come from.
class Live {
 public:
  Live(const LiveServices& services, fanout::Fanout& fanout);
  ~Live() { stop(); }

  // The other side of an upgrade; nullptr once stop() was called, or if the team has as many sockets as it
  // may.
  std::shared_ptr<net::SocketEvents> open(const identity::Principal& principal, bool clock_only);

  // Their sockets are looked at now, those that may not be here any more end.
  void look_again_at(std::string_view user_id);
  void look_again_at_all();

  // Nothing more is taken from the sockets; what was taken is stored and answered, then all of them are told
  // (1001). The server ends them.
  void stop();

 private:
  std::shared_ptr<TeamStream> stream_of(const std::string& team_id);
  std::vector<std::shared_ptr<TeamStream>> streams();
  void run();
  void grow(TeamStream& stream);
  void end_watchers(TeamStream& stream, const Error& why);
  void look_after_all();
  void tell_clocks(TeamStream& stream);

  LiveShared shared_;
  std::unique_ptr<fanout::Listener> listener_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<TeamStream>, std::less<>> streams_;
  net::Volley volley_;                                    // of the thread
  std::map<std::string, std::string, std::less<>> told_;  // of the thread: a team's trouble, as it was told
  std::thread thread_;
};

}  // namespace pawprint::hub::live
