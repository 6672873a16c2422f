// A SHA-256 digest as the 32 bytes of a BLOB column.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/hash.h"

namespace pawprint::hub::store {

inline std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// A shorter column is filled up with zeros, which no digest of ours equals.
inline Digest digest_of(std::string_view bytes) {
  Digest digest{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
  return digest;
}

}  // namespace pawprint::hub::store
