#include "hub/store/log_writer.h"

#include "base/failpoint.h"
#include "base/sabotage.h"
#include "hub/store/log_append.h"

namespace pawprint::hub::store {

LogWriter::LogWriter(Database& database, LogTail& tail, Limits limits)
    : database_(database), tail_(tail), limits_(limits), thread_([this] { run(); }) {}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  handed_in_.notify_one();
  thread_.join();
}

void LogWriter::submit(std::string team_id, std::vector<NewEvent> events, Log::Done done) {
  {
    const std::lock_guard lock(mutex_);
    auto& queue = waiting_[team_id];
    queue.push_back({std::move(team_id), std::move(events), std::move(done)});
  }
  handed_in_.notify_one();
}

void LogWriter::on_growth(Log::Grown grown) {
  const std::lock_guard lock(growth_mutex_);
  grown_ = std::move(grown);
}

void LogWriter::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      handed_in_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
    }
    auto begun = database_.write();  // others may be writing: what comes meanwhile goes along
    Group group = take_group();
    const std::int64_t now_ms = database_.clock().unix_ms();
    const auto grown = begun ? append(std::move(*begun), now_ms, group) : std::unexpected(begun.error());
    if (!grown) {
      for (Submission& each : group) each.appended = std::unexpected(grown.error());
    }
    keep(group, now_ms);
    tell(group);
    const std::lock_guard lock(growth_mutex_);
    if (!grown || !grown_) continue;
    for (const std::string& team_id : *grown) grown_(team_id);
  }
}

LogWriter::Group LogWriter::take_group() {
  const std::lock_guard lock(mutex_);
  Group group;
  std::size_t events = 0;
  std::uint64_t bytes = 0;
  while (!waiting_.empty()) {
    auto next = waiting_.upper_bound(last_team_);
    if (next == waiting_.end()) next = waiting_.begin();
    Submission& first = next->second.front();
    std::uint64_t more_bytes = 0;
    for (const NewEvent& event : first.events) more_bytes += event.body.size();
    const bool fits =
        events + first.events.size() <= limits_.max_events && bytes + more_bytes <= limits_.max_bytes;
    if (!group.empty() && !fits) break;
    events += first.events.size();
    bytes += more_bytes;
    last_team_ = next->first;
    group.push_back(std::move(first));
    next->second.pop_front();
    if (next->second.empty()) waiting_.erase(next);
  }
  return group;
}

Result<std::vector<std::string>> LogWriter::append(Write write, std::int64_t now_ms, Group& group) {
  std::vector<std::string> grown;
  {
    PAW_TRY(log, LogAppend::begin(write, now_ms));
    for (Submission& each : group) {
      each.appended = log.add(each.team_id, each.events);
      if (each.appended || each.appended.error().kind == ErrorKind::failed) continue;
      return std::unexpected(each.appended.error());
    }
    PAW_TRY(saved, log.save_heads());
    grown = log.grown_teams();
  }
  if (sabotaged("ack-before-commit")) tell(group);
  failpoint("hub-append-before-commit");
  PAW_TRY(committed, write.commit());
  failpoint("hub-append-committed");
  return grown;
}

// What the group has stored, which needs its events no more.
void LogWriter::keep(Group& group, std::int64_t now_ms) {
  for (Submission& each : group) {
    if (!each.appended || each.appended->outcomes.size() != each.events.size()) continue;
    std::uint64_t seq = each.appended->first_seq;
    SharedEvents stored;
    for (std::size_t i = 0; i < each.events.size(); ++i) {
      if (each.appended->outcomes[i] != AppendOutcome::stored) continue;
      NewEvent& event = each.events[i];
      stored.push_back(std::make_shared<const LoggedEvent>(
          LoggedEvent{seq++, now_ms, std::move(event.event_id), std::move(event.project_uuid),
                      std::move(event.body), event.body_hash, std::move(event.meaning)}));
    }
    tail_.add(each.team_id, std::move(stored));
  }
}

void LogWriter::tell(Group& group) {
  for (Submission& each : group) {
    if (each.done) std::exchange(each.done, nullptr)(std::move(each.appended));
  }
}

}  // namespace pawprint::hub::store
