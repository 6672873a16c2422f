#include "base/address_account.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace pawprint {

std::string account_of_address(std::string_view address) {
  constexpr std::size_t kNetworkBytes = 8, kIpv4Begins = 12;
  const std::string without_zone(address.substr(0, address.find('%')));
  in6_addr bits{};
  if (inet_pton(AF_INET6, without_zone.c_str(), &bits) != 1) return std::string(address);
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (IN6_IS_ADDR_V4MAPPED(&bits)) {
    const char* made = inet_ntop(AF_INET, bits.s6_addr + kIpv4Begins, out.data(), out.size());
    return made == nullptr ? std::string(address) : made;
  }
  std::fill(bits.s6_addr + kNetworkBytes, std::end(bits.s6_addr), std::uint8_t{0});
  const char* made = inet_ntop(AF_INET6, &bits, out.data(), out.size());
  return made == nullptr ? std::string(address) : std::string(made) + "/64";
}

}  // namespace pawprint
