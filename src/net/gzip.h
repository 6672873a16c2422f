// gzip (RFC 1952): compressing with libdeflate, inflating with zlib under a bound.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pawprint::net {

Result<std::string> gzip(std::string_view bytes);

enum class InflateFailure { broken, too_large };

// Stops as soon as more than `max_bytes` would come out, having allocated no more than that. Several members
// are read one after the other; bytes behind the last one are `broken`.
std::expected<std::string, InflateFailure> gunzip(std::string_view bytes, std::uint64_t max_bytes);

}  // namespace pawprint::net
