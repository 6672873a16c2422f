// The requests of an unmodified spec-kitty 2.0 client, byte for byte as its three libraries send them (httpx
// to sign in, requests for batches, websockets for the live channel), over TLS as it insists on, against the
// real hub; and what that client makes of the answers (docs/compat.md).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "harness/hub_reader.h"
#include "harness/raw_connection.h"
#include "harness/sandbox.h"
#include "net/certificates_for_test.h"
#include "net/gzip.h"

namespace pawprint::testing {
namespace {

namespace json = boost::json;

constexpr const char* kProject = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

std::string id_of(int number) {
  return fmt::format("01KH6J3Q8V000000000000{:04}", number);
}

// As json.dumps writes what the client's emitter builds: a blank behind every colon and comma, ASCII alone,
// microseconds and an offset in the time, no schema_version.
std::string event(int number, std::string_view payload_end = R"("to_lane": "in_progress")") {
  return fmt::format(
      R"({{"event_id": "{}", "event_type": "WPStatusChanged", "aggregate_id": "WP{:02}", )"
      R"("aggregate_type": "WorkPackage", "payload": {{"wp_id": "WP{:02}", "from_lane": "planned", {}, )"
      R"("actor": "Zo\u00eb", "feature_slug": "032-identity-aware-sync", "policy_metadata": null}}, )"
      R"("node_id": "a1b2c3d4e5f6", "lamport_clock": {}, "causation_id": null, )"
      R"("timestamp": "2026-02-03T12:00:00.123456+00:00", "team_slug": "acme", )"
      R"("project_uuid": "{}", "project_slug": "birdhouse", "git_branch": "main", )"
      R"("head_commit_sha": "3fa5e04929cbee0000000000000000000000000a", "repo_slug": "acme/birdhouse"}})",
      id_of(number), number % 100 + 1, number % 100 + 1, payload_end, number, kProject);
}

std::string batch(const std::vector<std::string>& events) {
  std::string body = R"({"events": [)";
  for (const std::string& one : events) body += (&one == &events.front() ? "" : ", ") + one;
  return body + "]}";
}

// What the client shows and advises for a refused event, by the words of the message alone: it does not read
// error_category. The first row with a word in the message counts.
std::string category_shown_for(std::string_view message) {
  struct Row {
    const char* category;
    std::array<std::string_view, 5> words;
  };
  constexpr std::array kTable{
      Row{"schema_mismatch", {"invalid", "schema", "field", "missing", "type"}},
      Row{"auth_expired", {"token", "expired", "unauthorized", "401", "401"}},
      Row{"server_error", {"internal", "500", "timeout", "unavailable", "unavailable"}}};
  std::string lower(message);
  std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  for (const Row& row : kTable) {
    if (std::ranges::any_of(row.words, [&](auto word) { return lower.contains(word); })) return row.category;
  }
  return "unknown";
}

class OlderClient : public ::testing::Test {
 protected:
  OlderClient() : hub_(directory_.path() / "hub"), authority_(by_tls_.authority) {
    const std::string certificate = directory_.path() / "cert.pem", key = directory_.path() / "key.pem";
    authority_.issue("IP:127.0.0.1", certificate, key);
    hub_.kill();
    hub_.start({}, {"--tls-cert", certificate, "--tls-key", key});
    host_ = hub_.url().substr(std::string_view("https://").size());
    httpx_ = std::make_unique<RawConnection>(hub_.url(), by_tls_);
  }

  // httpx.Client().post(url, json=...)
  RawAnswer httpx_post(std::string_view path, std::string_view body, const std::string& bearer = {}) {
    const std::string authorization = bearer.empty() ? "" : "Authorization: Bearer " + bearer + "\r\n";
    const std::string type = body.empty() ? "" : "Content-Type: application/json\r\n";
    return httpx_->exchange(fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate\r\n"
        "Connection: keep-alive\r\nUser-Agent: python-httpx/0.27.2\r\n{}Content-Length: {}\r\n{}\r\n{}",
        path, host_, authorization, body.size(), type, body));
  }

  json::object tokens_from(const RawAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    const json::object tokens = json::parse(answer.body).as_object();
    access_ = tokens.at("access").as_string().c_str();
    return tokens;
  }

  json::object sign_in() {
    return tokens_from(httpx_post(
        "/api/v1/token/", fmt::format(R"({{"username": "{}", "password": "{}"}})", kUser, kPassword)));
  }

  // requests.post(url, data=gzip.compress(...), headers=...): a connection of its own each time.
  RawAnswer post_batch(std::string_view body) {
    const auto compressed = net::gzip(body);
    RawConnection requests(hub_.url(), by_tls_);
    return requests.exchange(fmt::format(
        "POST /api/v1/events/batch/ HTTP/1.1\r\nHost: {}\r\nUser-Agent: python-requests/2.32.3\r\n"
        "Accept-Encoding: gzip, deflate\r\nAccept: */*\r\nConnection: keep-alive\r\nAuthorization: Bearer "
        "{}\r\n"
        "Content-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
        host_, access_, compressed->size(), *compressed));
  }

  json::array results_of(std::string_view body) {
    const RawAnswer answer = post_batch(body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.status == 200 ? json::parse(answer.body).at("results").as_array() : json::array();
  }

  // websockets.connect(url, additional_headers=...), which offers compression.
  RawAnswer upgrade(RawConnection& websockets, const std::string& ws_token) {
    return websockets.exchange(
        fmt::format("GET /ws/v1/events/ HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                    "Authorization: Bearer {}\r\nUser-Agent: Python/3.11 websockets/13.1\r\n\r\n",
                    host_, ws_token));
  }

  std::string ws_token() {
    const RawAnswer answer = httpx_post("/api/v1/ws-token/", "", access_);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::parse(answer.body).at("ws_token").as_string().c_str();
  }

  TemporaryDirectory directory_;
  const RawMeans by_tls_{.authority = directory_.path() / "ca.pem"};
  Hub hub_;
  net::Authority authority_;
  std::string host_;
  std::unique_ptr<RawConnection> httpx_;
  std::string access_;
};

TEST_F(OlderClient, IsToldAnAddressOfTheLiveChannelThatIsAsEncryptedAsItsOwn) {
  sign_in();
  const RawAnswer answer = httpx_post("/api/v1/ws-token/", "", access_);
  EXPECT_EQ(json::parse(answer.body).at("ws_url").as_string(), "wss://" + host_ + "/ws/v1/events/");
}

TEST_F(OlderClient, SignsInAndFindsTheKeysThatItSaves) {
  const auto tokens = sign_in();
  EXPECT_FALSE(tokens.at("refresh").as_string().empty());
  EXPECT_EQ(tokens.at("access_lifetime").to_number<int>(), 900);
  EXPECT_EQ(tokens.at("refresh_lifetime").to_number<int>(), 604800);
  EXPECT_EQ(tokens.at("team_slug").as_string(), "acme");
}

TEST_F(OlderClient, AWrongPasswordIs401SoThatItAsksAgain) {
  EXPECT_EQ(httpx_post("/api/v1/token/", R"({"username": "kim@example.com", "password": "no"})").status, 401);
}

// It takes both tokens of the answer or calls the answer invalid, and deletes its session on 401.
TEST_F(OlderClient, RefreshesWithBothTokensInTheAnswerAndMayAskAgainAfterALostOne) {
  const std::string refresh = sign_in().at("refresh").as_string().c_str();
  const std::string body = fmt::format(R"({{"refresh": "{}"}})", refresh);
  const auto first = tokens_from(httpx_post("/api/v1/token/refresh/", body));
  EXPECT_NE(first.at("refresh").as_string(), refresh);
  const auto again = tokens_from(httpx_post("/api/v1/token/refresh/", body));
  EXPECT_EQ(again.at("refresh"), first.at("refresh"));
  EXPECT_EQ(httpx_post("/api/v1/token/refresh/", R"({"refresh": "no"})").status, 401);
}

TEST_F(OlderClient, RoutesHaveTheirSlashAndAnswerWithoutARedirect) {
  sign_in();
  EXPECT_EQ(httpx_post("/api/v1/ws-token/", "", access_).status, 200);
  EXPECT_EQ(httpx_post("/api/v1/ws-token/", "", "expired").status, 401);  // it refreshes, then asks again
  EXPECT_EQ(httpx_post("/api/v1/token", "{}").status, 404);
}

TEST_F(OlderClient, AThousandEventsAreAllSyncedAndTheSameOnesAgainAreDuplicates) {
  sign_in();
  std::vector<std::string> events;
  for (int number = 1; number <= 1000; ++number) events.push_back(event(number));
  for (const char* status : {"success", "duplicate"}) {
    const auto results = results_of(batch(events));
    ASSERT_EQ(results.size(), events.size());
    for (int number = 1; number <= 1000; ++number) {
      const auto& result = results[static_cast<std::size_t>(number - 1)];
      EXPECT_EQ(result.at("event_id").as_string(), id_of(number));
      EXPECT_EQ(result.at("status").as_string(), status);
    }
  }
  EXPECT_EQ(HubReader(hub_, {by_tls_.authority}).lanes(kProject, "032-identity-aware-sync").at("WP07"),
            "in_progress");
}

TEST_F(OlderClient, AnEmptyBatchIsAnsweredWithAnEmptyList) {
  sign_in();
  EXPECT_TRUE(results_of(R"({"events": []})").empty());
}

TEST_F(OlderClient, ABadEventIsRefusedAloneAndFiledAsAnInvalidEvent) {
  sign_in();
  const auto results = results_of(batch({event(1), event(2, R"("to_lane": "nowhere")"), event(3)}));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].at("status").as_string(), "success");
  EXPECT_EQ(results[1].at("event_id").as_string(), id_of(2));
  EXPECT_EQ(results[1].at("status").as_string(), "error");
  EXPECT_EQ(category_shown_for(results[1].at("error_message").as_string()), "schema_mismatch");
  EXPECT_EQ(results[2].at("status").as_string(), "success");
}

// Its other rows advise to sign in again or to wait, which helps no refused event.
TEST_F(OlderClient, WhateverAnEventIsRefusedForItIsNotToldToSignInOrToWait) {
  sign_in();
  ASSERT_EQ(results_of(batch({event(1)})).size(), 1U);
  const auto with = [](int number, std::string_view from, const std::string& to) {
    std::string text = event(number);
    return text.replace(text.find(from), from.size(), to);
  };
  const std::vector<std::pair<std::string, std::string>> refused{
      {"malformed", R"({"event_id": 500, )"},
      {"schema_mismatch", with(2, R"("a1b2c3d4e5f6")", "401")},
      {"schema_mismatch", with(3, "planned", "token")},
      {"event_id_conflict", with(1, "main", "other")},
      {"clock_out_of_range", with(4, R"("lamport_clock": 4)", R"("lamport_clock": 18446744073709500401)")},
      {"cross_tenant", with(5, R"("acme")", R"("internal")")},
      {"too_large", with(6, "Zo", std::string(1U << 18, 'o'))}};
  std::vector<std::string> events;
  for (const auto& [category, text] : refused) events.push_back(text);
  // The unclosed bracket of a malformed event would take its neighbours along.
  events.front() += R"("payload": nan})";
  const auto results = results_of(batch(events));
  ASSERT_EQ(results.size(), refused.size());
  for (std::size_t i = 0; i < refused.size(); ++i) {
    EXPECT_EQ(results[i].at("error_category").as_string(), refused[i].first);
    const std::string message = results[i].at("error_message").as_string().c_str();
    EXPECT_EQ(category_shown_for(message), "schema_mismatch") << message;
  }
}

TEST_F(OlderClient, OnTheSocketTheSnapshotComesFirstThenItsEventsComeBack) {
  sign_in();
  ASSERT_EQ(results_of(batch({event(1)})).size(), 1U);
  RawConnection websockets(hub_.url(), by_tls_);
  const RawAnswer upgraded = upgrade(websockets, ws_token());
  ASSERT_EQ(upgraded.status, 101) << upgraded.head;
  EXPECT_EQ(upgraded.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(upgraded.header("Sec-WebSocket-Extensions"), "");
  EXPECT_EQ(upgraded.header("X-Request-Id").size(), 26U);
  const auto snapshot = json::parse(websockets.next_frame().value_or("null"));
  EXPECT_EQ(snapshot.at("type").as_string(), "snapshot");
  EXPECT_EQ(snapshot.at("work_packages").as_array().size(), 1U);

  websockets.send_text_frame(R"({"type": "pong", "timestamp": "2026-02-03T12:00:00Z"})");
  websockets.send_text_frame(event(2));
  std::vector<std::string> seen;
  while (seen.size() < 2) {
    const auto frame = json::parse(websockets.next_frame().value_or("null"));
    ASSERT_TRUE(frame.is_object());
    seen.emplace_back(frame.at("type").as_string());
    const bool is_ack = seen.back() == "ack";
    EXPECT_EQ((is_ack ? frame.at("event_id") : frame.at("event").at("event_id")).as_string(), id_of(2));
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen, (std::vector<std::string>{"ack", "event"}));
}

// Its library closes the connection at a message above 1 MiB, so a board of any size would lock it out.
TEST_F(OlderClient, TheSnapshotOfABoardWithLongTitlesStaysBelowItsLibrarysLimit) {
  sign_in();
  std::vector<std::string> events;
  for (int number = 1; number <= 6; ++number) {
    std::string text = event(number);
    const std::string_view type = "WPStatusChanged";
    text.replace(text.find(type), type.size(), "WPCreated");
    const std::string_view move = R"("from_lane": "planned")";
    text.replace(text.find(move), move.size(), fmt::format(R"("title": "{}")", std::string(200'000, 't')));
    events.push_back(text);
  }
  EXPECT_EQ(results_of(batch(events)).size(), events.size());
  RawConnection websockets(hub_.url(), by_tls_);
  ASSERT_EQ(upgrade(websockets, ws_token()).status, 101);
  const std::string frame = websockets.next_frame().value_or("null");
  EXPECT_LT(frame.size(), 1U << 20);
  const auto snapshot = json::parse(frame);
  EXPECT_EQ(snapshot.at("work_packages").as_array().size(), 4U);
  EXPECT_TRUE(snapshot.at("truncated").as_bool());
}

TEST_F(OlderClient, ASocketWithoutAValidTokenIsRefusedWith401BeforeItOpens) {
  RawConnection websockets(hub_.url(), by_tls_);
  EXPECT_EQ(upgrade(websockets, "no").status, 401);
}

}  // namespace
}  // namespace pawprint::testing
