#include "net/write_queue.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace pawprint::net {
namespace {

constexpr std::size_t kBuffersPerWrite = 64;

// The end of the frame of `frames` that byte `written` is in; `written` itself where one begins.
std::size_t frame_end(const std::string& frames, std::size_t written) {
  std::size_t at = 0;
  while (at < written && at + 2 <= frames.size()) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(frames[at + i]); };
    std::size_t bytes = byte(1) & 0x7F;
    std::size_t head = 2;
    if (bytes >= 126) {
      head += bytes == 126 ? 2 : 8;
      bytes = 0;
      for (std::size_t i = 2; i < head; ++i) bytes = bytes << 8 | byte(i);
    }
    at += head + bytes;
  }
  return std::min(at, frames.size());
}

}  // namespace

std::string text_frame(std::string_view text) {
  std::string frame("\x81", 1);
  const auto put = [&](std::size_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) frame += static_cast<char>(value >> (8 * i));
  };
  if (text.size() < 126) {
    put(text.size(), 1);
  } else if (text.size() <= 0xFFFF) {
    put(126, 1), put(text.size(), 2);
  } else {
    put(127, 1), put(text.size(), 8);
  }
  return frame.append(text);
}

bool WriteQueue::send(Frames frames) {
  const std::scoped_lock lock(mutex_);
  if (failed_ || frames->empty()) return waiting_.empty();
  if (waiting_.empty() && !is_waiting_) {  // nearly always, and then all of it goes
    const ssize_t taken = ::send(descriptor_, frames->data(), frames->size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken == static_cast<ssize_t>(frames->size())) return true;
    written_ = taken < 0 ? 0 : static_cast<std::size_t>(taken);
  }
  waiting_.push_back(std::move(frames));
  return !is_waiting_ && write_some();
}

void WriteQueue::put(Frames frames) {
  const std::scoped_lock lock(mutex_);
  if (!failed_ && !frames->empty()) waiting_.push_back(std::move(frames));
}

bool WriteQueue::is_empty() const {
  const std::scoped_lock lock(mutex_);
  return waiting_.empty();
}

std::uint64_t WriteQueue::untaken_bytes() const {
  const std::scoped_lock lock(mutex_);
  if (failed_) return 0;
  int in_kernel = 0;
  if (::ioctl(descriptor_, SIOCOUTQ, &in_kernel) != 0) in_kernel = 0;
  std::uint64_t bytes = static_cast<std::uint64_t>(in_kernel);
  for (const Frames& frames : waiting_) bytes += frames->size();
  return waiting_.empty() ? bytes : bytes - written_;
}

bool WriteQueue::flush() {
  const std::scoped_lock lock(mutex_);
  is_waiting_ = false;
  return write_some();
}

bool WriteQueue::write_some() {
  while (!waiting_.empty() && !failed_) {
    std::array<iovec, kBuffersPerWrite> parts{};
    const std::size_t count = std::min(waiting_.size(), parts.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t skip = i == 0 ? written_ : 0;
      parts[i] = {const_cast<char*>(waiting_[i]->data()) + skip, waiting_[i]->size() - skip};
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    const ssize_t taken = ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      is_waiting_ = true;
      wait_writable_();
      return false;
    }
    if (taken < 0) {
      failed_ = true;
      waiting_.clear();
      break;
    }
    take(static_cast<std::size_t>(taken));
  }
  return true;
}

void WriteQueue::take(std::size_t bytes) {
  written_ += bytes;
  while (!waiting_.empty() && written_ >= waiting_.front()->size()) {
    written_ -= waiting_.front()->size();
    waiting_.pop_front();
  }
}

std::string_view WriteQueue::Turn::first() const {
  if (queue_.is_waiting_ || queue_.waiting_.empty()) return {};
  return std::string_view(*queue_.waiting_.front()).substr(queue_.written_);
}

bool WriteQueue::Turn::settle(ssize_t taken) {
  if (taken > 0) queue_.take(static_cast<std::size_t>(taken));
  return queue_.is_waiting_ ? queue_.waiting_.empty() : queue_.write_some();
}

std::size_t WriteQueue::abandon(const Frames& frames) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find(waiting_, frames);
  std::size_t kept = frames == nullptr ? 0 : frames->size();
  if (found != waiting_.end()) kept = 0;
  if (waiting_.empty()) return kept;
  const std::size_t end = frame_end(*waiting_.front(), written_);
  if (found == waiting_.begin()) kept = end;
  if (end == 0) {
    waiting_.clear();
  } else {
    waiting_.front() = std::make_shared<std::string>(waiting_.front()->substr(0, end));
    waiting_.erase(waiting_.begin() + 1, waiting_.end());
    if (written_ == end) {
      waiting_.clear();
      written_ = 0;
    }
  }
  return kept;
}

void WriteQueue::stop() {
  const std::scoped_lock lock(mutex_);
  failed_ = true;
  waiting_.clear();
  written_ = 0;
}

bool WriteQueue::failed() const {
  const std::scoped_lock lock(mutex_);
  return failed_;
}

}  // namespace pawprint::net
