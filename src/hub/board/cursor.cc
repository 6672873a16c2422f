#include "hub/board/cursor.h"

#include <sodium.h>

#include <algorithm>

#include "base/format.h"
#include "base/ulid.h"
#include "protocol/ids.h"

namespace pawprint::hub::board {
namespace {

constexpr std::size_t kEpochBytes = 26;
constexpr std::size_t kSeqBytes = 8;
constexpr std::size_t kHashBytes = std::tuple_size_v<store::BodyHashPrefix>;
constexpr std::size_t kCursorBytes = kEpochBytes + kSeqBytes + kHashBytes;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::string_view kNodesMark = "n.";
constexpr std::string_view kProjectsMark = "p.";

std::unexpected<Error> not_a_cursor() {
  return fail(ErrorKind::invalid, "this is not a cursor of a hub");
}

}  // namespace

store::BodyHashPrefix hash_prefix(const Digest& body_hash) {
  store::BodyHashPrefix prefix;
  std::copy_n(body_hash.begin(), prefix.size(), prefix.begin());
  return prefix;
}

std::string encode_cursor(const Cursor& cursor) {
  std::string bytes = cursor.epoch;
  bytes.resize(kEpochBytes);
  for (std::size_t i = 0; i < kSeqBytes; ++i) {
    bytes.push_back(static_cast<char>(cursor.seq >> (8 * (kSeqBytes - 1 - i))));
  }
  for (const std::uint8_t byte : cursor.body_hash) bytes.push_back(static_cast<char>(byte));
  std::string text(sodium_base64_ENCODED_LEN(kCursorBytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), kVariant);
  text.pop_back();  // libsodium's terminating zero
  return text;
}

Result<Cursor> decode_cursor(std::string_view text) {
  std::string bytes(kCursorBytes, '\0');
  std::size_t size = 0;
  const char* end = nullptr;
  const int outcome = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                        text.data(), text.size(), nullptr, &size, &end, kVariant);
  if (outcome != 0 || size != kCursorBytes || end != text.data() + text.size()) return not_a_cursor();
  Cursor cursor;
  cursor.epoch = bytes.substr(0, kEpochBytes);
  if (normalised_ulid(cursor.epoch) != cursor.epoch) return not_a_cursor();
  const auto* next = reinterpret_cast<const unsigned char*>(bytes.data()) + kEpochBytes;
  for (std::size_t i = 0; i < kSeqBytes; ++i) cursor.seq = cursor.seq << 8 | *next++;
  for (std::uint8_t& byte : cursor.body_hash) byte = *next++;
  if (encode_cursor(cursor) != text) return not_a_cursor();  // libsodium takes bytes above 127 for letters
  return cursor;
}

std::string encode_nodes_cursor(const Cursor& last) {
  return std::string(kNodesMark) + encode_cursor(last);
}

Result<Cursor> decode_nodes_cursor(std::string_view text) {
  if (!text.starts_with(kNodesMark)) return not_a_cursor();
  PAW_TRY(cursor, decode_cursor(text.substr(kNodesMark.size())));
  if (cursor.seq == 0) return not_a_cursor();  // no machine has it
  return cursor;
}

std::string encode_projects_cursor(const ProjectsCursor& cursor) {
  return fmt::format("{}{}.{}", kProjectsMark, cursor.epoch, cursor.uuid);
}

Result<ProjectsCursor> decode_projects_cursor(std::string_view text) {
  constexpr std::size_t kUuidAt = kProjectsMark.size() + kEpochBytes + 1;
  if (text.size() < kUuidAt) return not_a_cursor();
  ProjectsCursor cursor{.epoch = std::string(text.substr(kProjectsMark.size(), kEpochBytes)),
                        .uuid = std::string(text.substr(kUuidAt))};
  if (normalised_ulid(cursor.epoch) != cursor.epoch) return not_a_cursor();
  if (protocol::normalised_uuid_v4(cursor.uuid) != cursor.uuid) return not_a_cursor();
  if (encode_projects_cursor(cursor) != text) return not_a_cursor();
  return cursor;
}

}  // namespace pawprint::hub::board
