// The parts of an http(s) URL (RFC 3986) that a request needs, and the origin (RFC 6454) that it belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pawprint {

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

// "https://host:port" in lower case with the default port left out.
std::string origin_of(const Url& url);

// The origin of a hub's address. Kind `usage` for anything but http(s) with a host, and for plain http to a
// host that is not loopback.
Result<std::string> normalised_origin(std::string_view url);

// The same of an address that somebody gave for a hub, which has no path, query or fragment: one that would
// be left out is of kind `usage`.
Result<std::string> hub_origin(std::string_view url);

}  // namespace pawprint
