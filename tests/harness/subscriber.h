// One who watches a team's log on the live channel of a hub, frame by frame, over many connections.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "harness/member.h"
#include "harness/raw_connection.h"

namespace pawprint::testing {

// The answer to the upgrade of `connection`.
RawAnswer open_live_channel(RawConnection& connection, const std::string& ticket,
                            std::string_view query = {});

// The next frame, an event's without its `event`; {"type": "close CODE"} if the hub has said good-bye; empty
// if the connection ended, or 20 s passed.
boost::json::object next_frame_of(RawConnection& connection);

class Subscriber {
 public:
  // By another connection, whose snapshot is waited for. Who was there before goes on from where it was.
  void connect(Member& member, const RawMeans& means = {});

  // Law O4: what comes is the log, without a hole. False: the hub cannot go on from where this one was.
  bool read_until(std::uint64_t seq);

  // Law O4 up to the end of the connection: the code that the hub closed it with; 0: none.
  int read_to_end();

  RawConnection& connection() { return *connection_; }
  const boost::json::object& snapshot() const { return snapshot_; }  // of the first connection
  std::uint64_t began() const { return began_; }                     // its seq
  std::uint64_t reached() const { return reached_; }
  const std::string& cursor() const { return cursor_; }

 private:
  bool take(const boost::json::object& frame);

  std::unique_ptr<RawConnection> connection_;
  boost::json::object snapshot_;
  std::string cursor_;
  std::uint64_t began_ = 0;
  std::uint64_t reached_ = 0;
  bool is_resuming_ = false;
};

}  // namespace pawprint::testing
