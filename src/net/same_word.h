// Words of HTTP that mean the same in upper and lower case: names of headers, tokens, schemes.
#pragma once

#include <strings.h>

#include <string_view>

namespace pawprint::net {

inline bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace pawprint::net
