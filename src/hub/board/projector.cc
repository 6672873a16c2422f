#include "hub/board/projector.h"

#include <chrono>

namespace pawprint::hub::board {
namespace {

// Before a team that is up with its log is looked at again, when no other waits: what comes meanwhile shares
// the next step's pages and sync. Nobody waits for it, as readers take in what is missing themselves. A team
// that is behind gets no rest: what its board has not taken in yet leaves the memory, and then costs reading.
constexpr std::chrono::milliseconds kRest{100};

}  // namespace

Projector::Projector(Board& board, std::vector<std::string> teams, Failed failed)
    : board_(board),
      failed_(std::move(failed)),
      waiting_(teams.begin(), teams.end()),
      thread_([this] { run(); }) {}

Projector::~Projector() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void Projector::wake(std::string_view team_id) {
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_.emplace(team_id).second) return;
  }
  woken_.notify_one();
}

void Projector::tell(const std::string& team_id, const Result<bool>& advanced) {
  if (advanced) {
    told_.erase(team_id);
  } else if (std::string& told = told_[team_id]; told != advanced.error().message) {
    told = advanced.error().message;
    if (failed_) failed_(advanced.error());
  }
}

void Projector::run() {
  std::string last;
  std::unique_lock lock(mutex_);
  for (;;) {
    woken_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    auto next = waiting_.upper_bound(last);  // each team in its turn
    if (next == waiting_.end()) next = waiting_.begin();
    last = *next;
    waiting_.erase(next);
    lock.unlock();
    const auto more = board_.advance(last);
    tell(last, more);
    lock.lock();
    if (more && *more) {
      waiting_.insert(last);
      continue;
    }
    woken_.wait_for(lock, kRest, [&] { return stopping_ || waiting_.size() > waiting_.count(last); });
  }
}

}  // namespace pawprint::hub::board
