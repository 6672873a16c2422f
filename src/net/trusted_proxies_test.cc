#include "net/trusted_proxies.h"

#include <gtest/gtest.h>

namespace pawprint::net {
namespace {

using Headers = std::vector<Header>;

class TrustedProxiesTest : public testing::Test {
 protected:
  std::string client(std::string_view peer, Headers headers,
                     std::string_view trusted = "10.0.0.0/8,::1,2001:db8:1::/48",
                     ProxyHeader header = ProxyHeader::x_forwarded_for) {
    const auto proxies = TrustedProxies::parse(trusted, header);
    EXPECT_TRUE(proxies) << proxies.error().message;
    return proxies ? proxies->client_of({"GET", "/", std::move(headers), std::string(peer)}) : "";
  }
  std::string listed(std::string_view chain) {
    return client("10.0.0.1", {{"X-Forwarded-For", std::string(chain)}});
  }
  std::string structured(std::string_view chain) {
    return client("10.0.0.1", {{"Forwarded", std::string(chain)}}, "10.0.0.0/8", ProxyHeader::forwarded);
  }
};

TEST_F(TrustedProxiesTest, NobodyElsesHeaderIsBelieved) {
  const Headers forged{{"X-Forwarded-For", "192.0.2.1"}, {"Forwarded", "for=192.0.2.1"}};
  EXPECT_EQ(client("203.0.113.9", forged), "203.0.113.9");
  EXPECT_EQ(client("11.0.0.1", forged), "11.0.0.1");
  EXPECT_EQ(client("::2", forged), "::2");
  EXPECT_EQ(TrustedProxies().client_of({"GET", "/", forged, "127.0.0.1"}), "127.0.0.1");
}

TEST_F(TrustedProxiesTest, TheLastHopThatIsNoProxyOfOursIsTheClient) {
  EXPECT_EQ(listed("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(listed("192.0.2.7, 192.0.2.1"), "192.0.2.1") << "what is before it is the client's own";
  EXPECT_EQ(listed("192.0.2.7,192.0.2.1 ,10.0.0.2\t, 10.255.0.3"), "192.0.2.1");
  EXPECT_EQ(listed("10.0.0.3, 10.0.0.2"), "10.0.0.3") << "a client in the network of the proxies";
  EXPECT_EQ(
      client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.1"}, {"x-forwarded-for", "192.0.2.2, 10.0.0.2"}}),
      "192.0.2.2");
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
}

TEST_F(TrustedProxiesTest, AddressesComeInAllTheirForms) {
  EXPECT_EQ(client("::1", {{"X-Forwarded-For", "2001:DB8:0::5"}}), "2001:db8::5");
  EXPECT_EQ(client("2001:db8:1::9", {{"X-Forwarded-For", "2001:db8:2::5, 2001:db8:1:2::3"}}),
            "2001:db8:2::5");
  EXPECT_EQ(client("::ffff:10.0.0.1", {{"X-Forwarded-For", "::ffff:192.0.2.1"}}), "192.0.2.1");
  EXPECT_EQ(listed("192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(listed("[2001:db8::5]:4711"), "2001:db8::5");
  EXPECT_EQ(listed("[2001:db8::5]"), "2001:db8::5");
  EXPECT_EQ(client("192.0.2.9", {{"X-Forwarded-For", "203.0.113.1"}}, "192.0.2.8/31"), "203.0.113.1");
  EXPECT_EQ(client("192.0.2.10", {{"X-Forwarded-For", "203.0.113.1"}}, "192.0.2.8/31"), "192.0.2.10");
  EXPECT_EQ(client("192.0.2.9", {{"X-Forwarded-For", "203.0.113.1"}}, "0.0.0.0/0"), "203.0.113.1");
}

TEST_F(TrustedProxiesTest, AHopThatIsNoAddressEndsTheWalkAtWhoNamedIt) {
  for (const char* hop : {"unknown", "", "192.0.2.1, ", "192.0.2.1, _hidden", "192.0.2.1, 300.1.1.1",
                          "192.0.2.1, [::1", "1,2"}) {
    EXPECT_EQ(listed(hop), "10.0.0.1") << hop;
  }
  EXPECT_EQ(listed("192.0.2.1, garbage, 10.0.0.2"), "10.0.0.2");
}

TEST_F(TrustedProxiesTest, TheHeaderOfTheStandardIsReadToo) {
  EXPECT_EQ(structured("for=192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(structured("proto=https;For=\"192.0.2.1:80\" ; by=10.0.0.1"), "192.0.2.1");
  EXPECT_EQ(structured("for=192.0.2.7, for=\"[2001:db8::5]:4711\", for=10.0.0.2;host=\"a,b;for=192.0.2.9\""),
            "2001:db8::5");
  for (const char* chain : {"for=unknown", "proto=https", "for=\"_a,b\"",
                            "for=", "for=192.0.2.1, by=10.0.0.2", "=", "for=\"192.0.2.1"}) {
    EXPECT_EQ(structured(chain), "10.0.0.1") << chain;
  }
}

TEST_F(TrustedProxiesTest, AQuoteThatAClientLeavesOpenDoesNotSwallowWhatTheProxyAppends) {
  EXPECT_EQ(listed("\", 203.0.113.5"), "203.0.113.5");
  EXPECT_EQ(listed("\"1\\, 203.0.113.5"), "203.0.113.5");
  for (const char* sent : {"for=\"", "\"", "for=\"\\", "for=192.0.2.7;host=\"a", "\\\"\\"}) {
    EXPECT_EQ(structured(std::string(sent) + ", for=203.0.113.5"), "203.0.113.5") << sent;
    EXPECT_EQ(structured(std::string(sent) + ", for=\"[2001:db8::5]:80\";host=\"a\\\",\\\\\""), "2001:db8::5")
        << sent;
  }
}

// It passes on the other header as its client sent it.
TEST_F(TrustedProxiesTest, OnlyTheHeaderThatTheProxyWritesIsRead) {
  const Headers both{{"X-Forwarded-For", "192.0.2.1"}, {"Forwarded", "for=192.0.2.2"}};
  EXPECT_EQ(client("10.0.0.1", both), "192.0.2.1");
  EXPECT_EQ(client("10.0.0.1", {{"Forwarded", "for=192.0.2.2"}}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", both, "10.0.0.1", ProxyHeader::forwarded), "192.0.2.2");
  EXPECT_EQ(client("10.0.0.1", {{"X-Forwarded-For", "192.0.2.1"}}, "10.0.0.1", ProxyHeader::forwarded),
            "10.0.0.1");
}

TEST_F(TrustedProxiesTest, AListThatIsNoneIsRefused) {
  for (const char* list : {"", "proxy.example.org", "10.0.0.0/33", "::1/129", "10.0.0.0/", "10.0.0.0/8x",
                           "10.0.0.1,", "10.0.0.0/-1", "10.0.0"}) {
    const auto refused = TrustedProxies::parse(list);
    ASSERT_FALSE(refused) << list;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  }
}

}  // namespace
}  // namespace pawprint::net
