#include "hub/edge/router.h"

#include <gtest/gtest.h>

#include <set>

namespace pawprint::hub::edge {
namespace {

net::ServerAnswer nothing(Exchange&) {
  return {};
}

constexpr Route kTable[] = {
    {"GET", "/things", Scope::open, 0, nothing},
    {"POST", "/things", Scope::member, 0, nothing},
    {"POST", "/things/", Scope::member, 0, nothing},
    {"GET", "/things/{id}/parts/{part}", Scope::member, 0, nothing},
};

TEST(Router, FindsARouteByMethodAndPath) {
  EXPECT_EQ(match_route(kTable, "GET", "/things").route, &kTable[0]);
  EXPECT_EQ(match_route(kTable, "HEAD", "/things").route, &kTable[0]);
  EXPECT_EQ(match_route(kTable, "POST", "/things").route, &kTable[1]);
  EXPECT_EQ(match_route(kTable, "POST", "/things/").route, &kTable[2]);
}

TEST(Router, NamesAreDecoded) {
  const Match match = match_route(kTable, "GET", "/things/a%20b/parts/%2Fc");
  ASSERT_EQ(match.route, &kTable[3]);
  EXPECT_EQ(match.names, (std::vector<std::string>{"a b", "/c"}));
}

TEST(Router, WhatDoesNotMatchExactlyIsNotThere) {
  for (const char* path :
       {"", "/", "things", "/thing", "/things//", "/Things", "/things/1/parts", "/things/1/parts/",
        "/things//parts/1", "/things/1/parts/2/", "/things/%zz/parts/1", "/things/%2/parts/%"}) {
    const Match match = match_route(kTable, "GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allowed, "") << path;
  }
}

TEST(Router, AnotherMethodLearnsWhichOnesThereAre) {
  const Match match = match_route(kTable, "DELETE", "/things");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "GET, HEAD, POST");
}

TEST(Router, EveryRouteOfTheHubIsThereOnceAndOnlyFewAreOpen) {
  std::set<std::string> seen;
  std::set<std::string_view> open;
  for (const Route& route : routes()) {
    EXPECT_TRUE(seen.insert(std::string(route.method) + " " + std::string(route.pattern)).second)
        << route.pattern;
    EXPECT_NE(route.handle, nullptr) << route.pattern;
    if (route.scope == Scope::open) open.insert(route.pattern);
  }
  EXPECT_EQ(open,
            (std::set<std::string_view>{"/api/v1/token/", "/api/v1/token/refresh/", "/api/v1/sync/health/",
                                        "/oauth/revoke", "/oauth/device", "/oauth/token", "/page.css",
                                        "/api/v1/invitations/accept", "/healthz", "/readyz", "/metrics"}));
}

}  // namespace
}  // namespace pawprint::hub::edge
