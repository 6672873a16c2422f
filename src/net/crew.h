// The threads that a server's handlers run on. What waits for one is taken in turns, an account at a time, so
// that the flood of one holds nobody else back. Used on the I/O thread alone.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "net/http_server.h"

namespace boost::asio {
class io_context;
class thread_pool;
}  // namespace boost::asio

namespace pawprint::net {

// Whether there is some left of what accounts share.
enum class Room { there, none_for_account, none };

class Crew {
 public:
  using Work = std::move_only_function<void()>;  // called on a thread of the crew; must not throw
  // Called on the I/O thread behind that, before the place of the job is another's, also where there is no
  // memory any more.
  using Then = std::move_only_function<void()>;

  explicit Crew(boost::asio::io_context& io);
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew();  // waits for what runs; what waits is never called

  void start(const ServerOptions::Crew& wanted);
  Room room_for(const std::string& account) const;
  void post(const std::string& account, Work work, Then then);
  // From any thread. Returns when nothing runs any more, and nothing will.
  void join();

 private:
  struct Job;
  struct Account {
    std::deque<std::unique_ptr<Job>> waiting;
    unsigned running = 0;
    std::size_t inside() const { return waiting.size() + running; }
  };
  using Accounts = std::map<std::string, Account, std::less<>>;  // none is empty

  class Finish;

  Accounts::iterator next();
  bool may_run(const Account& account) const;
  void start_next();
  void run(std::unique_ptr<Job> job);
  void finish(const std::string& account);

  boost::asio::io_context& io_;
  std::unique_ptr<boost::asio::thread_pool> threads_;
  ServerOptions::Crew wanted_{};
  Accounts accounts_;
  std::string last_;  // account that had its turn
  std::size_t inside_ = 0;
  unsigned running_ = 0;
};

}  // namespace pawprint::net
