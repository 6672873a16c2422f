// The parts of an http(s) URL (RFC 3986) that a request needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint::net {

struct Url {
  bool secure = false;  // https
  std::string host;     // lower case; an IPv6 address without brackets, in its shortest form
  std::uint16_t port = 0;
  std::string target;  // path and query, at least "/"
};

// Kind `usage` for anything but http(s) with a valid host and port, and for a user name in it.
Result<Url> parse_url(std::string_view text);

// localhost, 127.0.0.0/8 and ::1; other names are never looked up.
bool is_loopback(const Url& url);

// The addresses to try, in order, for a loopback URL.
std::vector<std::string> loopback_addresses(const Url& url);

std::string origin_of(const Url& url);

}  // namespace pawprint::net
