#include "protocol/ids.h"

#include <array>

#include "base/format.h"
#include "base/hash.h"
#include "base/ulid.h"

namespace pawprint::protocol {
namespace {

constexpr std::size_t kBareLength = 32;
constexpr std::size_t kHyphenatedLength = 36;

bool is_hyphen_place(std::size_t at) {
  return at == 8 || at == 13 || at == 18 || at == 23;
}

std::string hyphenated(std::string_view bare) {
  return fmt::format("{}-{}-{}-{}-{}", bare.substr(0, 8), bare.substr(8, 4), bare.substr(12, 4),
                     bare.substr(16, 4), bare.substr(20));
}

// A hex digit in lower case, 0 if it is none.
constexpr char lower_hex(char c) {
  if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) return c;
  return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : '\0';
}

std::optional<std::string> normalised_uuid(std::string_view text) {
  if (text.size() != kHyphenatedLength) return std::nullopt;
  std::string lower(text);
  for (std::size_t at = 0; at < lower.size(); ++at) {
    char& c = lower[at];
    if (is_hyphen_place(at) ? c != '-' : (c = lower_hex(c)) == '\0') return std::nullopt;
  }
  return lower;
}

}  // namespace

std::optional<std::string> normalised_event_id(std::string_view text) {
  if (text.size() == kHyphenatedLength) return normalised_uuid(text);
  if (text.size() != kBareLength) return normalised_ulid(text);
  return normalised_uuid(hyphenated(text));
}

std::optional<std::string> normalised_uuid_v4(std::string_view text) {
  std::optional<std::string> uuid = normalised_uuid(text);
  constexpr std::string_view kVariants = "89ab";
  if (!uuid || (*uuid)[14] != '4' || kVariants.find((*uuid)[19]) == std::string_view::npos)
    return std::nullopt;
  return uuid;
}

std::string new_uuid_v4(Random& random) {
  std::array<char, 16> bytes{};
  random.fill(std::as_writable_bytes(std::span(bytes)));
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  return hyphenated(hex(std::string_view(bytes.data(), bytes.size())));
}

std::string node_id(std::string_view hostname, std::string_view username, std::string_view home_id) {
  std::string source = fmt::format("{}:{}", hostname, username);
  if (!home_id.empty()) source += fmt::format(":{}", home_id);
  return hex(sha256(source)).substr(0, 12);
}

}  // namespace pawprint::protocol
