// Each limit exactly, which is served, and one more, which is refused in words that name the limit, on a
// connection that goes on.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "harness/hub_writer.h"
#include "net/gzip.h"

namespace pawprint::testing {
namespace {

class Limits : public ::testing::Test {
 protected:
  // 413 that says in its sentence what the limit is, and carries all of them.
  void expect_too_large(const RawAnswer& answer, std::string_view limit) {
    EXPECT_EQ(answer.status, 413) << answer.body;
    const auto body = boost::json::parse(answer.body);
    EXPECT_NE(std::string(body.at("error").as_string()).find(limit), std::string::npos) << answer.body;
    EXPECT_EQ(body.at("limits").as_object().size(), 5U) << answer.body;
    EXPECT_TRUE(writer_.can_go_on());
  }

  // `text` with blanks behind it, so that it has so many bytes.
  static std::string padded(std::string text, std::size_t bytes) {
    text.resize(bytes, ' ');
    return text;
  }

  TemporaryDirectory directory_;
  Hub hub_{directory_.path() / "hub"};
  HubWriter writer_{hub_};
};

TEST_F(Limits, EventsOfABatch) {
  std::vector<std::string> events;
  for (int number = 1; number <= 1000; ++number) events.push_back(event_with(number));
  EXPECT_EQ(writer_.batch(batch_of(events)).status, 200);
  events.push_back(event_with(1001));
  expect_too_large(writer_.batch(batch_of(events)), "1000");
}

TEST_F(Limits, BytesOfABatchAsSent) {
  const std::string batch = batch_of({event_with(1)});
  EXPECT_EQ(HubWriter::verdicts_in(writer_.batch(padded(batch, 1U << 20))), "success");
  expect_too_large(writer_.batch(padded(batch, (1U << 20) + 1)), "1048576");
}

TEST_F(Limits, BytesOfABatchInflated) {
  const std::string batch = batch_of({event_with(1)});
  EXPECT_EQ(HubWriter::verdicts_in(writer_.gzipped_batch(*net::gzip(padded(batch, 8U << 20)))), "success");
  expect_too_large(writer_.gzipped_batch(*net::gzip(padded(batch, (8U << 20) + 1))), "8388608");
}

TEST_F(Limits, BytesOfABatchInChunksOfUntoldLength) {
  const std::string body = padded(batch_of({event_with(1)}), 1U << 20);
  const auto in_chunks = [](std::string_view text) {
    std::string all;
    for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 60'000))) {
      const std::string_view chunk = text.substr(0, 60'000);
      all += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
    }
    return all + "0\r\n\r\n";
  };
  EXPECT_EQ(HubWriter::verdicts_in(writer_.chunked_batch(in_chunks(body))), "success");
  expect_too_large(writer_.chunked_batch(in_chunks(body + " ")), "1048576");
}

TEST_F(Limits, BytesOfAnEvent) {
  const std::size_t rest = event_with(1, R"(,"odd":"")").size();
  const auto of_bytes = [&](int number, std::size_t bytes) {
    return event_with(number, fmt::format(R"(,"odd":"{}")", std::string(bytes - rest, 'x')));
  };
  ASSERT_EQ(of_bytes(1, 1U << 18).size(), 1U << 18);
  EXPECT_EQ(writer_.verdicts_of({of_bytes(1, 1U << 18), of_bytes(2, (1U << 18) + 1), event_with(3)}),
            "success error:too_large success");
}

TEST_F(Limits, BytesOfARequestForATokenAreFewer) {
  const std::string body = fmt::format(R"({{"username":"{}","password":"{}"}})", kUser, kPassword);
  EXPECT_EQ(writer_.post("/api/v1/token/", padded(body, 16U << 10)).status, 200);
  expect_too_large(writer_.post("/api/v1/token/", padded(body, (16U << 10) + 1)), "16384");
}

TEST_F(Limits, BytesOfATarget) {
  const std::string query = "/healthz?x=";
  EXPECT_EQ(writer_.get(query + std::string(4096 - query.size(), 'x')).status, 200);
  const RawAnswer over = writer_.get(query + std::string(4097 - query.size(), 'x'));
  EXPECT_EQ(over.status, 414);
  EXPECT_NE(over.body.find("4096"), std::string::npos) << over.body;
  EXPECT_TRUE(writer_.can_go_on());
}

TEST_F(Limits, EventsOfAPage) {
  ASSERT_EQ(writer_.verdicts_of({event_with(1), event_with(2)}), "success success");
  EXPECT_EQ(writer_.get("/api/v1/events?limit=1").status, 200);
  EXPECT_EQ(writer_.get("/api/v1/events?limit=1000").status, 200);
  for (const char* limit : {"0", "1001", "-1", "1e2", "", "18446744073709551617", "%31%00"}) {
    const RawAnswer over = writer_.get(std::string("/api/v1/events?limit=") + limit);
    EXPECT_EQ(over.status, 400) << limit;
    EXPECT_NE(over.body.find("1000"), std::string::npos) << over.body;
  }
  EXPECT_TRUE(writer_.can_go_on());
}

class SocketLimits : public Limits {
 protected:
  SocketLimits() {
    socket_.exchange(
        fmt::format("GET /ws/v1/events/?stream=clock HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {}\r\n\r\n",
                    writer_.host(), writer_.ws_token()));
  }

  // Of what is no clock and no ping.
  std::string next_type() {
    for (;;) {
      const std::string frame = socket_.next_frame().value_or("the connection ended");
      if (!frame.starts_with('{')) return frame;
      const std::string type = boost::json::parse(frame).at("type").as_string().c_str();
      if (type == "error" || type == "ack" || type == "resync") return type;
    }
  }

  RawConnection socket_{hub_.url()};
};

TEST_F(SocketLimits, BytesOfAMessage) {
  socket_.send_text_frame(padded(event_with(1), 512U << 10));
  EXPECT_EQ(next_type(), "ack");
  socket_.send_text_frame(padded(event_with(2), (512U << 10) + 1));
  EXPECT_EQ(next_type(), "close 1009");
  EXPECT_TRUE(writer_.can_go_on());
}

TEST_F(SocketLimits, ProjectsOfASubscription) {
  const auto subscribe = [](std::size_t projects) {
    std::string list;
    for (std::size_t i = 0; i < projects; ++i) {
      list += fmt::format(R"({}"7c9e6679-7425-40de-944b-{:012}")", i == 0 ? "" : ",", i);
    }
    return fmt::format(R"({{"type":"subscribe","projects":[{}]}})", list);
  };
  socket_.send_text_frame(subscribe(100));
  socket_.send_text_frame(event_with(1));
  EXPECT_EQ(next_type(), "ack");
  socket_.send_text_frame(subscribe(101));
  EXPECT_EQ(next_type(), "error");
  socket_.send_text_frame(event_with(2));
  EXPECT_EQ(next_type(), "ack");
}

}  // namespace
}  // namespace pawprint::testing
