// The part of LiveSocket that ends who does not answer, lags, or may not be here any more.
#include <algorithm>
#include <utility>

#include "base/sabotage.h"
#include "hub/live/frames.h"
#include "hub/live/live_socket.h"

namespace pawprint::hub::live {
namespace {

constexpr std::int64_t kPingMs = 20'000;
constexpr std::int64_t kLookAgainMs = 30'000;
constexpr std::int64_t kStuckMs = 2'000;
constexpr std::uint64_t kMaxBytesBehind = 1U << 20;
constexpr std::uint16_t kCloseLagged = 4008;
constexpr int kFarewellMs = 2'000;
constexpr int kLaggedFarewellMs = 30'000;  // for a slow one to learn where it was

}  // namespace

void LiveSocket::look_after(std::int64_t now_ms) {
  const Lock lock(mutex_);
  if (socket_ == nullptr) return;
  look_after_taking(now_ms);
  look_after_lag(now_ms);
  look_after_ping(now_ms);
  if (now_ms - looked_ms_ < kLookAgainMs) return;
  looked_ms_ = now_ms;
  post(&LiveSocket::look_again_soon);
}

void LiveSocket::doubt() {
  ++doubts_;
  post(&LiveSocket::look_again_soon);
}

void LiveSocket::look_again_soon() {
  if (look_again()) return;
}

// False: the socket is ended.
bool LiveSocket::look_again() {
  const std::uint64_t doubts = doubts_;
  const auto now = shared_.services.access.look_again(principal_);
  const Lock lock(mutex_);
  if (now && now->role == principal_.role) {
    settled_ = std::max<std::uint64_t>(settled_, doubts);
    return true;
  }
  if (now) {
    end_locked(net::kClosePolicy, "the role has changed: connect again", kFarewellMs);
  } else if (now.error().why == access::Denial::rejected) {
    end_locked(net::kClosePolicy, "not allowed any more", kFarewellMs);
  } else {
    end_locked(net::kCloseTryLater, "the hub cannot read its store now", kFarewellMs);
  }
  return false;
}

void LiveSocket::look_after_ping(std::int64_t now_ms) {
  if (now_ms - pinged_ms_ < kPingMs) return;
  const bool silent = pinged_ms_ > 0 && heard_ms_ < pinged_ms_;
  if (silent && (is_reading_ || is_waiting_)) {
    return end_locked(net::kClosePolicy, "no pong", kFarewellMs);
  }
  pinged_ms_ = now_ms;
  if (!is_waiting_) send_text(ping_text(rfc3339_utc(shared_.services.clock.unix_ms())));
}

// Who takes some is there: a ping may stand behind all that it has not taken yet, and it is not read from
// while it has to be waited for.
void LiveSocket::look_after_taking(std::int64_t now_ms) {
  const std::uint64_t before = std::exchange(untaken_bytes_, socket_->untaken_bytes());
  if (untaken_bytes_ < before && !sabotaged("slow-taken-for-still")) heard_ms_ = stuck_ms_ = now_ms;
}

void LiveSocket::look_after_lag(std::int64_t now_ms) {
  if (!is_streaming_ || !is_waiting_) return;
  if (now_ms - stuck_ms_ < kStuckMs) return;
  if (stream_->bytes_behind(place_.seq) <= kMaxBytesBehind) return;
  cut_off();
}

// It hears up to where it has everything.
void LiveSocket::cut_off() {
  Place reached = place_;
  if (in_flight_ != nullptr) {
    const std::size_t kept = socket_->abandon(in_flight_->frames);
    if (kept < in_flight_->frames->size()) reached = before_in_flight_;
    for (const Mark& mark : in_flight_->marks) {
      if (mark.end <= kept) reached = kept < in_flight_->frames->size() ? mark.place : place_;
    }
  }
  send_text(lagged_text(cursor_text(shared_.services.store, reached)));
  end_locked(kCloseLagged, "the reader is too slow", kLaggedFarewellMs);
}

}  // namespace pawprint::hub::live
