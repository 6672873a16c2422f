#include <condition_variable>
#include <mutex>
#include <set>

#include "hub/fanout/fanout.h"

namespace pawprint::hub::fanout {
namespace {

// A listener's hints until it takes them: one per team, so bounded by the number of teams.
class Mailbox {
 public:
  void put(std::string_view team_id) {
    {
      const std::scoped_lock lock(mutex_);
      if (!grown_.contains(team_id)) grown_.emplace(team_id);
    }
    filled_.notify_one();
  }

  void wake() {
    {
      const std::scoped_lock lock(mutex_);
      woken_ = true;
    }
    filled_.notify_one();
  }

  std::vector<std::string> take(std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    filled_.wait_for(lock, longest, [this] { return woken_ || !grown_.empty(); });
    woken_ = false;
    std::vector<std::string> teams(grown_.begin(), grown_.end());
    grown_.clear();
    return teams;
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::set<std::string, std::less<>> grown_;
  bool woken_ = false;
};

class LocalFanout final : public Fanout {
 public:
  void grown(std::string_view team_id) override {
    const std::scoped_lock lock(mutex_);
    for (Mailbox* mailbox : mailboxes_) mailbox->put(team_id);
  }
  std::unique_ptr<Listener> listen() override;

  void add(Mailbox* mailbox) {
    const std::scoped_lock lock(mutex_);
    mailboxes_.insert(mailbox);
  }
  void remove(Mailbox* mailbox) {
    const std::scoped_lock lock(mutex_);
    mailboxes_.erase(mailbox);
  }

 private:
  std::mutex mutex_;
  std::set<Mailbox*> mailboxes_;
};

class LocalListener final : public Listener {
 public:
  explicit LocalListener(LocalFanout& fanout) : fanout_(fanout) { fanout_.add(&mailbox_); }
  ~LocalListener() override { fanout_.remove(&mailbox_); }
  std::vector<std::string> wait(std::chrono::milliseconds longest) override { return mailbox_.take(longest); }
  void wake() override { mailbox_.wake(); }

 private:
  LocalFanout& fanout_;
  Mailbox mailbox_;
};

std::unique_ptr<Listener> LocalFanout::listen() {
  return std::make_unique<LocalListener>(*this);
}

}  // namespace

std::unique_ptr<Fanout> make_local_fanout() {
  return std::make_unique<LocalFanout>();
}

}  // namespace pawprint::hub::fanout
