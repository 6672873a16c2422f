// A hub that answers from a script, and a home with a session and a link to it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <deque>
#include <functional>
#include <map>

#include "base/format.h"
#include "net/gzip.h"
#include "protocol/json.h"
#include "sync/deliver.h"

namespace pawprint::sync {

inline constexpr std::string_view kOrigin = "http://127.0.0.1:4711";
inline constexpr std::int64_t kNow = 1'780'000'000;

// The ids of the events in a batch, in their order.
inline std::vector<std::string> ids_in(const net::HttpRequest& request) {
  std::vector<std::string> ids;
  const auto body = protocol::parse_json(net::gunzip(request.body, 64U << 20).value()).value();
  for (const auto& event : body.at("events").as_array()) ids.emplace_back(event.at("event_id").as_string());
  return ids;
}

// A whole, good answer. `status_of` gives the word for each id.
inline net::HttpAnswer verdicts_on(const std::vector<std::string>& ids,
                                   const std::function<std::string(const std::string&)>& status_of) {
  std::string results;
  for (const std::string& id : ids) {
    results += fmt::format(
        R"({}{{"event_id":"{}","status":"{}","error_message":"no","error_category":"schema_mismatch"}})",
        results.empty() ? "" : ",", id, status_of(id));
  }
  return {.status = 200, .headers = {}, .body = fmt::format(R"({{"results":[{}]}})", results)};
}

inline const std::string* header_of(const net::HttpRequest& request, std::string_view name) {
  const auto found = std::ranges::find(request.headers, name, &net::Header::name);
  return found == request.headers.end() ? nullptr : &found->value;
}

class FakeHub final : public net::HttpClient {
 public:
  using Script = std::function<Result<net::HttpAnswer>(const net::HttpRequest&)>;

  Result<net::HttpAnswer> send(const net::HttpRequest& request) override {
    asked.push_back(request);
    for (const auto& [ending, answer] : pages) {
      if (request.url.ends_with(ending)) return answer;
    }
    if (request.url.ends_with("/sync/health/")) {
      if (on_health) on_health();
      return health;
    }
    if (request.url.ends_with("/token/refresh/")) return refresh;
    batches.push_back(request);
    if (!script.empty()) {
      const Script next = script.front();
      script.pop_front();
      return next(request);
    }
    for (const std::string& id : ids_in(request)) {
      if (std::ranges::find(stored, id) == stored.end()) stored.push_back(id);
    }
    return verdicts_on(ids_in(request), [](const std::string&) { return "success"; });
  }

  void will(Script answer) { script.push_back(std::move(answer)); }
  void will_answer(int status, std::string body = "{}", std::vector<net::Header> headers = {}) {
    will([answer = net::HttpAnswer{status, std::move(headers), std::move(body)}](const net::HttpRequest&) {
      return answer;
    });
  }
  // Stores the events, but the answer is lost on the way.
  void will_lose_the_answer() {
    will([this](const net::HttpRequest& request) -> Result<net::HttpAnswer> {
      for (const std::string& id : ids_in(request)) stored.push_back(id);
      return fail(ErrorKind::unreachable, "the connection was closed");
    });
  }

  std::vector<net::HttpRequest> asked, batches;
  std::vector<std::string> stored;
  std::deque<Script> script;
  std::map<std::string, net::HttpAnswer> pages;  // other endpoints, by the end of their URL
  Result<net::HttpAnswer> health = net::HttpAnswer{.status = 404, .headers = {}, .body = {}};
  std::function<void()> on_health;
  Result<net::HttpAnswer> refresh = net::HttpAnswer{.status = 503, .headers = {}, .body = {}};
};

class RecordingWaiter final : public Waiter {
 public:
  void wait(std::chrono::milliseconds duration) override {
    waits.push_back(duration);
    if (meanwhile) meanwhile();
  }
  std::vector<std::chrono::milliseconds> waits;
  std::function<void()> meanwhile;
};

class DeliveryTest : public ::testing::Test {
 protected:
  DeliveryTest() : home(new_directory()), store(environment, home) {
    environment.disk = &disk;
    environment.clock = &clock;
    environment.random = &random;
  }
  ~DeliveryTest() override { std::filesystem::remove_all(home); }

  static Path new_directory() {
    std::string pattern = ::testing::TempDir() + "sync-XXXXXX";
    return ::mkdtemp(pattern.data());
  }
  void given_session(std::string_view origin = kOrigin, std::string_view user = "u-1",
                     std::string_view name = "ann") {
    ASSERT_TRUE(store.put({.origin = std::string(origin),
                           .user_id = std::string(user),
                           .username = std::string(name),
                           .team_id = "t-1",
                           .team_slug = "acme",
                           .access = "access-1",
                           .access_expires_at = kNow + 900,
                           .refresh = "refresh-1",
                           .refresh_expires_at = kNow + 604800}));
  }
  outbox::Link given_link(std::string project = "p-1", std::string_view origin = kOrigin,
                          std::string_view team = "acme") {
    outbox::Link link;
    link.repo_instance = "/repo/" + project;
    link.project_uuid = std::move(project);
    link.server_origin = origin;
    link.team_id = "t-1";
    link.team_slug = team;
    link.user_id = "u-1";
    return outbox().link(link, false).value().link;
  }
  static std::string id_of(std::uint64_t number) { return fmt::format("01HX{:022}", number); }
  void given_event(const outbox::Link& link, std::uint64_t number,
                   const std::optional<std::string>& data = {}) {
    const outbox::NewRow row{
        .event_id = id_of(number),
        .lamport = number,
        .link_id = link.link_id,
        .project_uuid = link.project_uuid,
        .data = data.value_or(fmt::format(R"({{"event_id":"{}","n":{}}})", id_of(number), number))};
    ASSERT_TRUE(outbox().append(std::span(&row, 1), Durability::process));
  }
  void given_events(const outbox::Link& link, std::uint64_t count) {
    for (std::uint64_t number = 1; number <= count; ++number) given_event(link, number);
  }

  outbox::Outbox& outbox() {
    if (!outbox_) outbox_ = outbox::Outbox::open(environment, home).value();
    return *outbox_;
  }
  outbox::Outbox::Snapshot snapshot() {
    const outbox::SessionKey key{std::string(kOrigin), "t-1", "u-1"};
    return outbox().snapshot(std::span(&key, 1)).value();
  }
  Means means() { return {environment, outbox(), hub, waiter, interrupted, warnings}; }
  DeliverySummary delivered() {
    auto summary = deliver(means(), store, [this](std::uint64_t done, std::uint64_t total) {
      progress.emplace_back(done, total);
    });
    if (!summary) throw std::runtime_error(summary.error().message);
    return *summary;
  }

  PosixDisk disk;
  ManualClock clock{kNow * 1000};
  SeededRandom random{1};
  Environment environment;
  Path home;
  Warnings warnings;
  credentials::SessionStore store;
  std::optional<outbox::Outbox> outbox_;
  FakeHub hub;
  RecordingWaiter waiter;
  std::atomic<bool> interrupted{false};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> progress;
};

}  // namespace pawprint::sync
