// For tests of the edge: a whole hub but for its sockets, with two teams and a user in each.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "hub/edge/edge.h"
#include "hub/identity/keys.h"
#include "hub/identity/opaque_token.h"
#include "hub/identity/password.h"
#include "hub/store/store_fixture.h"
#include "protocol/envelope.h"

namespace pawprint::hub::edge {

inline constexpr std::string_view kProject = "550e8400-e29b-41d4-a716-446655440000";
inline constexpr std::string_view kFeature = "032-sync";
inline constexpr std::string_view kPassword = "correct horse";

// A move of WP01, the story's `number`th event.
inline std::string move_event(std::uint64_t number, std::string_view from, std::string_view to,
                              std::string_view team_slug = "acme") {
  protocol::Envelope envelope;
  envelope.event_id = fmt::format("01KGJX5B3V9M3S4T5V6W7{:05}", number);
  envelope.event_type = "WPStatusChanged";
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload =
      fmt::format(R"({{"wp_id":"WP01","from_lane":"{}","to_lane":"{}","actor":"ada","feature_slug":"{}"}})",
                  from, to, kFeature);
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = number;
  envelope.timestamp = "2026-02-03T12:00:00.000Z";
  envelope.team_slug = team_slug;
  envelope.project_uuid = kProject;
  return protocol::write_envelope(envelope);
}

class NobodysSocket final : public net::SocketEvents {
  void opened(std::shared_ptr<net::WebSocket>) override {}
  void received(std::string) override {}
  void sent() override {}
  void closed() override {}
};

class EdgeFixture : public store::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    add_user("ada@example.org", make_team("acme"), store::kRoleMember);
    add_user("bob@example.org", make_team("other"), store::kRoleMember);
    const auto keys = identity::load_or_make_keys(environment_, directory_);
    ASSERT_TRUE(keys) << keys.error().message;
    access_ = std::make_unique<access::Access>(environment_, *store_, *keys);
    ingest_ = std::make_unique<ingest::Ingest>(*store_, clock_);
    board_ = std::make_unique<board::Board>(*store_);
    Services services{*store_, *access_, *ingest_, *board_};
    services.open_live = opener();
    services.metrics.text = [] { return Result<std::string>("# none\n"); };
    edge_ = std::make_unique<Edge>(environment_, services,
                                   [this](const Record& record) { records_.push_back(record); });
  }

  void TearDown() override {
    edge_.reset();
    StoreFixture::TearDown();
  }

  void add_user(std::string_view email, const store::Team& team, std::string_view role) {
    const auto hash = identity::hash_password(kPassword);
    ASSERT_TRUE(hash);
    ASSERT_TRUE(store_->users().add_user(email, "Somebody", *hash, team, role));
  }

  net::ServerAnswer send(net::ServerRequest head, std::string body = {}) {
    head.remote_address = "127.0.0.1";
    const net::Admission admission = edge_->admit(std::move(head));
    if (admission.upgrade != nullptr) return {101, admission.upgrade_headers, {}};
    if (admission.answer) return *admission.answer;
    return admission.with_body(admission.max_body_bytes == 0 ? std::string() : std::move(body));
  }

  // A socket for whoever may have one.
  std::function<std::shared_ptr<net::SocketEvents>(const identity::Principal&, bool)> opener() {
    return [this](const identity::Principal& principal, bool clock_only) {
      opened_for_ = principal.team_slug + (clock_only ? " clock" : "");
      return std::make_shared<NobodysSocket>();
    };
  }

  net::ServerAnswer get(std::string target, const std::string& token = {}) {
    return send({"GET", std::move(target), bearer(token), {}});
  }

  net::ServerAnswer post(std::string target, std::string body, const std::string& token = {},
                         std::vector<net::Header> more = {}) {
    std::vector<net::Header> headers = bearer(token);
    headers.push_back({"Content-Type", "application/json"});
    headers.insert(headers.end(), more.begin(), more.end());
    return send({"POST", std::move(target), headers, {}}, std::move(body));
  }

  net::ServerAnswer batch(std::string body, const std::string& token, std::vector<net::Header> more = {}) {
    return post("/api/v1/events/batch/", std::move(body), token, std::move(more));
  }

  static std::vector<net::Header> bearer(const std::string& token) {
    if (token.empty()) return {};
    return {{"Authorization", "Bearer " + token}};
  }

  net::ServerAnswer sign_in_as(std::string_view email, std::string_view password = kPassword) {
    return post("/api/v1/token/", fmt::format(R"({{"username":"{}","password":"{}"}})", email, password));
  }

  std::string token_of(std::string_view email) {
    const auto answer = sign_in_as(email);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return text(answer, "access");
  }

  struct IssuedToken {
    std::string token_id, text;
  };
  IssuedToken issue_machine_token(std::string_view team_slug) {
    const auto team = store_->users().find_team(team_slug);
    const std::string text = identity::new_opaque_token(identity::kMachinePrefix, random_);
    const auto issued = store_->machine_tokens().issue(
        **team, "ci", *identity::opaque_token_hash(identity::kMachinePrefix, text));
    EXPECT_TRUE(issued);
    return {issued ? issued->token_id : "", text};
  }

  static boost::json::object object_in(const net::ServerAnswer& answer) {
    boost::system::error_code error;
    const auto value = boost::json::parse(answer.body, error);
    EXPECT_TRUE(!error && value.is_object()) << answer.body;
    return value.is_object() ? value.get_object() : boost::json::object();
  }

  static std::string text(const net::ServerAnswer& answer, std::string_view key) {
    const auto object = object_in(answer);
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : "";
  }

  // Of each result in a batch answer: "success duplicate error:malformed"
  static std::string verdicts_in(const net::ServerAnswer& answer) {
    std::string all;
    const auto object = object_in(answer);
    const auto* results = object.if_contains("results");
    if (results == nullptr || !results->is_array()) return "no results";
    for (const auto& result : results->get_array()) {
      const auto& verdict = result.as_object();
      all += all.empty() ? "" : " ";
      all += verdict.at("status").as_string().c_str();
      if (const auto* category = verdict.if_contains("error_category")) {
        all += std::string(":") + category->as_string().c_str();
      }
    }
    return all;
  }

  static std::string header(const net::ServerAnswer& answer, std::string_view name) {
    for (const net::Header& one : answer.headers) {
      if (one.name == name) return one.value;
    }
    return {};
  }

  std::string opened_for_;  // the last socket's team
  std::vector<Record> records_;
  std::unique_ptr<access::Access> access_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<board::Board> board_;
  std::unique_ptr<Edge> edge_;
};

}  // namespace pawprint::hub::edge
