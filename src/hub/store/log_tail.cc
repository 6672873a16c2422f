#include "hub/store/log_tail.h"

#include <algorithm>

namespace pawprint::hub::store {
namespace {

constexpr std::uint64_t kBytesBesideBody = 1024;  // about; mostly its meaning

std::uint64_t bytes_of(const SharedEvents& events) {
  std::uint64_t bytes = 0;
  for (const auto& event : events) bytes += kBytesBesideBody + event->body.size();
  return bytes;
}

}  // namespace

void LogTail::add(const std::string& team_id, SharedEvents events) {
  if (events.empty()) return;
  const std::lock_guard lock(mutex_);
  Kept& kept = teams_[team_id];
  if (!kept.empty() && kept.back()->seq + 1 != events.front()->seq) kept.clear();
  additions_.push_back({team_id, events.size(), bytes_of(events)});
  bytes_ += additions_.back().bytes;
  std::ranges::move(events, std::back_inserter(kept));
  while (bytes_ > max_bytes_ && additions_.size() > 1) drop_oldest();
}

void LogTail::drop_oldest() {
  const Addition& oldest = additions_.front();
  bytes_ -= oldest.bytes;
  const auto team = teams_.find(oldest.team_id);
  if (team != teams_.end()) {  // else it had a gap, and went early
    Kept& kept = team->second;
    const std::size_t gone = std::min(oldest.events, kept.size());
    kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(gone));
    if (kept.empty()) teams_.erase(team);
  }
  additions_.pop_front();
}

SharedEvents LogTail::read(std::string_view team_id, std::uint64_t after_seq, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  const auto team = teams_.find(team_id);
  if (team == teams_.end()) return {};
  const Kept& kept = team->second;
  if (after_seq >= kept.back()->seq || after_seq + 1 < kept.front()->seq) return {};
  const auto first = kept.begin() + static_cast<std::ptrdiff_t>(after_seq + 1 - kept.front()->seq);
  const auto there = static_cast<std::size_t>(kept.end() - first);
  return SharedEvents(first, first + static_cast<std::ptrdiff_t>(std::min(limit, there)));
}

}  // namespace pawprint::hub::store
