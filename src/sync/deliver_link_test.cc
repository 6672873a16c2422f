// Deliveries along a link that is ended on the way.
#include "sync/deliver.h"
#include "sync/fake_hub_for_test.h"

namespace pawprint::sync {
namespace {

TEST_F(DeliveryTest, AProjectThatIsUnlinkedMeanwhileSendsNothingMore) {
  given_session();
  const outbox::Link link = given_link();
  given_events(link, 3);
  hub.will_answer(413, R"({"error":"too big"})");
  hub.will([&](const net::HttpRequest& request) {
    EXPECT_TRUE(outbox().unlink(link.project_uuid, link.repo_instance).value());
    return verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
  });
  const DeliverySummary summary = delivered();
  EXPECT_EQ(hub.batches.size(), 2U);
  EXPECT_EQ(summary.stopped_by, "empty");
  EXPECT_EQ(summary.ended, 3U - summary.success);
}

TEST_F(DeliveryTest, WhatIsMovedToAnotherHubMeanwhileGoesThereTooWhateverTheFormerOneSays) {
  constexpr std::string_view kOther = "http://127.0.0.1:4712";
  given_session();
  given_session(kOther);
  const outbox::Link former = given_link();
  given_events(former, 2);
  std::optional<outbox::Link> present;
  hub.will([&](const net::HttpRequest& request) {
    present = given_link("p-1", kOther);
    EXPECT_EQ(outbox().adopt(former, *present).value(), 2U);
    return verdicts_on(ids_in(request),
                       [](const std::string& id) { return id == id_of(1) ? "success" : "error"; });
  });
  const DeliverySummary summary = delivered();
  ASSERT_EQ(hub.batches.size(), 2U);
  EXPECT_TRUE(hub.batches[1].url.starts_with(kOther)) << hub.batches[1].url;
  EXPECT_EQ(ids_in(hub.batches[1]), (std::vector{id_of(1), id_of(2)}));
  EXPECT_EQ(summary.stopped_by, "empty");
  EXPECT_EQ(summary.remaining, 0U);
  EXPECT_TRUE(snapshot().parked.empty());
}

}  // namespace
}  // namespace pawprint::sync
