#include "base/url.h"

#include <gtest/gtest.h>

namespace pawprint {
namespace {

std::string origin(std::string_view url) {
  auto made = normalised_origin(url);
  return made ? *made : "refused";
}

TEST(Origin, IsLowerCaseWithoutDefaultPortPathAndQuery) {
  EXPECT_EQ(origin("HTTPS://Hub.Example.ORG:443/some/path?x=1#y"), "https://hub.example.org");
  EXPECT_EQ(origin("https://hub.example.org:8443"), "https://hub.example.org:8443");
  EXPECT_EQ(origin("http://localhost:80/"), "http://localhost");
  EXPECT_EQ(origin("http://127.0.0.1:08080"), "http://127.0.0.1:8080");
  EXPECT_EQ(origin("https://[2001:DB8:0:0:0:0:0:1]:443"), "https://[2001:db8::1]");
}

TEST(Origin, PlainHttpIsForThisMachineOnly) {
  EXPECT_EQ(origin("http://localhost:1"), "http://localhost:1");
  EXPECT_EQ(origin("http://127.1.2.3:1"), "http://127.1.2.3:1");
  EXPECT_EQ(origin("http://[0:0::1]:1"), "http://[::1]:1");
  for (const char* elsewhere :
       {"http://hub.example.org", "http://10.0.0.1", "http://128.0.0.1", "http://127.0.0.1.example.org",
        "http://localhost.example.org", "http://127.1", "http://2130706433", "http://[::ffff:127.0.0.1]",
        "http://0.0.0.0:80"}) {
    const auto refused = normalised_origin(elsewhere);
    ASSERT_FALSE(refused) << elsewhere;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage) << elsewhere;
  }
}

TEST(Origin, WhatIsNotAnAddressIsRefusedWithItsReason) {
  for (const char* bad :
       {"", "hub.example.org", "ftp://hub", "https://", "https:///path", "https://:443", "https://hub:0",
        "https://hub:65536", "https://hub:12a", "https://hub:", "https://user:secret@hub", "https://hub name",
        "https://hub\r\nX: y", "https://[::1", "https://[nonsense]", "https://[::1]x",
        "https://h\xc3\xbc"
        "b",
        "https://a:1:2"}) {
    const auto refused = normalised_origin(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage) << bad;
    EXPECT_FALSE(refused.error().hint.empty()) << bad;
  }
}

TEST(Origin, AColonWithoutAPortIsNoMissingHost) {
  EXPECT_NE(normalised_origin("http://127.0.0.1:").error().message.find("the port is not a number"),
            std::string::npos);
  EXPECT_NE(normalised_origin("https://:443").error().message.find("it names no host"), std::string::npos);
}

TEST(HubOrigin, WhatWouldBeLeftOutIsRefused) {
  EXPECT_EQ(hub_origin("HTTPS://Hub.example.org:443/").value(), "https://hub.example.org");
  for (const char* longer :
       {"https://hub/pawprint", "https://hub/?team=a", "https://hub?a", "https://hub/#a"}) {
    const auto refused = hub_origin(longer);
    ASSERT_FALSE(refused) << longer;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_EQ(refused.error().hint, "use the address https://hub");
  }
}

}  // namespace
}  // namespace pawprint
