#include "net/trusted_proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "base/format.h"
#include "base/printable.h"
#include "net/same_word.h"

namespace pawprint::net {
namespace {

constexpr unsigned kIpv4Prefix = 96;  // of ::ffff:0:0/96
constexpr std::array<std::uint8_t, 12> kIpv4Begins{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

enum class Quotes { none, hide_marks };

// From the end, which the last proxy wrote: a quote that a client left open before that hides nothing of it.
std::vector<std::string_view> split(std::string_view text, char mark, Quotes quotes) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t end = text.size();
  for (std::size_t i = text.size(); i-- > 0;) {
    if (quotes == Quotes::hide_marks && text[i] == '"' && !(quoted && is_escaped(text, i))) quoted = !quoted;
    if (text[i] != mark || quoted) continue;
    parts.push_back(trimmed(text.substr(i + 1, end - i - 1)));
    end = i;
  }
  parts.push_back(trimmed(text.substr(0, end)));
  std::ranges::reverse(parts);
  return parts;
}

// The address of "1.2.3.4", "1.2.3.4:5", "::1", "[::1]" and "[::1]:5".
std::string_view without_port(std::string_view node) {
  if (node.starts_with('[')) return node.contains(']') ? node.substr(1, node.find(']') - 1) : "";
  const bool one_colon = std::ranges::count(node, ':') == 1;
  return one_colon ? node.substr(0, node.find(':')) : node;
}

// What one element of Forwarded says of `for`; empty: nothing.
std::string node_of(std::string_view element) {
  for (const std::string_view pair : split(element, ';', Quotes::hide_marks)) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !same_word(pair.substr(0, equals), "for")) continue;
    std::string node(pair.substr(equals + 1));
    if (node.size() >= 2 && node.starts_with('"') && node.ends_with('"'))
      node = node.substr(1, node.size() - 2);
    return node;
  }
  return {};
}

// Of all headers of that name, in order.
std::vector<std::string> hops_in(const ServerRequest& head, ProxyHeader which) {
  std::vector<std::string> hops;
  const bool is_structured = which == ProxyHeader::forwarded;
  const std::string_view name = is_structured ? "Forwarded" : "X-Forwarded-For";
  const Quotes quotes = is_structured ? Quotes::hide_marks : Quotes::none;
  for (const Header& header : head.headers) {
    if (!same_word(header.name, name)) continue;
    for (const std::string_view hop : split(header.value, ',', quotes)) {
      hops.push_back(is_structured ? node_of(hop) : std::string(hop));
    }
  }
  return hops;
}

}  // namespace

std::optional<TrustedProxies::Bits> TrustedProxies::bits_of(std::string_view address) {
  const std::string text(address);
  Bits bits{};
  if (inet_pton(AF_INET6, text.c_str(), bits.data()) == 1) return bits;
  std::ranges::copy(kIpv4Begins, bits.begin());
  if (inet_pton(AF_INET, text.c_str(), bits.data() + kIpv4Begins.size()) == 1) return bits;
  return std::nullopt;
}

std::string TrustedProxies::text_of(const Bits& bits) {
  char out[INET6_ADDRSTRLEN] = {};
  const bool is_ipv4 = std::equal(kIpv4Begins.begin(), kIpv4Begins.end(), bits.begin());
  const char* made = is_ipv4 ? inet_ntop(AF_INET, bits.data() + kIpv4Begins.size(), out, sizeof out)
                             : inet_ntop(AF_INET6, bits.data(), out, sizeof out);
  return made == nullptr ? "" : made;
}

std::optional<TrustedProxies::Network> TrustedProxies::network_of(std::string_view text) {
  const auto slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const auto bits = bits_of(address);
  if (!bits) return std::nullopt;
  if (slash == std::string_view::npos) return Network{*bits, 128};
  const std::string_view digits = text.substr(slash + 1);
  const unsigned before = address.contains(':') ? 0 : kIpv4Prefix;
  unsigned prefix = 0;
  const auto [stopped, code] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (code != std::errc{} || stopped != digits.data() + digits.size() || prefix > 128 - before) {
    return std::nullopt;
  }
  return Network{*bits, before + prefix};
}

Result<TrustedProxies> TrustedProxies::parse(std::string_view text, ProxyHeader header) {
  TrustedProxies proxies;
  proxies.header_ = header;
  for (const std::string_view part : split(text, ',', Quotes::none)) {
    const auto network = network_of(part);
    if (!network) {
      return fail(ErrorKind::usage, fmt::format("\"{}\" is no address and no network", printable(part)),
                  "addresses and networks between commas, as 127.0.0.1,2001:db8::/32");
    }
    proxies.networks_.push_back(*network);
  }
  return proxies;
}

bool TrustedProxies::trusts(const Bits& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    for (unsigned bit = 0; bit < network.prefix; bit += 8) {
      const unsigned left = std::min(8U, network.prefix - bit);
      const unsigned differ = (address[bit / 8] ^ network.bits[bit / 8]) & (0xffU << (8 - left));
      if ((differ & 0xffU) != 0) return false;
    }
    return true;
  });
}

bool TrustedProxies::trusts(std::string_view address) const {
  const auto bits = networks_.empty() ? std::nullopt : bits_of(address);
  return bits && trusts(*bits);
}

TrustedProxies::Bits TrustedProxies::walk(const Bits& peer, const std::vector<std::string>& hops) const {
  Bits reached = peer;
  for (const std::string& hop : std::views::reverse(hops)) {
    const auto named = bits_of(without_port(hop));
    if (!named) return reached;
    reached = *named;
    if (!trusts(reached)) return reached;
  }
  return reached;
}

std::string TrustedProxies::client_of(const ServerRequest& head) const {
  if (!trusts(head.remote_address)) return head.remote_address;
  return text_of(walk(*bits_of(head.remote_address), hops_in(head, header_)));
}

}  // namespace pawprint::net
