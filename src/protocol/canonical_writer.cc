#include "protocol/canonical_writer.h"

#include <bit>
#include <cstring>
#include <optional>

#include "base/format.h"
#include "protocol/envelope.h"
#include "protocol/ids.h"
#include "protocol/json_string.h"

namespace pawprint::protocol {
namespace {

// UTF-8 bytes sort as code points do. UTF-16 puts the code points above U+FFFF (lead bytes F0-F4) before
// U+E000 to U+FFFF (lead bytes EE, EF), because they start with a surrogate; moving those two bytes to the
// end does the same.
std::uint8_t utf16_rank(char c) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte == 0xEE || byte == 0xEF ? static_cast<std::uint8_t>(byte + 0x10) : byte;
}

// Orders as the bytes' ranks do, as far as they are in it.
std::uint64_t rank_of(std::string_view key) {
  constexpr std::size_t kBytes = sizeof(std::uint64_t);
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t rank = 0;
  if (!key.empty()) std::memcpy(&rank, key.data(), std::min(key.size(), kBytes));
  if ((rank & kHighBits) == 0) return std::endian::native == std::endian::little ? std::byteswap(rank) : rank;
  rank = 0;
  for (std::size_t i = 0; i < kBytes; ++i) rank = rank << 8 | (i < key.size() ? utf16_rank(key[i]) : 0U);
  return rank;
}

// Whether text that is an id, or no id, is written as it came: of these lengths, an id whose letters are of
// one case already has its one form.
bool stays_as_it_is(std::string_view text) {
  constexpr std::size_t kUlidLength = 26, kUuidLength = 36;
  const auto has_none = [text](char from, char to) {
    return std::ranges::none_of(text, [=](char c) { return c >= from && c <= to; });
  };
  return (text.size() == kUlidLength && has_none('a', 'z')) ||
         (text.size() == kUuidLength && has_none('A', 'Z'));
}

// Of a string at the top level of an event that is an id: its one form, if that is another.
std::optional<std::string> normalised(std::string_view key, std::string_view text) {
  if (stays_as_it_is(text)) return std::nullopt;
  if (key == "event_id" || key == "causation_id" || key == "correlation_id") return normalised_event_id(text);
  if (key == "project_uuid") return normalised_uuid_v4(text);
  return std::nullopt;
}

}  // namespace

bool CanonicalWriter::less(const Member& a, const Member& b) const {
  if (a.rank != b.rank) return a.rank < b.rank;
  return std::ranges::lexicographical_compare(key_of(a), key_of(b), {}, utf16_rank, utf16_rank);
}

void CanonicalWriter::begin_member(std::string_view key) {
  members_.push_back({rank_of(key), keys_.size(), key.size(), out.size(), out.size()});
  keys_ += key;
  append_json_string(out, key);
  out += ':';
}

void CanonicalWriter::write_string(std::string_view text) {
  const bool is_top_level = frames_.size() == 1 && frames_.back().is_object;
  const auto id = is_top_level ? normalised(key_of(members_.back()), text) : std::nullopt;
  append_json_string(out, id ? std::string_view(*id) : text);
}

bool CanonicalWriter::bring_into_order(const Frame& frame, error_code& ec) {
  const auto first = members_.begin() + static_cast<std::ptrdiff_t>(frame.first_member);
  std::sort(first, members_.end(), [this](const Member& a, const Member& b) { return less(a, b); });
  const auto same = [this](const Member& a, const Member& b) {
    return a.rank == b.rank && key_of(a) == key_of(b);
  };
  const auto twice = std::adjacent_find(first, members_.end(), same);
  if (twice != members_.end())
    return refuse(ec, fmt::format("duplicate key {}", json_string(key_of(*twice))));
  sorted_ = '{';
  for (auto member = first; member != members_.end(); ++member) {
    if (frames_.empty() && key_of(*member) == "type") continue;
    if (sorted_.size() > 1) sorted_ += ',';
    sorted_.append(out, member->begin, member->end - member->begin);
  }
  sorted_ += '}';
  if (frame.begin == 0) {
    out.swap(sorted_);
    return true;
  }
  out.resize(frame.begin);
  out += sorted_;
  return true;
}

}  // namespace pawprint::protocol
