#include "hub/live/live_socket.h"

#include <utility>

#include "base/sabotage.h"
#include "hub/live/frames.h"

namespace pawprint::hub::live {
namespace {

constexpr std::size_t kMaxInbox = 64;
constexpr std::size_t kMaxInboxBytes = 1U << 20;
constexpr int kFarewellMs = 2'000;

}  // namespace

LiveSocket::LiveSocket(LiveShared& shared, std::shared_ptr<TeamStream> stream, identity::Principal principal,
                       bool clock_only)
    : shared_(shared),
      stream_(std::move(stream)),
      clock_only_(clock_only),
      principal_(std::move(principal)) {}

LiveSocket::~LiveSocket() {
  stream_->let_go();
}

void LiveSocket::post(void (LiveSocket::*job)()) {
  shared_.crew.post([self = shared_from_this(), job] { (self.get()->*job)(); });
}

void LiveSocket::opened(std::shared_ptr<net::WebSocket> socket) {
  {
    const Lock lock(mutex_);
    socket_ = std::move(socket);
    pinged_ms_ = heard_ms_ = looked_ms_ = shared_.services.clock.monotonic_ms();
  }
  stream_->join(shared_from_this());
  post(&LiveSocket::look_again_soon);  // what was revoked before it joined was told to nobody
  if (shared_.stopping) return end(net::kCloseGoingAway, "the hub is stopping");
  clock_only_ ? post(&LiveSocket::begin_clock) : ask_for_snapshot();
}

void LiveSocket::begin_clock() {
  const auto highest = shared_.services.store.log().highest_lamport(stream_->team_id());
  const Lock lock(mutex_);
  if (!highest) return end_locked(net::kCloseTryLater, "the hub cannot read its store now", kFarewellMs);
  clock_told_ = *highest;
  clock_told_ms_ = shared_.services.clock.monotonic_ms();
  send_text(snapshot_text({}, cursor_text(shared_.services.store, {}), false));
  send_text(clock_text(*highest));
  read_on();
}

// After joining, and after a cursor was looked at: what is stored later follows it. Its jobs take turns with
// all others, so that a long log that is folded keeps a thread of the crew for a step at a time.
void LiveSocket::ask_for_snapshot() {
  if (stream_->wait_for_snapshot(shared_from_this())) make_snapshot(shared_, stream_);
}

void LiveSocket::make_snapshot(LiveShared& shared, std::shared_ptr<TeamStream> stream) {
  shared.crew.post([&shared, stream = std::move(stream)] {
    if (!stream->make_snapshot()) make_snapshot(shared, stream);
  });
}

void LiveSocket::take_snapshot(const Result<Snapshot>& snapshot) {
  const Lock lock(mutex_);
  if (socket_ == nullptr) return;
  if (!snapshot) return end_locked(net::kCloseTryLater, "the hub cannot read its store now", kFarewellMs);
  if (const auto reason = std::exchange(resync_reason_, std::nullopt)) {
    send_text(resync_text(*reason, cursor_text(shared_.services.store, snapshot->place)));
  }
  heard_ms_ = shared_.services.clock.monotonic_ms();  // until now nobody read what it answered
  begin_at(*snapshot);
  read_on();
}

void LiveSocket::begin_at(const Snapshot& snapshot) {
  send(snapshot.frames);
  place_ = snapshot.place;
  began_ = place_.seq;
  in_flight_ = nullptr;
  is_streaming_ = true;
  advance_locked();
}

bool LiveSocket::send(net::Frames frames) {
  if (socket_ == nullptr) return false;
  if (socket_->send(std::move(frames))) return true;
  wait_until_sent();
  return false;
}

void LiveSocket::wait_until_sent() {
  if (!is_waiting_) {
    stuck_ms_ = shared_.services.clock.monotonic_ms();
    untaken_bytes_ = 0;
  }
  is_waiting_ = true;
}

void LiveSocket::send_text(std::string_view text) {
  send(std::make_shared<const std::string>(net::text_frame(text)));
}

void LiveSocket::sent() {
  const Lock lock(mutex_);
  is_waiting_ = socket_ != nullptr && !socket_->has_sent_all();  // an answer may have joined meanwhile
  advance_locked();
  read_on();
}

// Nearly all are at the end, and `newest` is all that they need.
void LiveSocket::advance(const SharedChunk& newest, net::Volley& volley) {
  const Lock lock(mutex_);
  if (can_deliver() && !newest->marks.empty() && newest->after_seq == place_.seq) {
    deliver_from(newest, &volley);
  }
  advance_locked();
}

bool LiveSocket::can_deliver() const {
  return is_streaming_ && (!is_waiting_ || sabotaged("slow-served-on")) && !is_catching_up_ &&
         socket_ != nullptr;
}

void LiveSocket::advance_locked() {
  while (can_deliver() && !stream_->is_at_end(place_.seq)) {
    const TeamStream::Next next = stream_->after(place_.seq);
    if (next.at_end) return;
    if (next.chunk == nullptr) {
      is_catching_up_ = true;
      return post(&LiveSocket::catch_up);
    }
    deliver_from(next.chunk);
  }
}

void LiveSocket::catch_up() {
  std::uint64_t from = 0;
  {
    const Lock lock(mutex_);
    from = place_.seq;
  }
  auto chunk = read_chunk(shared_.services.store, stream_->team_id(), from);
  const Lock lock(mutex_);
  is_catching_up_ = false;
  if (!chunk) return end_locked(net::kCloseTryLater, "the hub cannot read its store now", kFarewellMs);
  if (is_streaming_ && place_.seq == from && *chunk != nullptr) deliver_from(*chunk);
  // Without any, the stream says when there is more, unless it has just done so.
  if (*chunk != nullptr || stream_->is_behind_end(place_.seq)) advance_locked();
}

void LiveSocket::deliver_from(const SharedChunk& chunk, net::Volley* volley) {
  const Place before = place_;
  const bool whole = !projects_ && chunk->after_seq >= place_.seq;
  const SharedChunk wanted = whole ? chunk : part_of(*chunk, place_.seq, projects_);
  place_ = chunk->last();
  if (wanted->marks.empty()) return;
  before_in_flight_ = before;
  in_flight_ = wanted;
  if (volley == nullptr) {
    send(wanted->frames);
  } else {
    socket_->send_with(*volley, wanted->frames, shared_from_this());
    wait_until_sent();
  }
}

void LiveSocket::closed() {
  {
    const Lock lock(mutex_);
    socket_ = nullptr;
    is_streaming_ = false;
    in_flight_ = nullptr;
    inbox_.clear();
  }
  stream_->leave(shared_from_this());
}

void LiveSocket::end(std::uint16_t code, std::string_view reason) {
  const Lock lock(mutex_);
  end_locked(code, reason, kFarewellMs);
}

void LiveSocket::end_locked(std::uint16_t code, std::string_view reason, int grace_ms) {
  is_streaming_ = false;
  if (socket_ != nullptr) socket_->close(code, reason, grace_ms);
}

void LiveSocket::tell_clock(std::uint64_t value, std::int64_t now_ms) {
  constexpr std::int64_t kBetweenMs = 1'000;
  const Lock lock(mutex_);
  if (is_waiting_ || value <= clock_told_ || now_ms - clock_told_ms_ < kBetweenMs) return;
  clock_told_ = value;
  clock_told_ms_ = now_ms;
  send_text(clock_text(value));
}

void LiveSocket::received(std::string text) {
  const Lock lock(mutex_);
  is_reading_ = false;
  heard_ms_ = shared_.services.clock.monotonic_ms();
  if (shared_.stopping) return;
  inbox_bytes_ += text.size();
  inbox_.push_back(std::move(text));
  if (!is_taking_in_) {
    is_taking_in_ = true;
    post(&LiveSocket::take_in);
  }
  read_on();
}

// The client is not read from while it does not take its answers, or the disk is slower than it is.
void LiveSocket::read_on() {
  if (is_reading_ || is_waiting_ || socket_ == nullptr) return;
  if (inbox_.size() >= kMaxInbox || inbox_bytes_ >= kMaxInboxBytes) return;
  is_reading_ = true;
  socket_->read_more();
}

}  // namespace pawprint::hub::live
