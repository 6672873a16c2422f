#include "base/ulid.h"

namespace pawprint {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kUlidLength = 26;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << 48) - 1;

// The digit that a character stands for, in upper case; 0 if it stands for none.
constexpr auto kDigitOf = [] {
  std::array<char, 256> digits{};
  for (const char digit : kAlphabet) {
    digits[static_cast<unsigned char>(digit)] = digit;
    if (digit >= 'A') digits[static_cast<unsigned char>(digit - 'A' + 'a')] = digit;
  }
  return digits;
}();

bool increment(UlidRandom& random) {
  for (auto digit = random.rbegin(); digit != random.rend(); ++digit) {
    *digit = static_cast<std::uint8_t>(*digit + 1);
    if (*digit != 0) return true;
  }
  return false;
}

}  // namespace

std::string ulid_text(std::uint64_t unix_ms, const UlidRandom& random) {
  std::string text(kUlidLength, '0');
  std::uint64_t time = unix_ms & kTimeMask;
  for (std::size_t at = 10; at-- > 0; time >>= 5) text[at] = kAlphabet[time & 31];
  unsigned pending = 0;
  unsigned bits = 0;
  std::size_t at = 10;
  for (const std::uint8_t byte : random) {
    pending = (pending << 8 | byte) & 0xFFFF;
    for (bits += 8; bits >= 5; bits -= 5) text[at++] = kAlphabet[(pending >> (bits - 5)) & 31];
  }
  return text;
}

std::optional<std::string> normalised_ulid(std::string_view text) {
  if (text.size() != kUlidLength || text[0] < '0' || text[0] > '7') return std::nullopt;
  std::string upper(text);
  for (char& c : upper) {
    c = kDigitOf[static_cast<unsigned char>(c)];
    if (c == '\0') return std::nullopt;
  }
  return upper;
}

// One call of the system for several.
void UlidGenerator::draw() {
  if (used_ == drawn_.size()) {
    random_.fill(std::as_writable_bytes(std::span(drawn_)));
    used_ = 0;
  }
  last_ = drawn_[used_++];
}

std::string UlidGenerator::next() {
  const std::lock_guard guard(mutex_);
  const auto now_ms = static_cast<std::uint64_t>(clock_.unix_ms());
  if (now_ms > last_ms_) {
    last_ms_ = now_ms;
    draw();
  } else if (!increment(last_)) {
    ++last_ms_;
    draw();
  }
  return ulid_text(last_ms_, last_);
}

}  // namespace pawprint
