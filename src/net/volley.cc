#include "net/volley.h"

#include <algorithm>
#include <utility>

#include "net/send_ring.h"
#include "net/write_queue.h"

namespace pawprint::net {

Volley::Volley() : Volley(SendRing::open()) {}

Volley::Volley(std::unique_ptr<SendRing> ring) : ring_(std::move(ring)) {}

Volley::~Volley() {
  go();
}

void Volley::add(std::shared_ptr<WriteQueue> queue, std::shared_ptr<SocketEvents> events) {
  members_.push_back({std::move(queue), std::move(events)});
}

bool Volley::is_full() const {
  return members_.size() >= SendRing::kMost;
}

void Volley::go() {
  // In one order, so that two that hold some of the same sockets do not wait for each other; each once.
  const auto queue_of = [](const Member& member) { return member.queue.get(); };
  std::ranges::sort(members_, {}, queue_of);
  const auto repeated = std::ranges::unique(members_, {}, queue_of);
  members_.erase(repeated.begin(), repeated.end());
  write();
  const auto members = std::exchange(members_, {});
  for (const Member& member : members) {
    if (member.has_all) member.events->sent();
  }
}

// With the turns of all of them, so that no descriptor is closed and no frame comes in between.
void Volley::write() {
  std::vector<WriteQueue::Turn> turns;
  std::vector<SendRing::Send> sends;
  turns.reserve(members_.size());
  sends.reserve(members_.size());
  for (const Member& member : members_) {
    const auto& turn = turns.emplace_back(*member.queue);
    sends.push_back({turn.descriptor(), turn.first()});
  }
  if (ring_ != nullptr) ring_->send(sends);
  for (std::size_t i = 0; i < members_.size(); ++i) members_[i].has_all = turns[i].settle(sends[i].taken);
}

}  // namespace pawprint::net
