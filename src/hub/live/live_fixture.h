// For tests of the live channel: a store, sockets on a real port, two teams, and a clock that is moved by
// hand.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "hub/board/cursor.h"
#include "hub/identity/keys.h"
#include "hub/live/live.h"
#include "hub/store/store_fixture.h"
#include "net/http_server.h"
#include "net/web_socket_client.h"
#include "protocol/envelope.h"

namespace pawprint::hub::live {

inline constexpr std::string_view kProject = "550e8400-e29b-41d4-a716-446655440000";
inline constexpr std::string_view kOtherProject = "650e8400-e29b-41d4-a716-446655440000";
inline constexpr std::chrono::milliseconds kLong{20'000};

class MovedClock final : public ClockSource {
 public:
  explicit MovedClock(std::int64_t start_unix_ms) : start_unix_ms_(start_unix_ms) {}
  std::int64_t unix_ms() override { return start_unix_ms_ + moved_ms_; }
  std::int64_t monotonic_ms() override { return 1'000 + moved_ms_; }
  void advance_ms(std::int64_t by) { moved_ms_ += by; }

 private:
  const std::int64_t start_unix_ms_;
  std::atomic<std::int64_t> moved_ms_ = 0;
};

struct Sent {
  std::uint64_t number = 1;
  std::string_view team_slug = "acme";
  std::string_view project = kProject;
  std::size_t padding = 0;
};

inline std::string event_id(std::uint64_t number) {
  return fmt::format("01KGJX5B3V9M3S4T5V6W{:06}", number);
}

inline std::string event_of(const Sent& sent) {
  protocol::Envelope envelope;
  envelope.event_id = event_id(sent.number);
  envelope.event_type = "WPCreated";
  envelope.aggregate_id = fmt::format("WP{:02}", sent.number % 20);
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = fmt::format(R"({{"wp_id":"WP{:02}","title":"First {}","feature_slug":"032-sync"}})",
                                 sent.number % 20, std::string(sent.padding, 'x'));
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = sent.number;
  envelope.timestamp = "2026-02-03T12:00:00.000Z";
  envelope.team_slug = sent.team_slug;
  envelope.project_uuid = sent.project;
  return protocol::write_envelope(envelope);
}

inline boost::json::object parsed(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(boost::json::string_view(text.data(), text.size()), error);
  EXPECT_TRUE(!error && value.is_object()) << text;
  return value.is_object() ? value.get_object() : boost::json::object();
}

inline std::string text_at(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(boost::json::string_view(key.data(), key.size()));
  return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : "";
}

// One connection, and what it saw of the log.
class Watcher {
 public:
  explicit Watcher(std::unique_ptr<net::WebSocketClient> socket) : socket_(std::move(socket)) {}

  net::WebSocketClient& socket() { return *socket_; }

  // The next frame as it came; "" when the connection has ended.
  std::string next_text() {
    const auto text = socket_->receive(kLong);
    if (!text) {
      ended_with_ = text.error().message;
      return "";
    }
    EXPECT_TRUE(*text) << "nothing came in time";
    if (!*text) return "";
    note(**text);
    return **text;
  }

  boost::json::object next() { return parsed(next_text()); }

  // Reads until a frame of that type; an empty object if the connection ended before.
  boost::json::object next_of(std::string_view type) {
    for (;;) {
      const std::string text = next_text();
      if (text.empty()) return {};
      auto frame = parsed(text);
      if (text_at(frame, "type") == type) return frame;
    }
  }

  void read_until_seq(std::uint64_t seq) {
    while (reached() < seq && !testing::Test::HasFailure()) {
      if (next_text().empty()) {
        ADD_FAILURE() << "the connection ended at " << reached() << " of " << seq;
        return;
      }
    }
  }

  // Reads to the end of the connection; what it was closed with.
  std::uint16_t read_to_end() {
    while (!next_text().empty()) {
    }
    return socket_->close_code().value_or(0);
  }

  const std::string& ended_with() const { return ended_with_; }

  void send(std::string_view text) { EXPECT_TRUE(socket_->send(text, kLong)); }

  std::uint64_t snapshot_seq() const { return snapshot_seq_; }
  std::uint64_t reached() const { return seqs_.empty() ? snapshot_seq_ : seqs_.back(); }
  const std::vector<std::uint64_t>& seqs() const { return seqs_; }
  const std::string& cursor() const { return cursor_; }

  // O4: what came above the snapshot is the log, with no hole and nothing twice.
  void expect_no_hole() const {
    std::uint64_t expected = snapshot_seq_;
    for (const std::uint64_t seq : seqs_) ASSERT_EQ(seq, ++expected);
  }

  // Goes on as the same subscriber with another connection, whose snapshot it does not need. What comes
  // before the hub has read where to go on is no part of what follows.
  void resume(std::unique_ptr<net::WebSocketClient> socket) {
    socket_ = std::move(socket);
    const auto snapshot = socket_->receive(kLong);
    ASSERT_TRUE(snapshot && *snapshot);
    is_resuming_ = true;
    send(fmt::format(R"({{"type":"subscribe","since":"{}"}})", cursor_));
  }

 private:
  void note(const std::string& text) {
    const auto frame = parsed(text);
    const std::string type = text_at(frame, "type");
    if (type != "snapshot" && type != "event" && type != "lagged") return;
    const std::string cursor_here = text_at(frame, "cursor");
    const auto cursor = board::decode_cursor(cursor_here);
    ASSERT_TRUE(cursor) << text;
    if (type == "event" && is_resuming_ && cursor->seq != reached() + 1) return;
    is_resuming_ = false;
    cursor_ = cursor_here;
    if (type == "snapshot") {
      snapshot_seq_ = cursor->seq;
      seqs_.clear();
    }
    if (type != "event") return;
    EXPECT_EQ(frame.at("seq").as_int64(), static_cast<std::int64_t>(cursor->seq));
    seqs_.push_back(cursor->seq);
  }

  std::unique_ptr<net::WebSocketClient> socket_;
  bool is_resuming_ = false;
  std::uint64_t snapshot_seq_ = 0;
  std::vector<std::uint64_t> seqs_;
  std::string cursor_;
  std::string ended_with_;
};

class LiveFixture : public store::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    environment_.clock = &moved_clock_;
    environment_.random = &system_random_;
    open_store();
    acme_ = make_team("acme");
    other_ = make_team("other");
    ada_ = add_user("ada@example.org", acme_, store::kRoleMember);
    bob_ = add_user("bob@example.org", other_, store::kRoleMember);
    start_hub();
  }

  void TearDown() override {
    stop_hub();
    StoreFixture::TearDown();
  }

  void start_hub(std::size_t events_of_a_step = 4000) {
    const auto keys = identity::load_or_make_keys(environment_, directory_);
    ASSERT_TRUE(keys) << keys.error().message;
    access_ = std::make_unique<access::Access>(environment_, *store_, *keys);
    ingest_ = std::make_unique<ingest::Ingest>(*store_, moved_clock_, quota_);
    board_ = std::make_unique<board::Board>(*store_, events_of_a_step);
    fanout_ = fanout::make_local_fanout();
    store_->log().on_growth([this](std::string_view team_id) { fanout_->grown(team_id); });
    live_ = std::make_unique<Live>(
        LiveServices{.store = *store_,
                     .access = *access_,
                     .ingest = *ingest_,
                     .board = *board_,
                     .clock = moved_clock_,
                     .cannot_read = [this](const Error& error) { failures_.push_back(error.message); }},
        *fanout_);
    store_->on_access_change([this](std::string_view user_id) { live_->look_again_at(user_id); });
    auto server = net::start_http_server({}, [this](const net::ServerRequest& head) { return admit(head); });
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
  }

  void stop_hub() {
    if (live_ != nullptr) live_->stop();
    server_.reset();
    store_->log().on_growth(nullptr);
    store_->on_access_change(nullptr);
    live_.reset();
    fanout_.reset();
  }

  net::Admission admit(const net::ServerRequest& head) {
    const std::string* given = head.header("Authorization");
    const auto principal = access_->redeem_ticket(given == nullptr ? "" : given->substr(7));
    if (!principal) return {.answer = net::ServerAnswer{401, {}, {}}};
    if (before_open_) before_open_();
    auto events = live_->open(*principal, head.target.ends_with("?stream=clock"));
    if (events == nullptr) return {.answer = net::ServerAnswer{503, {}, {}}};
    return {.upgrade = std::move(events)};
  }

  identity::Principal add_user(std::string_view email, const store::Team& team, std::string_view role) {
    const auto user = store_->users().add_user(email, "Somebody", "no hash", team, role);
    EXPECT_TRUE(user);
    return {user->user_id, team.team_id, team.slug, std::string(role)};
  }

  std::unique_ptr<net::WebSocketClient> connect(const identity::Principal& who, std::string_view query = "") {
    const std::string ticket = access_->issue_ticket(who);
    auto opened =
        net::open_web_socket({.url = fmt::format("ws://127.0.0.1:{}/ws/v1/events/{}", server_->port(), query),
                              .headers = {{"Authorization", "Bearer " + ticket}}});
    EXPECT_TRUE(opened) << opened.error().message;
    if (!opened) return nullptr;
    EXPECT_EQ(opened->status, 101);
    return std::move(opened->socket);
  }

  Watcher watch(const identity::Principal& who, std::string_view query = "") {
    return Watcher(connect(who, query));
  }

  // By batch, as by HTTP.
  void store_events(const identity::Principal& who, std::uint64_t first, std::uint64_t count,
                    Sent like = {}) {
    std::vector<std::string> events;
    for (std::uint64_t i = 0; i < count; ++i) {
      like.number = first + i;
      like.team_slug = who.team_slug;
      events.push_back(event_of(like));
    }
    std::string body = R"({"events":[)";
    for (const std::string& event : events) body += (body.ends_with('[') ? "" : ",") + event;
    const auto answer = ingest_->batch({who.team_id, who.team_slug, who.user_id, who.role}, body + "]}");
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_FALSE(answer.body.contains("\"error\"")) << answer.body;
  }

  std::uint64_t head_of(const store::Team& team) { return store_->log().head(team.team_id).value_or(0); }

  std::function<void()> before_open_;  // when a ticket was taken, and its socket is not there yet
  ingest::QuotaLimits quota_;          // of the hub that is started next
  std::vector<std::string> failures_;  // for a test once the hub has stopped
  MovedClock moved_clock_{kNowMs};
  SystemRandom system_random_;
  store::Team acme_, other_;
  identity::Principal ada_, bob_;
  std::unique_ptr<access::Access> access_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<board::Board> board_;
  std::unique_ptr<fanout::Fanout> fanout_;
  std::unique_ptr<Live> live_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace pawprint::hub::live
