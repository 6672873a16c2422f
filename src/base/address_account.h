// On whose account goes what somebody does whom nothing but an address tells of.
#pragma once

#include <string>
#include <string_view>

namespace pawprint {

// Of IPv4 the address itself, also where it is written as IPv6 (::ffff:192.0.2.1). Of IPv6 its /64, as
// "2001:db8::/64": whoever has one address of such a network can have any (RFC 4291, 2.5.1). What is no
// address: itself.
std::string account_of_address(std::string_view address);

}  // namespace pawprint
