#include "hub/live/team_stream.h"

#include <algorithm>
#include <utility>

#include "base/sabotage.h"
#include "hub/live/frames.h"
#include "hub/live/live_socket.h"

namespace pawprint::hub::live {
namespace {

constexpr std::size_t kKeptBytes = 4U << 20;
constexpr std::size_t kMaxCards = 2000;
constexpr std::int64_t kSnapshotAgeMs = 250;

}  // namespace

bool TeamStream::let_in(std::size_t most) {
  if (inside_++ < most) return true;
  --inside_;
  return false;
}

void TeamStream::join(const std::shared_ptr<LiveSocket>& socket) {
  const std::scoped_lock lock(mutex_);
  joined_.insert(socket);
  sockets_ = nullptr;
}

void TeamStream::leave(const std::shared_ptr<LiveSocket>& socket) {
  const std::scoped_lock lock(mutex_);
  joined_.erase(socket);
  waiting_.erase(socket);
  sockets_ = nullptr;
}

std::shared_ptr<const TeamStream::Sockets> TeamStream::sockets() {
  const std::scoped_lock lock(mutex_);
  if (sockets_ == nullptr) {
    auto made = std::make_shared<Sockets>();
    for (const auto& socket : joined_) {
      made->all.push_back(socket);
      if (socket->wants_clock()) made->for_clock.push_back(socket);
    }
    sockets_ = std::move(made);
  }
  return sockets_;
}

Result<SharedChunk> TeamStream::grow() {
  if (!has_tail_) {  // what was there before the first socket is read by those who want it
    PAW_TRY(head, store_.log().head(team_id_));
    const std::scoped_lock lock(mutex_);
    tail_ = end_ = head;
    has_tail_ = true;
    return std::make_shared<const Chunk>();
  }
  std::uint64_t from = tail_;
  if (sabotaged("serial-cursor")) {  // the newest number says what is new
    PAW_TRY(head, store_.log().head(team_id_));
    if (head > from) from = head - 1;
  }
  auto chunk = read_chunk(store_, team_id_, from);
  const std::scoped_lock lock(mutex_);
  if (!chunk && chunk.error().kind != ErrorKind::busy) has_tail_ = false;
  if (!chunk || *chunk == nullptr) return chunk;
  keep(*chunk);
  return chunk;
}

void TeamStream::keep(SharedChunk chunk) {
  tail_ = end_ = chunk->last().seq;
  kept_bytes_ += chunk->frames->size();
  kept_.push_back(std::move(chunk));
  while (kept_bytes_ > kKeptBytes && kept_.size() > 1) {
    kept_bytes_ -= kept_.front()->frames->size();
    kept_.pop_front();
  }
}

TeamStream::Next TeamStream::after(std::uint64_t seq) {
  const std::scoped_lock lock(mutex_);
  if (has_tail_ && seq >= tail_) return {nullptr, true};
  const auto found =
      std::ranges::upper_bound(kept_, seq, {}, [](const SharedChunk& chunk) { return chunk->last().seq; });
  if (found == kept_.end()) return {};
  if (!sabotaged("serial-cursor") && (*found)->after_seq > seq) return {};
  return {*found, false};
}

std::uint64_t TeamStream::bytes_behind(std::uint64_t seq) {
  const std::scoped_lock lock(mutex_);
  std::uint64_t bytes = 0;
  for (auto chunk = kept_.rbegin(); chunk != kept_.rend() && (*chunk)->last().seq > seq; ++chunk) {
    bytes += (*chunk)->frames->size();
  }
  return bytes;
}

Result<Snapshot> TeamStream::snapshot() {
  const std::scoped_lock lock(snapshot_mutex_);
  const std::int64_t now_ms = clock_.monotonic_ms();
  if (snapshot_.frames != nullptr) {
    PAW_TRY(head, store_.log().head(team_id_));
    if (snapshot_.place.seq == head || now_ms - snapshot_made_ms_ < kSnapshotAgeMs) return snapshot_;
  }
  PAW_TRY(caught_up, board_.catch_up(team_id_));
  PAW_TRY(cards, store_.boards().all_cards(team_id_, kMaxCards + 1));
  const bool truncated = cards.cards.size() > kMaxCards;
  if (truncated) cards.cards.pop_back();
  const std::string text = snapshot_text(cards, cursor_text(store_, cards.position), truncated);
  snapshot_ = {std::make_shared<const std::string>(net::text_frame(text)), cards.position};
  snapshot_made_ms_ = now_ms;
  return snapshot_;
}

bool TeamStream::wait_for_snapshot(const std::shared_ptr<LiveSocket>& socket) {
  const std::scoped_lock lock(mutex_);
  waiting_.insert(socket);
  return !std::exchange(is_making_, true);
}

bool TeamStream::make_snapshot() {
  {
    const std::scoped_lock lock(mutex_);
    is_making_ = !waiting_.empty();
    if (!is_making_) {
      goal_ = 0;
      return true;
    }
  }
  const auto more = fold_on();
  if (more && *more) return false;
  const auto made = more ? snapshot() : std::unexpected(more.error());
  goal_ = 0;
  std::set<std::shared_ptr<LiveSocket>> waiting;
  {
    const std::scoped_lock lock(mutex_);
    waiting.swap(waiting_);
    is_making_ = false;
  }
  for (const auto& socket : waiting) socket->take_snapshot(made);
  return true;
}

// Towards the end that the log had when it began, so that a log that grows does not keep them waiting for
// ever. false: the board is there.
Result<bool> TeamStream::fold_on() {
  if (goal_ == 0) {
    PAW_TRY(head, store_.log().head(team_id_));
    goal_ = head;
  }
  PAW_TRY(more, board_.advance(team_id_));
  if (!more) return false;
  PAW_TRY(position, store_.boards().position(team_id_));
  return position.seq < goal_;
}

}  // namespace pawprint::hub::live
