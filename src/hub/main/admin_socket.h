// DIR/admin.sock (0600): how an administrator reaches the hub that holds the data directory. A Unix stream
// socket; one request line in, one answer line out (admin_request.h), then the hub closes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/disk.h"
#include "hub/main/admin_request.h"

namespace pawprint::hub {

// Answers one connection after the other on a thread of its own until destroyed; a command under way is
// finished first. Who is neither root nor our own user is refused, a request that is too long or takes more
// than 5 s to come is too.
class AdminSocket {
 public:
  using Perform = std::function<Result<std::string>(const AdminRequest&)>;

  // Only for the process that holds the lock on the directory: a socket that is there is taken for one that
  // was left behind.
  static Result<std::unique_ptr<AdminSocket>> open(const Path& data_directory, Perform perform);
  AdminSocket(const AdminSocket&) = delete;
  ~AdminSocket();

 private:
  AdminSocket(Path path, int listener, int wake, Perform perform);
  void run();
  void serve_one(int connection) const;

  Path path_;
  int listener_;
  int wake_;  // an eventfd, readable once it is time to end
  Perform perform_;
  std::thread thread_;
};

// Blocks for as long as the command takes. nullopt: nobody listens there. An answer that does not come whole:
// kind `failed`, and whether the command was performed is not known.
std::optional<Result<std::string>> ask_running_hub(const Path& data_directory, const AdminRequest& request);

}  // namespace pawprint::hub
