// Making strings of others harmless on a terminal and in a log.
#pragma once

#include <string>
#include <string_view>

namespace pawprint {

// Control characters (C0 but tab, DEL, C1), bidirectional overrides and isolates, line separators and bytes
// that are not UTF-8 become \u{hex} or \x{hex}; everything else stays. `keep_newlines` lets "\n" pass.
std::string printable(std::string_view text, bool keep_newlines = false);

// `text` with U+FFFD in the place of every byte that is not part of UTF-8 (RFC 3629).
std::string valid_utf8(std::string_view text);

}  // namespace pawprint
