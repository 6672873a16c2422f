#include "base/printable.h"

#include <array>

#include "base/format.h"

namespace pawprint {
namespace {

struct Decoded {
  char32_t point = 0;
  std::size_t length = 0;  // 0: not UTF-8
};

Decoded decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 && first < 0xF5   ? 4
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xC2 && first < 0xE0 ? 2
                                                             : 0;
  if (length == 0 || text.size() < length) return {};
  char32_t point = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0) != 0x80) return {};
    point = point << 6 | (byte & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kSmallest[length] || point > 0x10FFFF || surrogate) return {};
  return {point, length};
}

bool is_harmful(char32_t point) {
  if (point == '\t') return false;
  if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return true;
  const bool bidi = point == 0x061C || point == 0x200E || point == 0x200F ||
                    (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
  return bidi || point == 0x2028 || point == 0x2029;
}

}  // namespace

std::string printable(std::string_view text, bool keep_newlines) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto [point, length] = decode(text);
    if (length == 0) {
      out += fmt::format("\\x{{{:02x}}}", static_cast<unsigned>(static_cast<unsigned char>(text[0])));
    } else if (is_harmful(point) && !(keep_newlines && point == '\n')) {
      out += fmt::format("\\u{{{:x}}}", static_cast<unsigned>(point));
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = decode(text).length;
    out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

}  // namespace pawprint
