// Deliveries and the session that they need.
#include "sync/deliver.h"
#include "sync/fake_hub_for_test.h"

namespace pawprint::sync {
namespace {

TEST_F(DeliveryTest, AnExpiredSignInIsRefreshedOnceOnTheWay) {
  given_session();
  given_events(given_link(), 1);
  hub.will_answer(401);
  hub.refresh = net::HttpAnswer{
      .status = 200,
      .headers = {},
      .body =
          R"({"access":"access-2","refresh":"refresh-2","access_lifetime":900,"refresh_lifetime":604800})"};
  EXPECT_EQ(delivered().success, 1U);
  ASSERT_EQ(hub.batches.size(), 2U);
  EXPECT_EQ(*header_of(hub.batches[1], "Authorization"), "Bearer access-2");
}

TEST_F(DeliveryTest, ARefusedSignInStopsTheDeliveryAndTouchesNoRow) {
  given_session();
  given_events(given_link(), 2);
  hub.will_answer(401);
  hub.refresh = net::HttpAnswer{.status = 401, .headers = {}, .body = {}};
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "not_signed_in");
  EXPECT_EQ(summary.problem->kind, ErrorKind::not_signed_in);
  EXPECT_EQ(summary.problem->hint, "pawprint auth login --server http://127.0.0.1:4711 --team acme");
  EXPECT_EQ(summary.attempted, 0U);
  EXPECT_EQ(snapshot().pending, 2U);
  EXPECT_TRUE(store.load().value().empty());
  ASSERT_EQ(snapshot().failures.size(), 1U);
  EXPECT_EQ(snapshot().failures[0].by, outbox::Outbox::FailedBy::sign_in);
  EXPECT_EQ(snapshot().failures[0].why, summary.problem->message);
  EXPECT_EQ(delivered().stopped_by, "not_signed_in");
  EXPECT_EQ(snapshot().failures.size(), 1U)
      << "why the sign-in ended is told for as long as nobody is signed in";
}

TEST_F(DeliveryTest, ATeamInTheCommandThatSignsInIsQuotedForTheShell) {
  given_session();
  given_events(given_link("p-1", kOrigin, "acme;ls"), 1);
  hub.will_answer(401);
  hub.refresh = net::HttpAnswer{.status = 401, .headers = {}, .body = {}};
  EXPECT_EQ(delivered().problem->hint, "pawprint auth login --server http://127.0.0.1:4711 --team 'acme;ls'");
}

TEST_F(DeliveryTest, SoIsTheAddressOfAHub) {
  given_events(given_link("p-1", "http://[::1]:9"), 1);
  EXPECT_EQ(delivered().problem->hint, "pawprint auth login --server 'http://[::1]:9' --team acme");
}

// The hub refreshes the sign-in, and something before it lets nothing through.
TEST_F(DeliveryTest, WhatIsRefusedWithASignInThatStillHoldsIsAFailureOfTheDelivery) {
  given_session();
  given_events(given_link(), 1);
  hub.refresh = net::HttpAnswer{
      .status = 200,
      .headers = {},
      .body =
          R"({"access":"access-2","refresh":"refresh-2","access_lifetime":900,"refresh_lifetime":604800})"};
  hub.will_answer(401);
  hub.will_answer(401);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "refused");
  EXPECT_EQ(summary.problem->kind, ErrorKind::refused);
  EXPECT_FALSE(summary.problem->message.contains("ended")) << summary.problem->message;
  EXPECT_FALSE(store.load().value().empty());
  ASSERT_EQ(snapshot().failures.size(), 1U);
  EXPECT_EQ(snapshot().failures[0].by, outbox::Outbox::FailedBy::delivery);
  EXPECT_EQ(snapshot().failures[0].why, summary.problem->message);
}

TEST_F(DeliveryTest, WhoIsNotSignedInSendsNothingAndIsTold) {
  given_events(given_link(), 2);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "not_signed_in");
  EXPECT_EQ(summary.remaining, 2U);
  EXPECT_TRUE(hub.asked.empty());
}

TEST_F(DeliveryTest, ATokenGoesToItsOwnHubAlone) {
  given_session("http://127.0.0.1:9999");
  given_events(given_link(), 2);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.remaining, 2U);
  EXPECT_EQ(summary.stopped_by, "not_signed_in");
  EXPECT_TRUE(hub.asked.empty());
}

TEST_F(DeliveryTest, OneLinkWithoutASessionIsNamedAfterTheOthersWereDelivered) {
  given_session();
  given_events(given_link("p-1", "http://127.0.0.1:9999"), 1);
  given_event(given_link("p-2"), 2);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.success, 1U);
  EXPECT_EQ(summary.remaining, 1U);
  EXPECT_EQ(summary.stopped_by, "not_signed_in");
  EXPECT_NE(summary.problem->message.find("http://127.0.0.1:9999"), std::string::npos);
}

TEST_F(DeliveryTest, WhatOneLinkOfAHubFailedForIsNotTheOthers) {
  given_session();
  const outbox::Link link = given_link("p-1");
  given_event(link, 1);
  given_event(given_link("p-2"), 2);
  hub.will_answer(403, R"({"error":"not for you"})");
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "refused");
  EXPECT_EQ(summary.success, 1U);
  given_event(given_link("p-2"), 3);
  const auto failures = snapshot().failures;
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].link.link_id, link.link_id);
  EXPECT_NE(failures[0].why.find("not for you"), std::string::npos) << failures[0].why;
  EXPECT_EQ(delivered().success, 2U);
  given_event(link, 4);
  EXPECT_TRUE(snapshot().failures.empty());
}

TEST_F(DeliveryTest, AFailureIsKeptUntilADeliverySucceeds) {
  given_session();
  given_events(given_link("p-1"), 1);
  hub.will_answer(403, R"({"error":"you may only read"})");
  const std::string refusal = delivered().problem->message;
  hub.will_answer(503, "{}", {{"Retry-After", "120"}});
  EXPECT_EQ(delivered().stopped_by, "rate_limited");
  ASSERT_EQ(snapshot().failures.size(), 1U);
  EXPECT_EQ(snapshot().failures[0].why, refusal);
  hub.will_answer(401);
  hub.refresh = net::HttpAnswer{.status = 401, .headers = {}, .body = {}};
  EXPECT_EQ(delivered().stopped_by, "not_signed_in");
  EXPECT_EQ(snapshot().failures.size(), 1U);
  given_session();
  EXPECT_EQ(delivered().success, 1U);
  given_event(given_link("p-1"), 2);
  EXPECT_TRUE(snapshot().failures.empty());
}

TEST_F(DeliveryTest, TheReasonOfAFailedRefreshIsTold) {
  given_session();
  given_events(given_link(), 1);
  hub.will_answer(401);
  hub.refresh = net::HttpAnswer{.status = 503, .headers = {}, .body = R"({"error":"the disk is full"})"};
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "unreachable");
  EXPECT_NE(summary.problem->message.find("the disk is full"), std::string::npos) << summary.problem->message;
}

TEST_F(DeliveryTest, WhoSignsOutMeanwhileSendsNothingMore) {
  given_session();
  given_events(given_link(), 3);
  hub.will_answer(413, R"({"error":"too big"})");
  hub.will([&](const net::HttpRequest& request) {
    EXPECT_TRUE(store.remove(store.load().value().at(0)).value());
    return verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
  });
  const DeliverySummary summary = delivered();
  EXPECT_EQ(hub.batches.size(), 2U);
  EXPECT_EQ(summary.stopped_by, "not_signed_in");
  EXPECT_EQ(summary.remaining, 3U - summary.success);
}

}  // namespace
}  // namespace pawprint::sync
