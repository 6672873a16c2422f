#include "net/text_as_bytes.h"

#include <algorithm>

namespace pawprint::net {
namespace {

constexpr unsigned kOpcode = 0x0f, kText = 0x01, kBytes = 0x02;
constexpr unsigned kMasked = 0x80, kLength = 0x7f, kLengthOf16Bits = 126, kLengthOf64Bits = 127;
constexpr std::size_t kShortHead = 2, kMaskBytes = 4;

}  // namespace

void TextAsBytes::pass(std::span<unsigned char> bytes) {
  while (!bytes.empty()) {
    const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size()));
    payload_left_ -= skipped;
    bytes = bytes.subspan(skipped);
    if (bytes.empty()) return;
    take_head(bytes.front());
    bytes = bytes.subspan(1);
  }
}

void TextAsBytes::take_head(unsigned char& byte) {
  const std::size_t at = head_bytes_++;
  if (at == 0) {
    if ((byte & kOpcode) == kText) byte ^= kText ^ kBytes;
    return;
  }
  if (at == 1) {
    const unsigned length = byte & kLength;
    length_end_ = kShortHead + (length == kLengthOf64Bits ? 8 : length == kLengthOf16Bits ? 2 : 0);
    head_end_ = length_end_ + ((byte & kMasked) != 0 ? kMaskBytes : 0);
    length_ = length < kLengthOf16Bits ? length : 0;
  } else if (at < length_end_) {
    length_ = length_ << 8 | byte;
  }
  if (head_bytes_ < head_end_) return;
  head_bytes_ = 0;
  payload_left_ = length_;
}

}  // namespace pawprint::net
