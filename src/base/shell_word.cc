#include "base/shell_word.h"

#include <algorithm>

namespace pawprint {
namespace {

bool is_plain(char c) {
  const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  // The bytes of a character beyond ASCII mean nothing to a shell.
  return letter_or_digit || std::string_view("/._-+:=@%,").contains(c) ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

std::string shell_word(std::string_view text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

}  // namespace pawprint
