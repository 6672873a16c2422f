#include "project/remote_url.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/format.h"

namespace pawprint::project {
namespace {

// Everything in front of the path, for "scheme://host/path" and "host:path"; npos for a path of this machine.
std::size_t path_start(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) {
    if (url.starts_with("file:")) return std::string_view::npos;
    const auto slash = url.find('/', scheme + 3);
    return slash == std::string_view::npos ? url.size() : slash + 1;
  }
  const auto colon = url.find(':');
  if (colon == std::string_view::npos || url.find('/') < colon) return std::string_view::npos;
  return colon + 1;
}

std::string_view without_suffix(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// Length and code point of the UTF-8 sequence at the start; length 1 and U+0020 for what is none.
struct Decoded {
  std::size_t length = 1;
  char32_t code_point = U' ';
};

Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {1, lead};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code_point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80U) return {};
    code_point = (code_point << 6) | (byte & 0x3FU);
  }
  return {length, code_point};
}

bool is_kept(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9');
  const bool latin_punctuation = c <= 0xBF;
  const bool general_punctuation = c >= 0x2000 && c <= 0x206F;
  const bool cjk_punctuation = c >= 0x3000 && c <= 0x303F;
  return !latin_punctuation && !general_punctuation && !cjk_punctuation;
}

// "transport::address" (gitremote-helpers(7)), unless the address is a URL. That of `ext` is a command line.
bool is_of_another_transport(std::string_view url) {
  const auto end = url.find("::");
  if (end == std::string_view::npos || url.substr(0, end).find_first_of("/[@") != std::string_view::npos)
    return false;
  const std::string_view transport = url.substr(0, end);
  return transport == "ext" || transport == "fd" || url.find("://") == std::string_view::npos;
}

// A text with its percent-encoding undone, that of encoded text, too, and where each byte of it begins.
struct Unescaped {
  std::string text;
  std::vector<std::size_t> begins;
};

Unescaped unescaped(std::string_view raw) {
  Unescaped plain;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    plain.text += raw[at];
    plain.begins.push_back(at);
    // What has come of an escape may be the end of another one.
    while (plain.text.size() >= 3 && plain.text[plain.text.size() - 3] == '%') {
      const char* const digits = plain.text.data() + plain.text.size() - 2;
      unsigned char byte = 0;
      if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) break;
      plain.text.replace(plain.text.size() - 3, 3, 1, static_cast<char>(byte));
      plain.begins.resize(plain.text.size());
    }
  }
  return plain;
}

// Up to the first "?", "#" or ";", and if a "=" is left, up to the first "&" or "=". No host has these in a
// name, but "&" is in use where names are those of directories. None begins behind ".git" or its slash.
std::string_view without_parameters(std::string_view rest) {
  const Unescaped plain = unescaped(rest);
  const std::string_view text = plain.text;
  std::size_t end = text.find_first_of("?#;");
  if (text.substr(0, end).contains('=')) end = text.find_first_of("&=");
  for (const std::string_view behind_suffix : {".git&", ".git/&"}) {
    const std::size_t at = text.find(behind_suffix);
    if (at != std::string_view::npos) end = std::min(end, at + behind_suffix.size() - 1);
  }
  return end == std::string_view::npos ? rest : rest.substr(0, plain.begins[end]);
}

}  // namespace

std::string without_secrets(std::string_view url) {
  if (is_of_another_transport(url)) return {};
  if (path_start(url) == std::string_view::npos) return std::string(url);
  const auto scheme = url.find("://");
  const bool has_scheme = scheme != std::string_view::npos;
  const std::string_view prefix = url.substr(0, has_scheme ? scheme + 3 : 0);
  std::string_view rest = url.substr(prefix.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  auto user = authority.rfind('@');
  // A port that is no number is the first half of a password with an unescaped slash: all up to the last '@'
  // goes.
  const auto colon = authority.starts_with('[') ? std::string_view::npos : authority.find(':');
  const bool split_password = has_scheme && user == std::string_view::npos &&
                              colon != std::string_view::npos &&
                              authority.find_first_not_of("0123456789", colon + 1) != std::string_view::npos;
  if (split_password) user = rest.rfind('@');
  if (user != std::string_view::npos) rest.remove_prefix(user + 1);
  return fmt::format("{}{}", prefix, without_parameters(rest));
}

std::optional<std::string> repo_slug_of(std::string_view clean_url) {
  const std::size_t start = path_start(clean_url);
  if (start == std::string_view::npos) return std::nullopt;
  std::string_view path = without_suffix(clean_url.substr(start));
  while (path.starts_with('/')) path.remove_prefix(1);
  const auto name = path.rfind('/');
  if (name == std::string_view::npos) return std::nullopt;
  const auto owner = path.rfind('/', name - 1);
  if (owner != std::string_view::npos) path.remove_prefix(owner + 1);
  return std::string(path);
}

std::string repo_name_of(std::string_view clean_url) {
  const std::size_t start = path_start(clean_url);
  const std::string_view path =
      without_suffix(start == std::string_view::npos ? clean_url : clean_url.substr(start));
  return std::string(path.substr(path.rfind('/') + 1));
}

std::string slug_of(std::string_view name) {
  std::string slug;
  for (std::size_t at = 0; at < name.size();) {
    const Decoded decoded = decode(name.substr(at));
    if (!is_kept(decoded.code_point)) {
      if (!slug.empty() && !slug.ends_with('-')) slug += '-';
    } else if (decoded.code_point >= U'A' && decoded.code_point <= U'Z') {
      slug += static_cast<char>(name[at] - 'A' + 'a');
    } else {
      slug += name.substr(at, decoded.length);
    }
    at += decoded.length;
  }
  if (slug.ends_with('-')) slug.pop_back();
  return slug;
}

}  // namespace pawprint::project
