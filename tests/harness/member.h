// Somebody of a team who sends events by batch and reads, over a hub's restarts; and the events to send.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/ledger.h"
#include "harness/sandbox.h"
#include "net/http_client.h"

namespace pawprint::testing {

inline constexpr std::string_view kMembersProject = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

struct Told {
  std::uint64_t number = 1;  // of the event's id, and its Lamport value
  std::string_view team_slug = "acme";
  std::string_view title = "First";
  std::size_t padding = 0;  // bytes of text more
};

// The id and the text of a WPCreated of work package number % 20.
std::string member_event_id(std::uint64_t number);
std::string member_event(const Told& told);
std::vector<std::string> member_events(std::uint64_t first, std::uint64_t count, Told like = {});

// A WPStatusChanged of work package `wp` that follows from `cause`.
struct Moved {
  std::uint64_t number = 1;
  std::uint64_t cause = 0;  // an event's number; 0: none
  std::uint64_t wp = 1;
  std::string_view from = "planned";
  std::string_view to = "in_progress";
  std::string_view team_slug = "acme";
};
std::string member_move(const Moved& moved);

// One thread at a time. A connection of its own.
class Member {
 public:
  // Signs in; aborts the test if the hub does not let them in.
  explicit Member(const Hub& hub, std::string team_slug = "acme", std::string user = kUser);
  Member(const Member& other);  // the same session, another connection

  Result<net::HttpAnswer> send(std::string_view method, std::string_view target, std::string body = {},
                               std::chrono::milliseconds timeout = std::chrono::milliseconds(10'000));
  Result<net::HttpAnswer> batch(std::span<const std::string> events);
  // As batch(), and what came back is noted.
  Verdicts batch(std::span<const std::string> events, Ledger& ledger);
  boost::json::object get(std::string_view target);  // aborts the test without a 200
  std::string ws_token();

  const std::string& team_slug() const { return team_slug_; }
  const std::string& access() const { return access_; }  // the token
  const std::string& url() const { return url_; }
  void present(std::string token) { access_ = std::move(token); }  // in the place of their own
  void go_through(std::string url) { url_ = std::move(url); }      // to the hub by another way

 private:
  std::string url_, team_slug_, access_;
  std::unique_ptr<net::HttpClient> client_;
};

}  // namespace pawprint::testing
