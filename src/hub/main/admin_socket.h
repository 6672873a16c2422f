// DIR/admin.sock (0600): how an administrator reaches the hub that holds the data directory. A Unix stream
// socket; one request line in, one answer line out (admin_request.h), then the hub closes.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "base/disk.h"
#include "hub/main/admin_request.h"

namespace pawprint::hub {

// Answers one connection after the other on a thread of its own until stopped, and on another one the
// commands that take long, which hold up no other so. One whose administrator goes away is stopped, or not
// begun. Who is neither root nor our own user is refused, a request that is too long or takes more than 5
// s to come is too.
class AdminSocket {
 public:
  // Asked to stop, a command ends soon, with kind `interrupted` if it could not be finished.
  using Perform = std::function<Result<std::string>(const AdminRequest&, std::stop_token)>;
  using TakesLong = std::function<bool(const AdminRequest&)>;

  // Only for the process that holds the lock on the directory: a socket that is there is taken for one that
  // was left behind. `perform` is called from two threads at once.
  static Result<std::unique_ptr<AdminSocket>> open(const Path& data_directory, Perform perform,
                                                   TakesLong takes_long);
  AdminSocket(const AdminSocket&) = delete;
  ~AdminSocket();  // once the command that is under way has ended

  // Stops the command at work that takes long; who waits for it is told. Those behind it are not begun: who
  // asked gets no answer.
  void end_what_takes_long();

  // Does that, removes the socket and finishes what is under way; what takes long gets `grace` to stop, and
  // false is returned if it is still at work then.
  bool stop(std::chrono::milliseconds grace);

 private:
  struct Waiting {
    int connection;
    AdminRequest request;
  };
  AdminSocket(Path path, int listener, int wake, Perform perform, TakesLong takes_long);
  void run();
  void serve_one(int number);
  void run_long();
  void perform_long(const Waiting& wanted, std::stop_source stop);

  Path path_;
  int listener_;
  int wake_;  // an eventfd, readable once it is time to end
  Perform perform_;
  TakesLong takes_long_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;  // with `mutex_`, as are the two below
  std::optional<std::stop_source> at_work_;
  bool stopping_ = false;
  std::thread thread_, long_thread_;
};

// Blocks for as long as the command takes. nullopt: nobody listens there. An answer that does not come whole:
// kind `failed`, and whether the command was performed is not known.
std::optional<Result<std::string>> ask_running_hub(const Path& data_directory, const AdminRequest& request);

}  // namespace pawprint::hub
