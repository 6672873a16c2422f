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

TEST_F(RoutesLiveTest, OnlyATicketOpensTheLiveChannel) {
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

// A browser sends those by itself, for whatever page; the ticket's header it does not.
TEST_F(RoutesLiveTest, NoCookieOpensTheLiveChannelWhateverTheOriginSays) {
  make_edge("https://pawprint.example.org");
  const auto cookie = access_->begin_web_session("ada@example.org", kPassword, "127.0.0.1");
  ASSERT_TRUE(cookie);
  for (const char* origin : {"https://pawprint.example.org", "https://elsewhere.example.org"}) {
    const net::Admission admission =
        edge_->admit({"GET",
                      "/ws/v1/events/",
                      {{"Cookie", std::string(kSessionCookie) + "=" + *cookie}, {"Origin", origin}},
                      "127.0.0.1",
                      true});
    ASSERT_TRUE(admission.answer) << origin;
    EXPECT_EQ(admission.answer->status, 401) << origin;
  }
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
