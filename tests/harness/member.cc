#include "harness/member.h"

#include <boost/json/parse.hpp>
#include <iostream>

#include "base/format.h"
#include "protocol/batch.h"
#include "protocol/envelope.h"

namespace pawprint::testing {
namespace {

boost::json::object object_of(const Result<net::HttpAnswer>& answer) {
  if (!answer || answer->status != 200) {
    std::cerr << (answer ? fmt::format("{}: {}", answer->status, answer->body) : answer.error().message)
              << "\n";
    std::abort();
  }
  return boost::json::parse(answer->body).as_object();
}

protocol::Envelope envelope_of(std::uint64_t number, const std::string& wp, std::string_view team_slug) {
  protocol::Envelope envelope;
  envelope.event_id = member_event_id(number);
  envelope.aggregate_id = wp;
  envelope.aggregate_type = "WorkPackage";
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = number;
  envelope.timestamp = "2026-02-03T12:00:00.000Z";
  envelope.team_slug = team_slug;
  envelope.project_uuid = kMembersProject;
  return envelope;
}

}  // namespace

std::string member_event_id(std::uint64_t number) {
  return fmt::format("01KGJX5B3V9M3S4T5V{:08}", number);
}

std::string member_event(const Told& told) {
  const std::string wp = fmt::format("WP{:02}", told.number % 20);
  protocol::Envelope envelope = envelope_of(told.number, wp, told.team_slug);
  envelope.event_type = "WPCreated";
  envelope.payload = fmt::format(R"({{"wp_id":"{}","title":"{} {}","feature_slug":"032-sync"}})", wp,
                                 told.title, std::string(told.padding, 'x'));
  return protocol::write_envelope(envelope);
}

std::string member_move(const Moved& moved) {
  const std::string wp = fmt::format("WP{:02}", moved.wp);
  protocol::Envelope envelope = envelope_of(moved.number, wp, moved.team_slug);
  envelope.event_type = "WPStatusChanged";
  envelope.payload =
      fmt::format(R"({{"wp_id":"{}","from_lane":"{}","to_lane":"{}","feature_slug":"032-sync"}})", wp,
                  moved.from, moved.to);
  if (moved.cause != 0) envelope.causation_id = member_event_id(moved.cause);
  return protocol::write_envelope(envelope);
}

std::vector<std::string> member_events(std::uint64_t first, std::uint64_t count, Told like) {
  std::vector<std::string> events;
  for (like.number = first; like.number < first + count; ++like.number) events.push_back(member_event(like));
  return events;
}

Member::Member(const Hub& hub, std::string team_slug, std::string user)
    : url_(hub.url()), team_slug_(std::move(team_slug)), client_(net::make_http_client()) {
  const auto answer = send(
      "POST", "/api/v1/token/",
      fmt::format(R"({{"username":"{}","password":"{}","team_slug":"{}"}})", user, kPassword, team_slug_));
  access_ = object_of(answer).at("access").as_string().c_str();
}

Member::Member(const Member& other)
    : url_(other.url_),
      team_slug_(other.team_slug_),
      access_(other.access_),
      client_(net::make_http_client()) {}

Result<net::HttpAnswer> Member::send(std::string_view method, std::string_view target, std::string body,
                                     std::chrono::milliseconds timeout) {
  net::HttpRequest request;
  request.method = method;
  request.url = url_ + std::string(target);
  request.headers = {{"Content-Type", "application/json"}};
  if (!access_.empty()) request.headers.push_back({"Authorization", "Bearer " + access_});
  request.body = std::move(body);
  request.timeout = timeout;
  return client_->send(request);
}

Result<net::HttpAnswer> Member::batch(std::span<const std::string> events) {
  return send("POST", "/api/v1/events/batch/", protocol::write_batch(events));
}

Verdicts Member::batch(std::span<const std::string> events, Ledger& ledger) {
  return ledger.note(team_slug_, events, batch(events));
}

boost::json::object Member::get(std::string_view target) {
  return object_of(send("GET", target));
}

std::string Member::ws_token() {
  return object_of(send("POST", "/api/v1/ws-token/")).at("ws_token").as_string().c_str();
}

}  // namespace pawprint::testing
