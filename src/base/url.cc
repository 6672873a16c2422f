#include "base/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/format.h"
#include "base/printable.h"

namespace pawprint {
namespace {

std::unexpected<Error> bad_url(std::string_view text, std::string_view why) {
  return fail(ErrorKind::usage, fmt::format("the address \"{}\" cannot be used: {}", printable(text), why),
              "use an address like https://hub.example.org");
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool is_url_byte(char c) {
  return c > 0x20 && c < 0x7f;
}

bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::optional<std::string> shortest_ipv6(const std::string& text) {
  in6_addr address{};
  char out[INET6_ADDRSTRLEN];
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1 ||
      inet_ntop(AF_INET6, &address, out, sizeof out) == nullptr) {
    return std::nullopt;
  }
  return out;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
  std::uint16_t port = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, code] = std::from_chars(digits.data(), end, port);
  if (code != std::errc{} || stopped != end || port == 0) {
    return std::nullopt;
  }
  return port;
}

bool is_ipv4_loopback(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

// Splits "host", "host:port" and "[v6]:port".
struct Authority {
  std::string host;
  std::optional<std::string_view> port;
  bool bracketed = false;
};

std::optional<Authority> split_authority(std::string_view authority) {
  Authority out;
  std::string_view behind;
  if (authority.starts_with('[')) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) {
      return std::nullopt;
    }
    out.bracketed = true;
    out.host = lower(authority.substr(1, close - 1));
    behind = authority.substr(close + 1);
  } else {
    const auto colon = authority.find(':');
    out.host = lower(authority.substr(0, colon));
    behind = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
  }
  if (behind.empty()) {
    return out;
  }
  if (behind.front() != ':') {
    return std::nullopt;
  }
  out.port = behind.substr(1);
  return out;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (!std::ranges::all_of(text, is_url_byte)) {
    return bad_url(text, "it has spaces or characters that are not ASCII");
  }
  const auto scheme_end = text.find("://");
  const std::string scheme = lower(text.substr(0, scheme_end));
  if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return bad_url(text, "it does not begin with https:// or http://");
  }
  Url url;
  url.secure = scheme == "https";
  std::string_view rest = text.substr(scheme_end + 3);
  const auto authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority_text = rest.substr(0, authority_end);
  if (authority_text.contains('@')) {
    return bad_url(text, "it carries a user name or password");
  }
  const auto authority = split_authority(authority_text);
  if (!authority || authority->host.empty()) {
    return bad_url(text, "it names no host");
  }
  const auto v6 = authority->bracketed ? shortest_ipv6(authority->host) : std::nullopt;
  if (authority->bracketed ? !v6 : !std::ranges::all_of(authority->host, is_host_byte)) {
    return bad_url(text, "the host is not a name or address");
  }
  url.host = v6.value_or(authority->host);
  url.port = url.secure ? 443 : 80;
  if (authority->port) {
    const auto port = port_of(*authority->port);
    if (!port) {
      return bad_url(text, "the port is not a number from 1 to 65535");
    }
    url.port = *port;
  }
  rest.remove_prefix(authority_end);
  rest = rest.substr(0, rest.find('#'));
  url.target = rest.starts_with('/') ? std::string(rest) : "/" + std::string(rest);
  return url;
}

bool is_loopback(const Url& url) {
  return url.host == "localhost" || url.host == "::1" || is_ipv4_loopback(url.host);
}

std::vector<std::string> loopback_addresses(const Url& url) {
  if (url.host == "localhost") {
    return {"127.0.0.1", "::1"};
  }
  return {url.host};
}

std::string origin_of(const Url& url) {
  const std::string host = url.host.contains(':') ? "[" + url.host + "]" : url.host;
  const bool is_default_port = url.port == (url.secure ? 443 : 80);
  return fmt::format("{}://{}{}", url.secure ? "https" : "http", host,
                     is_default_port ? std::string() : fmt::format(":{}", url.port));
}

Result<std::string> normalised_origin(std::string_view text) {
  PAW_TRY(url, parse_url(text));
  if (!url.secure && !is_loopback(url)) {
    return bad_url(text, "plain http is for this machine only (localhost, 127.0.0.1, [::1])");
  }
  return origin_of(url);
}

Result<std::string> hub_origin(std::string_view text) {
  PAW_TRY(origin, normalised_origin(text));
  PAW_TRY(url, parse_url(text));
  if (url.target == "/" && !text.contains('#')) return origin;
  return fail(ErrorKind::usage,
              fmt::format("the address \"{}\" cannot be used: a hub's has nothing behind host and port",
                          printable(text)),
              fmt::format("use the address {}", origin));
}

}  // namespace pawprint
