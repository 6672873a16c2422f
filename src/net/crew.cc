#include "net/crew.h"

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <new>
#include <utility>

#include "base/sabotage.h"
#include "net/post_room.h"

namespace pawprint::net {
namespace {

const std::string& name_of(const std::string& account) {
  static const std::string kEverybody;
  return sabotaged("crew-without-accounts") ? kEverybody : account;
}

}  // namespace

// All that it takes to be done, the way back to the I/O thread included.
struct Crew::Job {
  std::string account;
  Work work;
  Then then;
  PostRoom way_back;
};

// The place of a job that has run is free, in the end.
class Crew::Finish {
 public:
  Finish(Crew& crew, const std::string& account) : crew_(crew), account_(account) {}
  Finish(const Finish&) = delete;
  Finish& operator=(const Finish&) = delete;
  ~Finish() { crew_.finish(account_); }

 private:
  Crew& crew_;
  const std::string& account_;
};

Crew::Crew(boost::asio::io_context& io) : io_(io) {}
Crew::~Crew() = default;

void Crew::start(const ServerOptions::Crew& wanted) {
  wanted_ = wanted;
  threads_ = std::make_unique<boost::asio::thread_pool>(wanted.workers);
}

void Crew::join() {
  threads_->join();
}

Room Crew::room_for(const std::string& account) const {
  if (inside_ >= wanted_.workers + wanted_.max_waiting) return Room::none;
  const auto known = accounts_.find(name_of(account));
  const bool full = known != accounts_.end() && known->second.inside() >= wanted_.most_of_account;
  return full ? Room::none_for_account : Room::there;
}

void Crew::post(const std::string& account, Work work, Then then) {
  const std::string& name = name_of(account);
  std::unique_ptr<Job> job(
      new Job{.account = name, .work = std::move(work), .then = std::move(then), .way_back = {}});
  if (const auto known = accounts_.find(name); known != accounts_.end()) {
    known->second.waiting.push_back(std::move(job));
  } else {
    Account first;
    first.waiting.push_back(std::move(job));
    accounts_.emplace(name, std::move(first));
  }
  ++inside_;
  start_next();
}

bool Crew::may_run(const Account& account) const {
  return !account.waiting.empty() && account.running < wanted_.workers_of_account;
}

Crew::Accounts::iterator Crew::next() {
  const auto begin = accounts_.upper_bound(last_);
  for (auto each = begin; each != accounts_.end(); ++each) {
    if (may_run(each->second)) return each;
  }
  for (auto each = accounts_.begin(); each != begin; ++each) {
    if (may_run(each->second)) return each;
  }
  return accounts_.end();
}

void Crew::start_next() {
  while (running_ < wanted_.workers) {
    const auto next_account = next();
    if (next_account == accounts_.end()) return;
    auto& [name, account] = *next_account;
    auto job = std::move(account.waiting.front());
    account.waiting.pop_front();
    try {
      last_ = name;
      run(std::move(job));
      ++account.running;
      ++running_;
    } catch (const std::bad_alloc&) {  // the connection of the job ends with it
      --inside_;
      if (account.inside() == 0) accounts_.erase(next_account);
    }
  }
}

void Crew::run(std::unique_ptr<Job> job) {
  boost::asio::post(*threads_, [this, job = std::move(job)]() mutable {
    job->work();
    const auto way_back = job->way_back.allocator();
    boost::asio::post(io_, boost::asio::bind_allocator(way_back, [this, job = std::move(job)] {
                        const Finish finish(*this, job->account);
                        job->then();
                      }));
  });
}

void Crew::finish(const std::string& account) {
  const auto known = accounts_.find(account);
  --known->second.running;
  --running_;
  --inside_;
  if (known->second.inside() == 0) accounts_.erase(known);
  start_next();
}

}  // namespace pawprint::net
