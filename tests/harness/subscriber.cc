#include "harness/subscriber.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "base/format.h"
#include "hub/board/cursor.h"

namespace pawprint::testing {
namespace {

namespace json = boost::json;

std::string text_at(const json::object& frame, std::string_view name) {
  const auto* value = frame.if_contains(json::string_view(name.data(), name.size()));
  return value != nullptr && value->is_string() ? std::string(value->get_string().c_str()) : std::string();
}

}  // namespace

RawAnswer open_live_channel(RawConnection& connection, const std::string& ticket, std::string_view query) {
  return connection.exchange(
      fmt::format("GET /ws/v1/events/{} HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {}\r\n\r\n",
                  query, ticket));
}

json::object next_frame_of(RawConnection& connection) {
  std::string text = connection.next_frame().value_or("");
  if (text.starts_with("close ")) return {{"type", text}};
  if (const auto event = text.find(R"(,"event":)"); event != std::string::npos)
    text.resize(event), text += '}';
  boost::system::error_code failed;
  const auto frame = json::parse(text, failed);
  return failed || !frame.is_object() ? json::object() : frame.get_object();
}

void Subscriber::connect(Member& member, const RawMeans& means) {
  connection_ = std::make_unique<RawConnection>(member.url(), means);
  const RawAnswer upgraded = open_live_channel(*connection_, member.ws_token());
  ASSERT_EQ(upgraded.status, 101) << upgraded.head;
  auto snapshot = next_frame_of(*connection_);
  ASSERT_EQ(text_at(snapshot, "type"), "snapshot");
  if (!cursor_.empty()) {
    is_resuming_ = true;
    ASSERT_TRUE(connection_->send_text_frame(fmt::format(R"({{"type":"subscribe","since":"{}"}})", cursor_)));
    return;
  }
  snapshot_ = std::move(snapshot);
  cursor_ = text_at(snapshot_, "cursor");
  const auto place = hub::board::decode_cursor(cursor_);
  ASSERT_TRUE(place) << cursor_;
  began_ = reached_ = place->seq;
}

bool Subscriber::read_until(std::uint64_t seq) {
  while (reached_ < seq) {
    const auto frame = next_frame_of(*connection_);
    if (frame.empty()) {
      ADD_FAILURE() << "nothing more came at " << reached_ << " of " << seq;
      return true;
    }
    if (!take(frame)) return false;
  }
  return true;
}

int Subscriber::read_to_end() {
  constexpr std::string_view kClose = "close ";
  for (;;) {
    const auto frame = next_frame_of(*connection_);
    const std::string type = text_at(frame, "type");
    if (type.starts_with(kClose)) return std::stoi(type.substr(kClose.size()));
    if (frame.empty() || !take(frame)) return 0;
  }
}

bool Subscriber::take(const json::object& frame) {
  const std::string type = text_at(frame, "type");
  if (type == "resync") return false;
  if (type == "lagged") {
    EXPECT_EQ(text_at(frame, "cursor"), cursor_) << "it is told that it has something else than it has";
  }
  if (type != "event") return true;
  const auto came = frame.at("seq").to_number<std::uint64_t>();
  if (is_resuming_ && came != reached_ + 1) return true;  // from before it was told where to go on
  is_resuming_ = false;
  EXPECT_EQ(came, reached_ + 1) << "O4: a hole";
  reached_ = came;
  cursor_ = text_at(frame, "cursor");
  return true;
}

}  // namespace pawprint::testing
