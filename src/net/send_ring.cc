#include "net/send_ring.h"

#include <liburing.h>
#include <sys/socket.h>

#include <cerrno>

namespace pawprint::net {

std::unique_ptr<SendRing> SendRing::open() {
  auto ring = std::make_unique<io_uring>();
  if (::io_uring_queue_init(kMost, ring.get(), 0) < 0) return nullptr;
  io_uring_probe* const probe = ::io_uring_get_probe_ring(ring.get());
  const bool can_send = probe != nullptr && ::io_uring_opcode_supported(probe, IORING_OP_SEND) != 0;
  if (probe != nullptr) ::io_uring_free_probe(probe);
  std::unique_ptr<SendRing> opened(new SendRing(std::move(ring)));
  return can_send ? std::move(opened) : nullptr;
}

SendRing::SendRing(std::unique_ptr<io_uring> ring) : ring_(std::move(ring)) {}

SendRing::~SendRing() {
  ::io_uring_queue_exit(ring_.get());
}

void SendRing::send(std::span<Send> sends) {
  if (is_refused_) return;
  std::size_t count = 0;
  for (std::size_t i = 0; i < sends.size(); ++i) {
    const std::string_view bytes = sends[i].bytes;
    if (bytes.empty()) continue;
    io_uring_sqe* const entry = ::io_uring_get_sqe(ring_.get());
    if (entry == nullptr) break;  // more than kMost
    ::io_uring_prep_send(entry, sends[i].descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    entry->user_data = i;
    ++count;
  }
  const std::size_t accepted = hand_over(count);
  // With MSG_DONTWAIT they are done by now. Were one not, its bytes must stay until it is.
  for (std::size_t answered = 0; answered < accepted;) {
    io_uring_cqe* answer = nullptr;
    if (::io_uring_wait_cqe(ring_.get(), &answer) != 0) continue;
    if (answer->res > 0) sends[answer->user_data].taken = answer->res;
    ::io_uring_cqe_seen(ring_.get(), answer);
    ++answered;
  }
}

// How many the kernel accepted. Where it does not take all, those that are left stay in the ring, which is
// not used again.
std::size_t SendRing::hand_over(std::size_t count) {
  std::size_t accepted = 0;
  while (accepted < count) {
    const int more = ::io_uring_submit_and_wait(ring_.get(), static_cast<unsigned>(count - accepted));
    if (more == -EINTR) continue;
    if (more <= 0) {
      is_refused_ = true;
      break;
    }
    accepted += static_cast<std::size_t>(more);
  }
  return accepted;
}

}  // namespace pawprint::net
