// The part of LiveSocket that deals with what its client sends.
#include "hub/board/events_page.h"
#include "hub/live/event_answers.h"
#include "hub/live/frames.h"
#include "hub/live/live_socket.h"

namespace pawprint::hub::live {
namespace {

constexpr int kFarewellMs = 2'000;

}  // namespace

// Everything that waits, in order; events that stand side by side share one write.
void LiveSocket::take_in() {
  for (;;) {
    std::deque<std::string> messages;
    {
      const Lock lock(mutex_);
      messages.swap(inbox_);
      inbox_bytes_ = 0;
      if (messages.empty()) {
        is_taking_in_ = false;
        return;
      }
      read_on();
    }
    std::vector<std::string> events;
    for (std::string& text : messages) {
      if (!handle(text, events)) return;
    }
    if (!flush_events(events)) return;
  }
}

// False: the socket is ended.
bool LiveSocket::handle(const std::string& text, std::vector<std::string>& events) {
  const Incoming incoming = classify(text);
  if (std::holds_alternative<Event>(incoming)) {
    events.push_back(text);
    return true;
  }
  if (!flush_events(events)) return false;
  if (const auto* wanted = std::get_if<Subscribe>(&incoming)) subscribe(*wanted);
  if (const auto* bad = std::get_if<BadFrame>(&incoming)) {
    const Lock lock(mutex_);
    send_text(verdict_text({std::nullopt, protocol::VerdictStatus::error, bad->why, "malformed"}));
  }
  return true;
}

bool LiveSocket::flush_events(std::vector<std::string>& events) {
  if (events.empty()) return true;
  if (settled_ != doubts_ && !look_again()) return false;
  auto answers = ingest_events(shared_.services.ingest, principal_, events);
  events.clear();
  const Lock lock(mutex_);
  if (!answers) {
    end_locked(net::kCloseTryLater, answers.error(), kFarewellMs);
    return false;
  }
  send(std::make_shared<const std::string>(std::move(*answers)));
  return true;
}

void LiveSocket::subscribe(const Subscribe& wanted) {
  if (clock_only_) return;
  store::Store& store = shared_.services.store;
  Result<board::Cursor> from = board::Cursor{};
  if (wanted.since) from = board::resume(store, stream_->team_id(), *wanted.since);
  const Lock lock(mutex_);
  if (!from && from.error().kind != ErrorKind::invalid) {
    return end_locked(net::kCloseTryLater, "the hub cannot read its store now", kFarewellMs);
  }
  const bool had_projects = projects_.has_value();
  if (wanted.projects) projects_ = wanted.projects;
  if (!from) {
    resync_reason_ = from.error().message;
    return ask_for_snapshot();
  }
  const bool has_it_all = from->seq >= began_ && from->seq <= place_.seq && !wanted.projects && !had_projects;
  if (wanted.since && !has_it_all) {
    place_ = {from->seq, from->body_hash};
    began_ = from->seq;
  }
  advance_locked();
}

}  // namespace pawprint::hub::live
