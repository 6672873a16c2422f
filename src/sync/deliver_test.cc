#include "sync/deliver.h"

#include "sync/fake_hub_for_test.h"

namespace pawprint::sync {
namespace {

TEST_F(DeliveryTest, EventsArriveInTheOrderOfTheClockAndLeaveTheQueue) {
  given_session();
  const outbox::Link link = given_link();
  given_event(link, 2);
  given_event(link, 1);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(hub.stored, (std::vector{id_of(1), id_of(2)}));
  EXPECT_EQ(summary.attempted, 2U);
  EXPECT_EQ(summary.success, 2U);
  EXPECT_EQ(summary.remaining, 0U);
  EXPECT_EQ(summary.stopped_by, "empty");
  EXPECT_FALSE(summary.problem);
  EXPECT_EQ(progress.back(), (std::pair<std::uint64_t, std::uint64_t>{2, 2}));
}

TEST_F(DeliveryTest, ARequestNamesTokenVersionAndQueue) {
  given_session();
  given_events(given_link(), 3);
  clock.advance_ms(5000);
  delivered();
  ASSERT_EQ(hub.batches.size(), 1U);
  const net::HttpRequest& request = hub.batches[0];
  EXPECT_EQ(request.url, "http://127.0.0.1:4711/api/v1/events/batch/");
  EXPECT_EQ(*header_of(request, "Authorization"), "Bearer access-1");
  EXPECT_EQ(*header_of(request, "Content-Encoding"), "gzip");
  EXPECT_EQ(*header_of(request, "X-Pawprint-Client"), "0.1.0");
  EXPECT_EQ(*header_of(request, "X-Pawprint-Queued"), "3;oldest=5");
}

TEST_F(DeliveryTest, ALostAnswerLeavesTheRowsPendingUntilAVerdictComes) {
  given_session();
  given_events(given_link(), 2);
  hub.will_lose_the_answer();
  hub.will([&](const net::HttpRequest& request) {
    EXPECT_EQ(snapshot().pending, 2U);  // sent once, known of nothing
    return verdicts_on(ids_in(request), [](const std::string&) { return "duplicate"; });
  });
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.duplicate, 2U);
  EXPECT_EQ(summary.remaining, 0U);
  EXPECT_EQ(summary.stopped_by, "empty");
  EXPECT_EQ(ids_in(hub.batches.at(0)), ids_in(hub.batches.at(1)));
  EXPECT_EQ(waiter.waits.size(), 1U);
}

TEST_F(DeliveryTest, WithoutAnyAnswerNothingIsSettledAndTheNextDeliveryStoresItOnce) {
  given_session();
  given_events(given_link(), 2);
  for (int attempt = 0; attempt < 3; ++attempt) hub.will_lose_the_answer();
  const DeliverySummary first = delivered();
  EXPECT_EQ(first.stopped_by, "unreachable");
  EXPECT_EQ(first.problem->kind, ErrorKind::unreachable);
  EXPECT_EQ(first.unknown, 2U);
  EXPECT_EQ(first.attempted, 2U);
  EXPECT_EQ(first.remaining, 2U);
  EXPECT_EQ(waiter.waits.size(), 2U);
  EXPECT_EQ(delivered().success, 2U);
}

TEST_F(DeliveryTest, AHubThatIsDownIsAskedOnceAndTheEventsStay) {
  given_session();
  given_events(given_link("p-1"), 1);
  given_event(given_link("p-2"), 2);
  hub.health = fail(ErrorKind::unreachable, "connection refused");
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "unreachable");
  EXPECT_EQ(summary.attempted, 0U);
  EXPECT_EQ(summary.remaining, 2U);
  EXPECT_EQ(hub.asked.size(), 1U);
}

TEST_F(DeliveryTest, WhatIsKnownToHelpAgainstAHubThatCannotBeReachedIsSaid) {
  given_session();
  given_event(given_link(), 1);
  hub.health = fail(ErrorKind::unreachable, "no TLS connection", "export SSL_CERT_FILE=FILE");
  EXPECT_EQ(delivered().problem->hint, "export SSL_CERT_FILE=FILE");
  hub.health = fail(ErrorKind::unreachable, "connection refused");
  EXPECT_EQ(delivered().problem->hint, "pawprint sync now");
}

TEST_F(DeliveryTest, OneRefusedEventAmongThirtyHoldsBackNoOther) {
  given_session();
  given_events(given_link(), 30);
  hub.will([](const net::HttpRequest& request) {
    return verdicts_on(ids_in(request),
                       [](const std::string& id) { return id == id_of(7) ? "rejected" : "success"; });
  });
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.success, 29U);
  EXPECT_EQ(summary.parked, 1U);
  EXPECT_EQ(summary.stopped_by, "empty");
  ASSERT_EQ(snapshot().parked.size(), 1U);
  EXPECT_EQ(snapshot().parked[0].reason, "schema_mismatch: no");
}

TEST_F(DeliveryTest, APoisonThatSpoilsTheWholeFrameIsFoundAndParked) {
  given_session();
  given_events(given_link(), 30);
  const auto spoilt = [](const net::HttpRequest& request) {
    const auto ids = ids_in(request);
    if (std::ranges::find(ids, id_of(7)) != ids.end()) {
      return net::HttpAnswer{.status = 400, .headers = {}, .body = R"({"error":"cannot read"})"};
    }
    return verdicts_on(ids, [](const std::string&) { return "success"; });
  };
  for (int request = 0; request < 20; ++request) hub.will(spoilt);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.success, 29U);
  EXPECT_EQ(summary.parked, 1U);
  EXPECT_EQ(snapshot().parked.at(0).reason, "malformed: HTTP 400: cannot read");
}

TEST_F(DeliveryTest, ARowThatIsNoJsonObjectIsNeverSent) {
  given_session();
  const outbox::Link link = given_link();
  given_event(link, 1);
  given_event(link, 2, "{\"event_id\": torn");
  given_event(link, 3, "[1]");
  const DeliverySummary summary = delivered();
  EXPECT_EQ(hub.stored, std::vector{id_of(1)});
  EXPECT_EQ(summary.parked, 2U);
  EXPECT_EQ(summary.remaining, 0U);
}

// The hub would store what nobody emitted, and its verdict would settle no row.
TEST_F(DeliveryTest, ARowWhoseEventHasAnotherIdIsNeverSent) {
  given_session();
  const outbox::Link link = given_link();
  given_event(link, 1);
  given_event(link, 2, fmt::format(R"({{"event_id":"{}"}})", id_of(9)));
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.success, 1U);
  EXPECT_EQ(summary.parked, 1U);
  EXPECT_TRUE(snapshot().parked.at(0).reason.starts_with("malformed: event_id: "));
}

TEST_F(DeliveryTest, AnEmptyListOfResultsEndsThePass) {
  given_session();
  given_events(given_link(), 2);
  for (int request = 0; request < 10; ++request) hub.will_answer(200, R"({"results":[]})");
  const DeliverySummary summary = delivered();
  EXPECT_EQ(hub.batches.size(), 3U);
  EXPECT_EQ(summary.stopped_by, "unreachable");
  EXPECT_EQ(snapshot().pending, 2U);
}

TEST_F(DeliveryTest, TheHubsLimitsAreKeptInBytesAndInNumber) {
  given_session();
  const outbox::Link link = given_link();
  for (std::uint64_t number = 1; number <= 10; ++number) {
    given_event(link, number,
                fmt::format(R"({{"event_id":"{}","x":"{}"}})", id_of(number), std::string(1000, 'x')));
  }
  hub.health = net::HttpAnswer{
      .status = 200,
      .headers = {},
      .body =
          R"({"sync_ingress":{"limits":{"max_events_per_batch":4,"max_decompressed_bytes_per_batch":3500}}})"};
  EXPECT_EQ(delivered().success, 10U);
  for (const net::HttpRequest& request : hub.batches) {
    EXPECT_LE(net::gunzip(request.body, 1U << 20).value().size(), 3500U);
    EXPECT_LE(ids_in(request).size(), 4U);
  }
}

TEST_F(DeliveryTest, ABatchThatCompressesBadlyIsHalvedBeforeItIsSent) {
  given_session();
  const outbox::Link link = given_link();
  for (std::uint64_t number = 1; number <= 8; ++number) {
    std::string noise;
    for (int word = 0; word < 60; ++word) noise += fmt::format("{:016x}", random.next_u64());
    given_event(link, number, fmt::format(R"({{"event_id":"{}","x":"{}"}})", id_of(number), noise));
  }
  hub.health = net::HttpAnswer{
      .status = 200, .headers = {}, .body = R"({"sync_ingress":{"limits":{"max_bytes_per_batch":1500}}})"};
  EXPECT_EQ(delivered().success, 8U);
  for (const net::HttpRequest& request : hub.batches) EXPECT_LE(request.body.size(), 1500U);
}

TEST_F(DeliveryTest, AnEventThatIsTooLargeAloneIsParkedAndTheOthersArrive) {
  given_session();
  given_events(given_link(), 5);
  const auto small_hub = [](const net::HttpRequest& request) {
    const auto ids = ids_in(request);
    if (std::ranges::find(ids, id_of(2)) != ids.end()) {
      return net::HttpAnswer{.status = 413, .headers = {}, .body = R"({"error":"too big"})"};
    }
    return verdicts_on(ids, [](const std::string&) { return "success"; });
  };
  for (int request = 0; request < 10; ++request) hub.will(small_hub);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.success, 4U);
  EXPECT_EQ(summary.parked, 1U);
  EXPECT_EQ(snapshot().parked.at(0).reason, "too_large: HTTP 413: too big");
}

TEST_F(DeliveryTest, AHubThatAsksToWaitIsLeftAlone) {
  given_session();
  given_events(given_link("p-1"), 1);
  given_event(given_link("p-2"), 2);
  hub.will_answer(429, R"({"error":"quota"})", {{"Retry-After", "120"}});
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "rate_limited");
  EXPECT_EQ(summary.problem->kind, ErrorKind::rate_limited);
  EXPECT_NE(summary.problem->message.find("120 s"), std::string::npos);
  EXPECT_EQ(hub.batches.size(), 1U);
  EXPECT_EQ(snapshot().pending, 2U);
  ASSERT_TRUE(snapshot().wait);
  EXPECT_EQ(snapshot().wait->origin, kOrigin);
  clock.advance_ms(119'999);
  EXPECT_TRUE(snapshot().wait);
  clock.advance_ms(12'001);
  EXPECT_FALSE(snapshot().wait);
}

TEST_F(DeliveryTest, AHubMayNameTheTimeUntilWhichToWait) {
  given_session();
  given_events(given_link("p-1"), 1);
  hub.will_answer(
      503, "{}",
      {{"Date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Retry-After", "Sun, 06 Nov 1994 08:51:37 GMT"}});
  delivered();
  ASSERT_TRUE(snapshot().wait);
  EXPECT_GE(snapshot().wait->until_ms, kNow * 1000 + 120'000);
  EXPECT_LE(snapshot().wait->until_ms, kNow * 1000 + 132'000);
}

TEST_F(DeliveryTest, AHubThatTakesNothingAndNamesNoTimeHasNotAskedToWait) {
  given_session();
  given_events(given_link("p-1"), 1);
  hub.will_answer(503);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "rate_limited");
  EXPECT_EQ(summary.problem->kind, ErrorKind::rate_limited);
  EXPECT_EQ(summary.problem->hint, "pawprint sync now");
  EXPECT_FALSE(snapshot().wait);
  ASSERT_EQ(snapshot().failures.size(), 1U);
  EXPECT_EQ(snapshot().failures[0].why, summary.problem->message);
}

TEST_F(DeliveryTest, AHubThatAskedToWaitAndTakesEventsSoonerIsWaitedForNoMore) {
  given_session();
  given_events(given_link("p-1"), 1);
  hub.will_answer(429, R"({"error":"quota"})", {{"Retry-After", "120"}});
  delivered();
  EXPECT_TRUE(snapshot().wait);
  delivered();
  given_event(given_link("p-1"), 2);
  EXPECT_FALSE(snapshot().wait);
}

TEST_F(DeliveryTest, ARefusalOfOneLinkDoesNotStopTheOther) {
  given_session();
  given_events(given_link("p-1"), 1);
  given_event(given_link("p-2"), 2);
  hub.will_answer(403, R"({"error":"you may only read","error_category":"role"})");
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "refused");
  EXPECT_NE(summary.problem->message.find("you may only read"), std::string::npos);
  EXPECT_EQ(summary.success, 1U);
  EXPECT_EQ(summary.remaining, 1U);
}

TEST_F(DeliveryTest, AnInterruptionEndsThePassAfterTheAnswerThatIsUnderWay) {
  given_session();
  given_events(given_link(), 2);
  hub.health = net::HttpAnswer{
      .status = 200, .headers = {}, .body = R"({"sync_ingress":{"limits":{"max_events_per_batch":1}}})"};
  hub.will([&](const net::HttpRequest& request) {
    interrupted = true;
    return verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
  });
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "interrupted");
  EXPECT_EQ(summary.problem->kind, ErrorKind::interrupted);
  EXPECT_EQ(summary.success, 1U);
  EXPECT_EQ(summary.remaining, 1U);
  EXPECT_EQ(hub.batches.size(), 1U);
}

TEST_F(DeliveryTest, TheHighestClockOfTheHubIsHandedBack) {
  given_session();
  given_events(given_link(), 2);
  hub.health = net::HttpAnswer{
      .status = 200, .headers = {}, .body = R"({"sync_ingress":{"limits":{"max_events_per_batch":1}}})"};
  for (const std::string_view value : {"41", "17"}) {
    hub.will([value](const net::HttpRequest& request) {
      auto answer = verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
      answer.headers = {{"X-Pawprint-Clock", std::string(value)}};
      return answer;
    });
  }
  EXPECT_EQ(delivered().highest_clock, 41U);
}

TEST_F(DeliveryTest, AClockThatIsNoNumberIsPassedOver) {
  given_session();
  given_events(given_link(), 1);
  hub.will([](const net::HttpRequest& request) {
    auto answer = verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
    answer.headers = {{"X-Pawprint-Clock", "-1"}};
    return answer;
  });
  EXPECT_FALSE(delivered().highest_clock);
}

TEST_F(DeliveryTest, EventsOfSomebodyElseAreNotCalledDelivered) {
  given_session(kOrigin, "u-2", "bob");
  given_events(given_link(), 1);
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "not_signed_in");
  EXPECT_EQ(summary.remaining, 1U);
  ASSERT_TRUE(summary.problem);
  EXPECT_EQ(summary.problem->kind, ErrorKind::not_signed_in);
  for (const std::string_view part : {"http://127.0.0.1:4711", "acme", "u-1"}) {
    EXPECT_NE(summary.problem->message.find(part), std::string::npos) << summary.problem->message;
  }
  EXPECT_EQ(summary.problem->hint, "pawprint auth login --server http://127.0.0.1:4711 --team acme");
  EXPECT_TRUE(hub.asked.empty());
}

TEST_F(DeliveryTest, EventsWithoutALinkAreCountedAndStopNothing) {
  given_session();
  const outbox::NewRow row{
      .event_id = id_of(9), .lamport = 9, .link_id = {}, .project_uuid = "p-9", .data = "{}"};
  ASSERT_TRUE(outbox().append(std::span(&row, 1), Durability::process));
  const outbox::Link ended = given_link("p-1");
  given_events(ended, 1);
  ASSERT_TRUE(outbox().unlink(ended.project_uuid, ended.repo_instance));
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "empty");
  EXPECT_EQ(summary.remaining, 0U);
  EXPECT_EQ(summary.unlinked, 1U);
  EXPECT_EQ(summary.ended, 1U);
  EXPECT_TRUE(hub.asked.empty());
}

TEST_F(DeliveryTest, WhatIsQueuedDuringTheDeliveryGoesOutToo) {
  given_session();
  const outbox::Link first = given_link("p-1");
  const outbox::Link second = given_link("p-2");
  given_event(second, 1);
  hub.will([&](const net::HttpRequest& request) {
    given_event(first, 2);
    return verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
  });
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.success, 2U);
  EXPECT_EQ(summary.remaining, 0U);
}

TEST_F(DeliveryTest, AHubHearsOfItsOwnLinkAlone) {
  given_session();
  given_session("http://127.0.0.1:9999");
  given_event(given_link("p-1", "http://127.0.0.1:9999"), 1);
  clock.advance_ms(7000);
  given_event(given_link("p-2"), 2);
  clock.advance_ms(5000);
  delivered();
  ASSERT_EQ(hub.batches.size(), 2U);
  EXPECT_EQ(*header_of(hub.batches[0], "X-Pawprint-Queued"), "1;oldest=12");
  EXPECT_EQ(*header_of(hub.batches[1], "X-Pawprint-Queued"), "1;oldest=5");
}

TEST_F(DeliveryTest, TheHtmlOfAProxyParksNothing) {
  given_session();
  given_events(given_link(), 3);
  hub.will_answer(400, "<html><h1>Bad Request</h1></html>");
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "refused");
  EXPECT_EQ(summary.parked, 0U);
  EXPECT_EQ(summary.remaining, 3U);
  EXPECT_EQ(hub.batches.size(), 1U);
  hub.will_answer(413, "Request Entity Too Large");
  EXPECT_EQ(delivered().parked, 0U);
  EXPECT_EQ(snapshot().pending, 3U);
}

TEST_F(DeliveryTest, AnErrorOnTheWayKeepsTheCountsAndTheOtherLinks) {
  given_session();
  given_session("http://127.0.0.1:9999");
  given_events(given_link("p-1"), 2);
  given_event(given_link("p-2", "http://127.0.0.1:9999"), 3);
  hub.health = net::HttpAnswer{
      .status = 200, .headers = {}, .body = R"({"sync_ingress":{"limits":{"max_events_per_batch":1}}})"};
  hub.will([&](const net::HttpRequest& request) {
    std::filesystem::permissions(home / "sessions.toml", std::filesystem::perms::all);
    return verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
  });
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.success, 1U);
  EXPECT_EQ(summary.remaining, 2U);
  EXPECT_EQ(summary.stopped_by, "failed");
  ASSERT_TRUE(summary.problem);
  EXPECT_EQ(summary.problem->kind, ErrorKind::failed);
}

TEST_F(DeliveryTest, AnInterruptionWhileTheHubIsSilentIsAnInterruption) {
  given_session();
  given_events(given_link(), 1);
  hub.on_health = [&] { interrupted = true; };
  hub.health = fail(ErrorKind::unreachable, "no answer within 10000 ms");
  const DeliverySummary summary = delivered();
  EXPECT_EQ(summary.stopped_by, "interrupted");
  EXPECT_EQ(summary.problem->kind, ErrorKind::interrupted);
}

TEST_F(DeliveryTest, WhatIsSentIsOnTheDiskFirst) {
  given_session();
  given_events(given_link(), 2);
  hub.will([&](const net::HttpRequest& request) {
    auto database = sqlite::Connection::open(home / "outbox.db", sqlite::Access::read_only).value();
    auto commits = database.prepare("SELECT value FROM meta WHERE key = 'made_durable'").value();
    EXPECT_TRUE(commits.step().value());
    return verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
  });
  EXPECT_EQ(delivered().success, 2U);
}

}  // namespace
}  // namespace pawprint::sync
