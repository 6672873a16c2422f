// What no client should send, in the middle of a batch: it costs its limit and its own verdict, and the
// events before and behind it are stored.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>

#include "base/format.h"
#include "harness/hub_reader.h"
#include "harness/hub_writer.h"
#include "net/gzip.h"

namespace pawprint::testing {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

std::string compressed(std::string_view text) {
  return net::gzip(text).value_or("");
}

class HostileBatch : public ::testing::Test {
 protected:
  // Of an event between two good ones that the hub has not seen.
  std::string verdict_between_neighbours(const std::string& event) {
    const std::string all = writer_.verdicts_of({fresh(), event, fresh()});
    constexpr std::string_view kGood = "success";
    if (!all.starts_with("success ") || !all.ends_with(" success")) return "a neighbour suffered: " + all;
    return all.substr(kGood.size() + 1, all.size() - 2 * (kGood.size() + 1));
  }

  std::string verdict_with(std::string_view payload_end) {
    return verdict_between_neighbours(event_with(++number_, payload_end));
  }

  std::string fresh() { return event_with(++number_); }

  // The most memory that the hub ever held.
  std::size_t peak_kib() const {
    std::ifstream status("/proc/" + std::to_string(hub_.pid()) + "/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    }
    return 0;
  }

  TemporaryDirectory directory_;
  Hub hub_{directory_.path() / "hub"};
  HubWriter writer_{hub_};
  int number_ = 0;
};

TEST_F(HostileBatch, TextThatIsNotJsonIsMalformedAndItsNeighboursAreStored) {
  for (const std::string_view value : {"NaN",
                                       "nan",
                                       "Infinity",
                                       "-Infinity",
                                       "undefined",
                                       "'single'",
                                       "0x10",
                                       "01",
                                       "+1",
                                       ".5",
                                       "1.",
                                       "1e",
                                       "tru",
                                       "[1,]",
                                       "{\"a\":1,}",
                                       "[1 2]",
                                       "{1:2}",
                                       "/* note */1",
                                       "\"\\x41\"",
                                       "\"\\u12\"",
                                       "\"\\u12g4\"",
                                       "\"tab\there\"",
                                       "\"line\nbreak\"",
                                       "{\"a\":]}",
                                       "[}"}) {
    EXPECT_EQ(verdict_with(fmt::format(R"(,"odd":{})", value)), "error:malformed") << value;
  }
  for (const std::string_view event : {"", "null", "5", "\"text\"", "[]", "true", "\xEF\xBB\xBF{}"}) {
    EXPECT_EQ(verdict_between_neighbours(std::string(event)), "error:malformed") << event;
  }
  EXPECT_EQ(verdict_between_neighbours("{}"), "error:schema_mismatch");
}

TEST_F(HostileBatch, BytesThatAreNoUtf8AreMalformedAndItsNeighboursAreStored) {
  for (const std::string_view text : {"\xFF", "\xC3", "\xC0\xAF", "\xE2\x82", "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\x80"}) {
    EXPECT_EQ(verdict_with(fmt::format(R"(,"odd":"{}")", text)), "error:malformed");
    EXPECT_EQ(verdict_with(fmt::format(R"(,"{}":1)", text)), "error:malformed");
  }
  EXPECT_EQ(verdict_with(std::string(",\"odd\":\"nul\0byte\"", 17)), "error:malformed");
}

TEST_F(HostileBatch, HalfASurrogatePairIsMalformedAndAWholeOneIsStored) {
  for (const char* half : {R"(\ud800)", R"(\udc00)", R"(\ud800\ud800)", R"(\ud83dx)", R"(\udc3d\ud83d)"}) {
    EXPECT_EQ(verdict_with(fmt::format(R"(,"odd":"{}")", half)), "error:malformed") << half;
  }
  EXPECT_EQ(verdict_with(R"(,"odd":"\ud83d\udc3e")"), "success");
}

TEST_F(HostileBatch, AKeyThatStandsTwiceIsMalformedHoweverItIsWrittenAndHoweverDeep) {
  EXPECT_EQ(verdict_with(R"(,"wp_id":"WP02")"), "error:malformed");
  EXPECT_EQ(verdict_with(R"(,"\u0077p_id":"WP02")"), "error:malformed");
  EXPECT_EQ(verdict_with(R"(,"a":[{"b":{"c":1,"c":1}}])"), "error:malformed");
  std::string twice = fresh();
  EXPECT_EQ(verdict_between_neighbours(twice.insert(1, R"("lamport_clock":7,)")), "error:malformed");
}

TEST_F(HostileBatch, NumbersAreStoredAsTheyAreWrittenHoweverLarge) {
  const std::vector<std::string> numbers{"1e400",
                                         "-1e400",
                                         "1e-400",
                                         "1" + std::string(400, '0'),
                                         "0." + std::string(400, '0') + "1",
                                         "9007199254740991",
                                         "9007199254740992",
                                         "9007199254740993",
                                         "18446744073709551616",
                                         "-0.0"};
  for (const std::string& number : numbers) {
    EXPECT_EQ(verdict_with(fmt::format(R"(,"odd":{})", number)), "success") << number;
    EXPECT_NE(writer_.get("/api/v1/events?limit=1000").body.find(fmt::format(R"("odd":{}}})", number)),
              std::string::npos)
        << number;
  }
}

TEST_F(HostileBatch, NumbersThatAFloatingPointWouldMakeTheSameAreDifferentContent) {
  const auto as = [](std::string_view number) {
    return event_with(9000, fmt::format(R"(,"odd":{})", number));
  };
  EXPECT_EQ(writer_.verdicts_of({as("9007199254740992"), as("9007199254740993")}),
            "success error:event_id_conflict");
  EXPECT_EQ(
      writer_.verdicts_of({as("9007199254740992"), as("9007199254740992.0"), as("9.007199254740992e15")}),
      "duplicate error:event_id_conflict error:event_id_conflict");
}

TEST_F(HostileBatch, ALamportValueIsAnIntegerBelowTheCeilingOrRefused) {
  const auto verdict_of = [&](const std::string& value) {
    std::string event = fresh();
    const std::string key = fmt::format(R"("lamport_clock":{})", number_);
    return verdict_between_neighbours(
        event.replace(event.find(key), key.size(), R"("lamport_clock":)" + value));
  };
  for (const char* value :
       {"1e400", "5.5", "5.0", "-1", "true", "\"5\"", "null", "[5]", "18446744073709551616"}) {
    EXPECT_EQ(verdict_of(value), "error:schema_mismatch") << value;
  }
  EXPECT_EQ(verdict_of("1" + std::string(400, '0')), "error:schema_mismatch");
  for (const char* value :
       {"9007199254740991", "9007199254740992", "9007199254740993", "18446744073709551615"}) {
    EXPECT_EQ(verdict_of(value), "error:clock_out_of_range") << value;
  }
  EXPECT_EQ(verdict_of("4294967296"), "success");
}

TEST_F(HostileBatch, NestingIsBoundedAndAHundredThousandLevelsCostNoStack) {
  constexpr std::size_t kDeep = 100'000;
  for (const auto& [open, close] : {std::pair("[", "]"), std::pair(R"({"a":)", "}")}) {
    const auto nested = [&](std::size_t times) {
      return fmt::format(R"(,"odd":{}1{})", repeated(open, times), repeated(close, times));
    };
    EXPECT_EQ(verdict_with(nested(62)), "success");  // with the event and its payload: 64
    EXPECT_EQ(verdict_with(nested(63)), "error:malformed");
    EXPECT_EQ(verdict_with(nested(30'000)), "error:malformed");
    EXPECT_EQ(verdict_between_neighbours(repeated(open, kDeep) + "1" + repeated(close, kDeep)),
              kDeep * (std::string_view(open).size() + 1) < 1U << 18 ? "error:malformed" : "error:too_large");
  }
}

TEST_F(HostileBatch, AFrameThatCannotBeCutIs400AndNothingOfItIsStored) {
  const std::string good = fresh();
  for (const std::string& body :
       {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
        R"({"events":{}})" + std::string(), R"({"events":[)" + good, R"({"events":[)" + good + "]",
        R"({"events":[)" + good + "]}}", R"({"events":[)" + good + R"(],"events":[]})",
        R"({"events":[)" + repeated("[", 100'000), R"({"events":[)" + good + R"(,{"a":"b]})",
        std::string(1000, '\0'), "\xFF\xFE" + good}) {
    const RawAnswer answer = writer_.batch(body);
    EXPECT_EQ(answer.status, 400) << body.substr(0, 60);
    EXPECT_TRUE(boost::json::parse(answer.body).as_object().contains("error")) << answer.body;
  }
  EXPECT_TRUE(HubReader(hub_).events().empty());
  EXPECT_TRUE(writer_.can_go_on());
}

TEST_F(HostileBatch, GzipOfSeveralMembersIsReadAndWhatIsNotWholeGzipIs400) {
  const std::string body = batch_of({fresh()});
  const std::string whole = compressed(body);
  const std::string half = compressed(body.substr(0, 40)), rest = compressed(body.substr(40));
  EXPECT_EQ(HubWriter::verdicts_in(writer_.gzipped_batch(half + rest)), "success");
  EXPECT_EQ(HubWriter::verdicts_in(writer_.gzipped_batch(half + compressed("") + rest)), "duplicate");
  EXPECT_EQ(HubWriter::verdicts_in(writer_.gzipped_batch(whole)), "duplicate");
  for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_EQ(writer_.gzipped_batch(whole.substr(0, bytes)).status, 400) << bytes;
  }
  std::string flipped = whole;
  flipped.at(flipped.size() - 6) ^= 1;  // in the checksum
  for (const std::string& broken : {whole + "x", half + rest.substr(0, rest.size() - 1), body, flipped,
                                    "x" + whole, std::string(100, '\0')}) {
    EXPECT_EQ(writer_.gzipped_batch(broken).status, 400);
  }
  EXPECT_EQ(writer_.gzipped_batch(compressed(whole)).status, 400);  // gzip within gzip is no frame
  EXPECT_TRUE(writer_.can_go_on());
}

TEST_F(HostileBatch, AGzipBombCostsTheLimitAndNotWhatItWouldInflateTo) {
  const std::string member = compressed(std::string(8U << 20, ' '));
  std::string bomb;
  while (bomb.size() + member.size() <= 1U << 20) bomb += member;
  ASSERT_GT(bomb.size() / member.size() * 8, 900U);  // MiB inflated
  writer_.gzipped_batch(compressed(batch_of({fresh()})));
  const std::size_t before = peak_kib();
  ASSERT_GT(before, 0U);
  for (int again = 0; again < 3; ++again) {
    const RawAnswer answer = writer_.gzipped_batch(bomb);
    EXPECT_EQ(answer.status, 413) << answer.body;
    EXPECT_NE(answer.body.find(R"("max_decompressed_bytes_per_batch":8388608)"), std::string::npos);
  }
  EXPECT_LT(peak_kib() - before, 32U << 10);
  EXPECT_TRUE(writer_.can_go_on());
}

TEST_F(HostileBatch, OnTheSocketTooEachHasItsOwnAnswerAndTheOthersAreStored) {
  RawConnection socket(hub_.url());
  ASSERT_EQ(socket
                .exchange(fmt::format(
                    "GET /ws/v1/events/?stream=clock HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\n"
                    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer {}\r\n\r\n",
                    writer_.host(), writer_.ws_token()))
                .status,
            101);
  const std::vector<std::string> odd{event_with(1, R"(,"odd":NaN)"),
                                     event_with(2, R"(,"odd":"\ud800")"),
                                     event_with(3, ",\"odd\":" + repeated("[", 100'000)),
                                     event_with(4, R"(,"wp_id":"WP02")"),
                                     event_with(5, ",\"odd\":\"\xFF\""),
                                     "\xFF",
                                     "",
                                     "]",
                                     "},{",
                                     event_with(501) + "," + event_with(502),
                                     event_with(501) + ",",
                                     event_with(501) + R"(,"x")",
                                     event_with(501) + R"(],"x":[1)"};
  for (const std::string& one : odd) {
    socket.send_text_frame(one);
    socket.send_text_frame(fresh());
  }
  std::string answers;
  for (std::size_t count = 0; count < 2 * odd.size();) {
    const auto frame = boost::json::parse(socket.next_frame().value_or("null"));
    ASSERT_TRUE(frame.is_object()) << answers;
    const std::string type = frame.at("type").as_string().c_str();
    if (type != "ack" && type != "error") continue;
    answers += type + " ";
    ++count;
  }
  EXPECT_EQ(answers, repeated("error ack ", odd.size()));
  const std::string log = writer_.get("/api/v1/events?limit=1000").body;
  EXPECT_EQ(boost::json::parse(log).at("events").as_array().size(), odd.size());
  EXPECT_FALSE(log.contains("V0000000000000501"));
}

}  // namespace
}  // namespace pawprint::testing
