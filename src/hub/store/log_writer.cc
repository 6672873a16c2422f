#include "hub/store/log_writer.h"

#include <chrono>
#include <thread>

#include "base/failpoint.h"
#include "base/sabotage.h"
#include "hub/store/log_append.h"

namespace pawprint::hub::store {
namespace {

// What was stored of `events`, whose texts go along. A body that keeps much more than what was stored is
// copied.
SharedEvents logged(std::vector<NewEvent>& events, const Appended& appended, std::int64_t now_ms) {
  std::size_t count = 0, bytes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (appended.outcomes[i] != AppendOutcome::stored) continue;
    ++count;
    bytes += events[i].body.size();
  }
  const auto all = std::make_shared<std::vector<LoggedEvent>>();
  all->reserve(count);
  SharedEvents logged;
  logged.reserve(count);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (appended.outcomes[i] != AppendOutcome::stored) continue;
    NewEvent& event = events[i];
    if (event.body.kept_bytes() > 2 * bytes) event.body = std::string(event.body);
    all->push_back({appended.first_seq + all->size(), now_ms, std::move(event.event_id),
                    std::move(event.project_uuid), std::move(event.node_id), event.lamport,
                    std::move(event.body), event.body_hash, std::move(event.meaning)});
    logged.emplace_back(all, &all->back());
  }
  return logged;
}

}  // namespace

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
  if (sabotaged("ack-before-commit")) {
    tell(group);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // and the answers are on their way
  }
  failpoint("hub-append-before-commit");
  PAW_TRY(committed, write.commit());
  failpoint("hub-append-committed");
  return grown;
}

// What the group has stored, which needs its events no more.
void LogWriter::keep(Group& group, std::int64_t now_ms) {
  for (Submission& each : group) {
    if (!each.appended || each.appended->outcomes.size() != each.events.size()) continue;
    tail_.add(each.team_id, logged(each.events, *each.appended, now_ms));
  }
}

void LogWriter::tell(Group& group) {
  for (Submission& each : group) {
    if (each.done) std::exchange(each.done, nullptr)(std::move(each.appended));
  }
}

}  // namespace pawprint::hub::store
