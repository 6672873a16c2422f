// A hub that came back from a backup, as its answers tell.
#include "sync/fake_hub_for_test.h"

namespace pawprint::sync {
namespace {

constexpr const char* kFirst = "01HX0000000000000000000001";
constexpr const char* kSecond = "01HX0000000000000000000002";
constexpr const char* kThird = "01HX0000000000000000000003";

class RestoredHubTest : public DeliveryTest {
 protected:
  RestoredHubTest() { given_session(); }

  void hub_has(const std::string& epoch) {
    hub.health = net::HttpAnswer{.status = 200, .headers = {{"X-Pawprint-Epoch", epoch}}, .body = "{}"};
  }
  static FakeHub::Script stored_in(const std::string& epoch, const std::string& status = "success") {
    return [=](const net::HttpRequest& request) {
      net::HttpAnswer answer = verdicts_on(ids_in(request), [&](const std::string&) { return status; });
      answer.headers.push_back({"X-Pawprint-Epoch", epoch});
      return answer;
    };
  }
};

TEST_F(RestoredHubTest, IsNoticedThoughNothingWaitsForIt) {
  hub_has(kFirst);
  given_events(given_link(), 3);
  EXPECT_EQ(delivered().again, 0U);
  EXPECT_EQ(delivered().attempted, 0U);
  ASSERT_EQ(hub.batches.size(), 1U);

  hub_has(kSecond);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.again, 3U);
  EXPECT_EQ(summary.success, 3U);
  EXPECT_EQ(summary.remaining, 0U);
  EXPECT_EQ(ids_in(hub.batches.at(1)), (std::vector{id_of(1), id_of(2), id_of(3)}));
  ASSERT_EQ(warnings.all().size(), 1U);
  EXPECT_EQ(warnings.all()[0].message,
            "http://127.0.0.1:4711 came back from a backup: sending 3 events again");
  EXPECT_EQ(delivered().attempted, 0U);
}

TEST_F(RestoredHubTest, GetsWhatItHadBeforeWhatIsNew) {
  hub_has(kFirst);
  const outbox::Link link = given_link();
  given_events(link, 2);
  delivered();
  given_event(link, 3);
  hub_has(kSecond);
  EXPECT_EQ(delivered().success, 3U);
  EXPECT_EQ(ids_in(hub.batches.back()), (std::vector{id_of(1), id_of(2), id_of(3)}));
}

TEST_F(RestoredHubTest, IsNoticedByTheAnswerToABatchToo) {
  const outbox::Link link = given_link();
  given_events(link, 2);
  hub.will(stored_in(kFirst));
  delivered();
  given_event(link, 3);
  hub.will(stored_in(kSecond));
  hub.will(stored_in(kSecond, "duplicate"));
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.again, 2U);
  EXPECT_EQ(summary.success, 1U);
  EXPECT_EQ(summary.duplicate, 2U);
  EXPECT_EQ(ids_in(hub.batches.back()), (std::vector{id_of(1), id_of(2)}));
}

TEST_F(RestoredHubTest, WhoeverAnswersWithAnotherEpochEachTimeIsSentEverythingOnceADelivery) {
  hub_has(kFirst);
  given_events(given_link(), 3);
  delivered();
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = hub.batches.size();
    hub_has(fmt::format("01HX{:022}", 100 + round));
    for (int answer = 0; answer < 5; ++answer)
      hub.will(stored_in(fmt::format("01HX{:022}", 200 + 10 * round + answer), "duplicate"));
    EXPECT_EQ(delivered().duplicate, 3U);
    EXPECT_EQ(hub.batches.size(), before + 1);
    hub.script.clear();
  }
}

TEST_F(RestoredHubTest, TwoBehindOneOriginAreSentEverythingOnce) {
  hub_has(kFirst);
  given_events(given_link(), 3);
  delivered();
  hub_has(kSecond);
  EXPECT_EQ(delivered().again, 3U);
  for (int answer = 0; answer < 6; ++answer) {
    hub_has(answer % 2 == 0 ? kFirst : kSecond);
    EXPECT_EQ(delivered().attempted, 0U);
  }
  hub_has(kThird);
  EXPECT_EQ(delivered().again, 3U);
}

TEST_F(RestoredHubTest, ThatDoesNotAnswerIsNoProblemWhileNothingWaits) {
  hub_has(kFirst);
  given_events(given_link(), 1);
  delivered();
  hub.health = fail(ErrorKind::unreachable, "connection refused");
  const std::size_t before = hub.asked.size();
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "empty");
  EXPECT_FALSE(summary.problem);
  EXPECT_EQ(hub.asked.size(), before + 1);
  given_event(given_link(), 2);
  EXPECT_EQ(delivered().stopped_by, "unreachable");
  EXPECT_EQ(hub.asked.size(), before + 2) << "asked once, not once for each purpose";
}

TEST_F(RestoredHubTest, WithoutASessionNobodyIsAsked) {
  hub_has(kFirst);
  given_events(given_link(), 1);
  delivered();
  ASSERT_TRUE(store.remove(store.load().value().front()));
  hub_has(kSecond);
  const std::size_t before = hub.asked.size();
  EXPECT_EQ(delivered().attempted, 0U);
  EXPECT_EQ(hub.asked.size(), before);
}

TEST_F(RestoredHubTest, WhatIsNoEpochSaysNothing) {
  hub_has(kFirst);
  given_events(given_link(), 1);
  delivered();
  for (const char* nonsense : {"", "nonsense", "01HX000000000000000000000", "' OR 1 --"}) {
    hub_has(nonsense);
    EXPECT_EQ(delivered().again, 0U) << nonsense;
  }
  hub_has("01hx0000000000000000000001");
  EXPECT_EQ(delivered().again, 0U);
}

}  // namespace
}  // namespace pawprint::sync
