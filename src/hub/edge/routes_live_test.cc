#include <gtest/gtest.h>

#include <algorithm>

#include "hub/edge/edge_fixture.h"

namespace pawprint::hub::edge {
namespace {

class RoutesLiveTest : public EdgeFixture {
 protected:
  void make_edge(std::string public_url) {
    edge_ = std::make_unique<Edge>(
        environment_, Services{*store_, *access_, *ingest_, *board_, std::move(public_url), opener()},
        [](const Record&) {});
  }

  net::ServerAnswer ask_ticket(const std::string& token, std::string_view path = "/api/v1/ws-token/") {
    return post(std::string(path), "", token, {{"Host", "hub.example.org:8443"}});
  }

  int upgrade(const std::string& ticket, std::string_view query = "") {
    opened_for_.clear();
    return send({"GET", std::string("/ws/v1/events/").append(query), bearer(ticket), {}, true}).status;
  }

  std::string signed_in_on_page() {
    const auto cookie = access_->begin_web_session("ada@example.org", kPassword, "127.0.0.1");
    EXPECT_TRUE(cookie);
    return cookie.value_or("");
  }

  net::ServerAnswer upgrade_on_page(const std::string& cookie, std::vector<net::Header> headers) {
    opened_for_.clear();
    headers.push_back({"Cookie", fmt::format("other=1; {}={}", kSessionCookie, cookie)});
    return send({"GET", "/ws/v1/events/", std::move(headers), {}, true});
  }
};

TEST_F(RoutesLiveTest, ATicketOpensTheLiveChannelOfItsTeamOnce) {
  for (const std::string_view path : {"/api/v1/ws-token/", "/api/v1/ws-token"}) {
    const auto answer = ask_ticket(token_of("ada@example.org"), path);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(object_in(answer).at("expires_in").as_int64(), 900);
    EXPECT_EQ(text(answer, "ws_url"), "ws://hub.example.org:8443/ws/v1/events/");
    const std::string ticket = text(answer, "ws_token");
    EXPECT_EQ(upgrade(ticket), 101);
    EXPECT_EQ(opened_for_, "acme");
    EXPECT_EQ(upgrade(ticket), 401);
  }
}

TEST_F(RoutesLiveTest, NoOtherTokenOpensTheLiveChannel) {
  EXPECT_EQ(upgrade(""), 401);
  EXPECT_EQ(upgrade("nonsense"), 401);
  EXPECT_EQ(upgrade(token_of("ada@example.org")), 401);
  EXPECT_EQ(ask_ticket("").status, 401);
}

TEST_F(RoutesLiveTest, WithoutAnUpgradeThereIsNothingAndTheTicketIsNotUsedUp) {
  const std::string ticket = text(ask_ticket(token_of("ada@example.org")), "ws_token");
  for (const char* method : {"GET", "HEAD"}) {
    const auto refused = send({method, "/ws/v1/events/", bearer(ticket), {}});
    EXPECT_EQ(refused.status, 426);
    EXPECT_TRUE(text(refused, "error").contains("WebSocket")) << refused.body;
    EXPECT_EQ(header(refused, "Upgrade"), "websocket");
    EXPECT_EQ(header(refused, "Connection"), "Upgrade");
    EXPECT_FALSE(header(refused, "X-Request-Id").empty());
  }
  EXPECT_EQ(upgrade(ticket), 101);
}

constexpr const char* kOwnOrigin = "https://pawprint.example.org";

// As a browser opens it, which can set no header but sends the cookie by itself, for whatever page.
TEST_F(RoutesLiveTest, TheCookieOfThePagesOpensTheLiveChannelForTheHubsOwnPageAlone) {
  make_edge(kOwnOrigin);
  const std::string cookie = signed_in_on_page();
  for (const char* foreign :
       {"https://elsewhere.example.org", "https://pawprint.example.org.example", "https://example.org",
        "http://pawprint.example.org", "https://pawprint.example.org:8443", "https://pawprint.example.org/",
        "null", ""}) {
    const auto refused = upgrade_on_page(cookie, {{"Origin", foreign}});
    EXPECT_EQ(refused.status, 403) << foreign;
    EXPECT_EQ(text(refused, "error_category"), "forbidden") << refused.body;
  }
  EXPECT_EQ(upgrade_on_page(cookie, {}).status, 403) << "no Origin: no browser's";
  EXPECT_EQ(upgrade_on_page("nobodys", {{"Origin", "https://elsewhere.example.org"}}).status, 403)
      << "another site learns nothing of the cookie";
  EXPECT_EQ(opened_for_, "");
  EXPECT_EQ(upgrade_on_page(cookie, {{"Origin", kOwnOrigin}}).status, 101);
  EXPECT_EQ(opened_for_, "acme");
  EXPECT_EQ(upgrade_on_page(cookie, {{"Origin", kOwnOrigin}}).status, 101) << "it holds more than once";
}

TEST_F(RoutesLiveTest, WithoutAConfiguredAddressAnOwnPageIsOneOfTheHost) {
  const std::string cookie = signed_in_on_page();
  const auto from = [](std::string origin) {
    return std::vector<net::Header>{{"Host", "hub.test:8080"}, {"Origin", std::move(origin)}};
  };
  EXPECT_EQ(upgrade_on_page(cookie, from("http://hub.test")).status, 403);
  EXPECT_EQ(upgrade_on_page(cookie, from("https://hub.test:8080")).status, 403);
  EXPECT_EQ(upgrade_on_page(cookie, from("http://hub.test:8080")).status, 101);
}

TEST_F(RoutesLiveTest, TheCookieOfASessionThatHasEndedOpensNothing) {
  make_edge(kOwnOrigin);
  const auto opens = [&](const std::string& cookie) {
    return upgrade_on_page(cookie, {{"Origin", kOwnOrigin}}).status;
  };
  EXPECT_EQ(opens("nobodys"), 401);
  const std::string signed_out = signed_in_on_page();
  ASSERT_TRUE(access_->end_web_session(signed_out));
  EXPECT_EQ(opens(signed_out), 401);
  const std::string expired = signed_in_on_page();
  clock_.advance_ms(access::kWebLifetimeSeconds * 1000);
  EXPECT_EQ(opens(expired), 401);
  const std::string other_password = signed_in_on_page();
  ASSERT_TRUE(store_->users().set_password("ada@example.org", *identity::hash_password("correct horse")));
  EXPECT_EQ(opens(other_password), 401);
  const std::string removed = signed_in_on_page();
  EXPECT_EQ(opens(removed), 101);
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", **store_->users().find_team("acme")));
  EXPECT_EQ(opens(removed), 401);
}

TEST_F(RoutesLiveTest, WhereATicketIsSentTheCookieCountsForNothing) {
  make_edge(kOwnOrigin);
  const std::string cookie = signed_in_on_page();
  const auto with = [&](std::string authorization, const char* origin) {
    return upgrade_on_page(cookie, {{"Authorization", std::move(authorization)}, {"Origin", origin}}).status;
  };
  EXPECT_EQ(with("Bearer nonsense", kOwnOrigin), 401);
  EXPECT_EQ(with("", kOwnOrigin), 401);
  const std::string ticket = text(ask_ticket(token_of("bob@example.org")), "ws_token");
  EXPECT_EQ(with("Bearer " + ticket, "https://elsewhere.example.org"), 101);
  EXPECT_EQ(opened_for_, "other");
}

// Who has no socket to give says when to ask again.
TEST_F(RoutesLiveTest, WithoutASocketToBeHadTheAnswerSaysWhenToComeBack) {
  const std::string ticket = text(ask_ticket(token_of("ada@example.org")), "ws_token");
  edge_ = std::make_unique<Edge>(
      environment_,
      Services{*store_, *access_, *ingest_, *board_, "",
               [](const identity::Principal&, bool) { return std::shared_ptr<net::SocketEvents>(); }},
      [](const Record&) {});
  const auto refused = send({"GET", "/ws/v1/events/", bearer(ticket), {}, true});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(header(refused, "Retry-After"), "5");
}

// Beast would put its own name and version there.
TEST_F(RoutesLiveTest, AnUpgradeSaysWhatServesItAndNoVersion) {
  const std::string ticket = text(ask_ticket(token_of("ada@example.org")), "ws_token");
  const net::Admission admitted = edge_->admit({"GET", "/ws/v1/events/", bearer(ticket), {}, true});
  ASSERT_TRUE(admitted.upgrade);
  const auto server = std::ranges::find(admitted.upgrade_headers, "Server", &net::Header::name);
  ASSERT_NE(server, admitted.upgrade_headers.end());
  EXPECT_EQ(server->value, "pawprint-hub");
}

TEST_F(RoutesLiveTest, TheAddressIsTheConfiguredOne) {
  make_edge("https://pawprint.example.org");
  EXPECT_EQ(text(ask_ticket(token_of("ada@example.org")), "ws_url"),
            "wss://pawprint.example.org/ws/v1/events/");
}

TEST_F(RoutesLiveTest, WhoWasRemovedCannotUseATicketAnyMore) {
  const std::string ticket = text(ask_ticket(token_of("ada@example.org")), "ws_token");
  ASSERT_TRUE(store_->users().remove_member("ada@example.org", **store_->users().find_team("acme")));
  EXPECT_EQ(upgrade(ticket), 401);
}

TEST_F(RoutesLiveTest, AMachineSendsLiveAndReadsNothing) {
  const IssuedToken machine = issue_machine_token("acme");
  EXPECT_EQ(upgrade(text(ask_ticket(machine.text), "ws_token")), 403);
  EXPECT_EQ(upgrade(text(ask_ticket(machine.text), "ws_token"), "?stream=clock"), 101);
  EXPECT_EQ(opened_for_, "acme clock");
  const std::string ticket = text(ask_ticket(machine.text), "ws_token");
  ASSERT_TRUE(store_->machine_tokens().revoke(machine.token_id));
  EXPECT_EQ(upgrade(ticket, "?stream=clock"), 401);
}

}  // namespace
}  // namespace pawprint::hub::edge
