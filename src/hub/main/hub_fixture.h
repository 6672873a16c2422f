// For tests of the program: a data directory, a team with a user, and pawprint-hub running over it.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <memory>
#include <set>

#include "base/format.h"
#include "hub/main/program_for_test.h"
#include "net/http_client.h"
#include "protocol/batch.h"
#include "protocol/envelope.h"

namespace pawprint::hub {

inline constexpr std::string_view kProject = "550e8400-e29b-41d4-a716-446655440000";

inline std::string id_of(std::uint64_t number) {
  return fmt::format("01KGJX5B3V9M3S4T5V6W7{:05}", number);
}

inline std::string event(std::uint64_t number) {
  protocol::Envelope envelope;
  envelope.event_id = id_of(number);
  envelope.event_type = "WPCreated";
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = R"({"wp_id":"WP01","title":"First","feature_slug":"032-sync"})";
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = number;
  envelope.timestamp = "2026-02-03T12:00:00.000Z";
  envelope.team_slug = "acme";
  envelope.project_uuid = kProject;
  return protocol::write_envelope(envelope);
}

inline constexpr const char* kCredentials = R"({"username":"ada@example.org","password":"correct horse"})";

class HubFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-serve-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    data_ = pattern + "/data";
  }

  void TearDown() override {
    hub_.reset();
    std::filesystem::remove_all(root_);
  }

  std::vector<std::string> serve_words() const {
    return {"serve", "--data", data_, "--listen", "127.0.0.1:0"};
  }

  Ended add_team() const { return run_to_end({"team", "add", "acme", "--data", data_}); }
  Ended add_user() const {
    return run_to_end(
        {"user", "add", "ada@example.org", "--team", "acme", "--password-stdin", "--data", data_},
        "correct horse\n");
  }

  void add_ada() {
    ASSERT_EQ(add_team().exit_code, 0);
    const Ended added = add_user();
    ASSERT_EQ(added.exit_code, 0) << added.err;
  }

  void start(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = serve_words();
    words.insert(words.end(), more.begin(), more.end());
    hub_ = std::make_unique<Program>(words, "");
    const std::string line = hub_->read_line();
    ASSERT_TRUE(line.starts_with("listening http://127.0.0.1:")) << line << hub_->rest_of_errors();
    url_ = line.substr(std::string_view("listening ").size());
  }

  Result<net::HttpAnswer> send(std::string_view method, std::string_view path, std::string body = {}) const {
    net::HttpRequest request;
    request.method = method;
    request.url = url_ + std::string(path);
    request.body = std::move(body);
    if (!token_.empty()) request.headers.push_back({"Authorization", "Bearer " + token_});
    if (method == "POST") request.headers.push_back({"Content-Type", "application/json"});
    return net::make_http_client()->send(request);
  }

  void sign_in() {
    const auto answer = send("POST", "/api/v1/token/", kCredentials);
    ASSERT_TRUE(answer) << answer.error().message;
    ASSERT_EQ(answer->status, 200) << answer->body;
    token_ = boost::json::parse(answer->body).at("access").as_string().c_str();
  }

  // The ids that the hub acknowledged; nothing if there was no whole answer.
  std::vector<std::string> send_batch(std::uint64_t first, std::uint64_t count) const {
    std::vector<std::string> events, acknowledged;
    for (std::uint64_t i = 0; i < count; ++i) events.push_back(event(first + i));
    const auto answer = send("POST", "/api/v1/events/batch/", protocol::write_batch(events));
    if (!answer || answer->status != 200) return {};
    const auto verdicts = protocol::read_verdicts(answer->body);
    EXPECT_TRUE(verdicts) << answer->body;
    for (const auto& verdict : *verdicts) {
      if (verdict.status != protocol::VerdictStatus::error) acknowledged.push_back(*verdict.event_id);
    }
    return acknowledged;
  }

  std::multiset<std::string> stored_ids() const {
    std::multiset<std::string> ids;
    std::string cursor;
    while (true) {
      const auto answer =
          send("GET", "/api/v1/events?limit=1000" + (cursor.empty() ? "" : "&after=" + cursor));
      EXPECT_TRUE(answer && answer->status == 200);
      if (!answer || answer->status != 200) return ids;
      const boost::json::value page = boost::json::parse(answer->body);
      if (page.at("events").as_array().empty()) return ids;
      for (const auto& one : page.at("events").as_array()) {
        ids.insert(one.at("event").at("event_id").as_string().c_str());
      }
      cursor = page.at("next").as_string().c_str();
    }
  }

  std::string root_, data_, url_, token_;
  std::unique_ptr<Program> hub_;
};

}  // namespace pawprint::hub
