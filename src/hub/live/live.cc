#include "hub/live/live.h"

#include <algorithm>

namespace pawprint::hub::live {
namespace {

constexpr unsigned kThreads = 8;  // they wait for the disk, and share its writes
constexpr std::chrono::milliseconds kPollTime{250};

}  // namespace

Live::Live(const LiveServices& services, fanout::Fanout& fanout)
    : shared_{services, JobCrew(kThreads)}, listener_(fanout.listen()), thread_([this] { run(); }) {}

std::shared_ptr<net::SocketEvents> Live::open(const identity::Principal& principal, bool clock_only) {
  if (shared_.stopping) return nullptr;
  auto stream = stream_of(principal.team_id);
  if (!stream->let_in(shared_.services.max_sockets_of_team)) return nullptr;
  return std::make_shared<LiveSocket>(shared_, std::move(stream), principal, clock_only);
}

std::shared_ptr<TeamStream> Live::stream_of(const std::string& team_id) {
  const std::scoped_lock lock(mutex_);
  std::weak_ptr<TeamStream>& known = streams_[team_id];
  auto stream = known.lock();
  if (stream == nullptr) {
    stream = std::make_shared<TeamStream>(shared_.services.store, shared_.services.board,
                                          shared_.services.clock, team_id);
    known = stream;
  }
  return stream;
}

std::vector<std::shared_ptr<TeamStream>> Live::streams() {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<TeamStream>> alive;
  std::erase_if(streams_, [&](const auto& entry) {
    auto stream = entry.second.lock();
    if (stream != nullptr) alive.push_back(std::move(stream));
    return entry.second.expired();
  });
  return alive;
}

void Live::run() {
  std::int64_t polled_ms = 0;
  while (!shared_.stopping) {
    const auto hints = listener_->wait(kPollTime);
    const std::int64_t now_ms = shared_.services.clock.monotonic_ms();
    const bool polls = hints.empty() || now_ms - polled_ms >= kPollTime.count();
    if (polls) polled_ms = now_ms;
    for (const auto& stream : streams()) {
      if (polls || std::ranges::find(hints, stream->team_id()) != hints.end()) grow(*stream);
    }
    if (polls) look_after_all();
  }
}

// A store that is busy is asked again at the next turn.
void Live::grow(TeamStream& stream) {
  for (;;) {
    if (stream.sockets()->all.empty()) return;
    const auto grown = stream.grow();
    if (!grown) {
      if (grown.error().kind != ErrorKind::busy) end_watchers(stream, grown.error());
      break;
    }
    told_.erase(stream.team_id());
    if (*grown == nullptr) break;
    // Asked for now: who joins later begins with what has just grown.
    const auto sockets = stream.sockets();
    for (const auto& socket : sockets->all) {
      socket->advance(*grown, volley_);
      if (volley_.is_full()) volley_.go();
    }
    volley_.go();
  }
  tell_clocks(stream);
}

// Machines stay: they read no events.
void Live::end_watchers(TeamStream& stream, const Error& why) {
  const auto sockets = stream.sockets();
  for (const auto& socket : sockets->all) {
    if (!socket->wants_clock()) socket->end(net::kCloseTryLater, "the hub cannot read its store now");
  }
  std::string& told = told_[stream.team_id()];
  if (told == why.message) return;
  told = why.message;
  if (shared_.services.cannot_read) shared_.services.cannot_read(why);
}

void Live::tell_clocks(TeamStream& stream) {
  const auto sockets = stream.sockets();
  if (sockets->for_clock.empty()) return;
  const auto value = shared_.services.store.log().highest_lamport(stream.team_id());
  if (!value) return;
  const std::int64_t now_ms = shared_.services.clock.monotonic_ms();
  for (const auto& socket : sockets->for_clock) socket->tell_clock(*value, now_ms);
}

void Live::look_after_all() {
  const std::int64_t now_ms = shared_.services.clock.monotonic_ms();
  for (const auto& stream : streams()) {
    const auto sockets = stream->sockets();  // held: whoever comes or goes has another list made
    for (const auto& socket : sockets->all) socket->look_after(now_ms);
  }
}

void Live::look_again_at(std::string_view user_id) {
  for (const auto& stream : streams()) {
    const auto sockets = stream->sockets();
    for (const auto& socket : sockets->all) {
      if (socket->is_of(user_id)) socket->doubt();
    }
  }
}

void Live::look_again_at_all() {
  for (const auto& stream : streams()) {
    const auto sockets = stream->sockets();
    for (const auto& socket : sockets->all) socket->doubt();
  }
}

void Live::stop() {
  if (shared_.stopping.exchange(true)) return;
  listener_->wake();
  thread_.join();
  shared_.crew.stop();
  for (const auto& stream : streams()) {
    const auto sockets = stream->sockets();
    for (const auto& socket : sockets->all) socket->end(net::kCloseGoingAway, "the hub is stopping");
  }
}

}  // namespace pawprint::hub::live
