// Whose word on where a request comes from is believed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_server.h"

namespace pawprint::net {

// What the proxies write. The other one they pass on as the client sent it: it is never read.
enum class ProxyHeader { x_forwarded_for, forwarded };

class TrustedProxies {
 public:
  TrustedProxies() = default;  // nobody

  // Addresses and networks, IPv4 or IPv6, between commas: "127.0.0.1, 10.0.0.0/8, 2001:db8::/32". Kind
  // `usage` for anything else.
  static Result<TrustedProxies> parse(std::string_view text,
                                      ProxyHeader header = ProxyHeader::x_forwarded_for);

  // Whether it is one of theirs.
  bool trusts(std::string_view address) const;

  // The address of who sent a request that came from head.remote_address. That is it, unless it is a trusted
  // proxy's; then the chain in the header that the proxies write (Forwarded: RFC 7239) is walked from its
  // end, which the last proxy wrote, to the first address that is no trusted proxy's. A hop that is no
  // address ends the walk at who named it.
  std::string client_of(const ServerRequest& head) const;

 private:
  using Bits = std::array<std::uint8_t, 16>;  // an IPv4 address as ::ffff:a.b.c.d
  struct Network {
    Bits bits{};
    unsigned prefix = 0;
  };
  static std::optional<Bits> bits_of(std::string_view address);
  static std::string text_of(const Bits& bits);
  static std::optional<Network> network_of(std::string_view text);
  bool trusts(const Bits& address) const;
  Bits walk(const Bits& peer, const std::vector<std::string>& hops) const;

  std::vector<Network> networks_;
  ProxyHeader header_ = ProxyHeader::x_forwarded_for;
};

}  // namespace pawprint::net
