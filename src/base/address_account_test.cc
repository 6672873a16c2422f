#include "base/address_account.h"

#include <gtest/gtest.h>

namespace pawprint {
namespace {

TEST(AddressAccount, OfIpv4IsTheAddressHoweverItIsWritten) {
  for (const char* written :
       {"192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201", "0:0:0:0:0:ffff:192.0.2.1"}) {
    EXPECT_EQ(account_of_address(written), "192.0.2.1") << written;
  }
  EXPECT_EQ(account_of_address("192.0.2.2"), "192.0.2.2");
}

TEST(AddressAccount, OfIpv6IsTheNetworkOfACustomer) {
  for (const char* written :
       {"2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0DB8:0001:0002::"}) {
    EXPECT_EQ(account_of_address(written), "2001:db8:1:2::/64") << written;
  }
  EXPECT_EQ(account_of_address("2001:db8:1:3::1"), "2001:db8:1:3::/64");
  EXPECT_EQ(account_of_address("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(account_of_address("::1"), "::/64");
}

TEST(AddressAccount, OfWhatIsNoneIsThatItself) {
  EXPECT_EQ(account_of_address(""), "");
  EXPECT_EQ(account_of_address("unknown"), "unknown");
}

}  // namespace
}  // namespace pawprint
