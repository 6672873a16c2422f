#include "protocol/json.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/format.h"
#include "protocol/json_string.h"
#include "protocol/limits.h"

namespace pawprint::protocol {
namespace {

using std::string_view_literals::operator""sv;

std::string message_of(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? "accepted" : parsed.error().message;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

TEST(Json, ReadsEveryKindOfValue) {
  const auto parsed =
      parse_json(R"( {"a":[1,-2,18446744073709551615,0.5,"x\u0041\ud83d\ude00",true,false,null],"b":{}} )");
  ASSERT_TRUE(parsed);
  const auto& list = parsed->at("a").as_array();
  EXPECT_EQ(list[0].as_int64(), 1);
  EXPECT_EQ(list[1].as_int64(), -2);
  EXPECT_EQ(list[2].as_uint64(), 18446744073709551615U);
  EXPECT_EQ(list[3].as_double(), 0.5);
  EXPECT_EQ(list[4].as_string(), "xA\xF0\x9F\x98\x80");
  EXPECT_TRUE(list[5].as_bool());
  EXPECT_TRUE(list[7].is_null());
  EXPECT_TRUE(parsed->at("b").as_object().empty());
}

TEST(Json, AnErrorSaysLineAndColumn) {
  const auto parsed = parse_json("{\n  \"ä\": x\n}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
  EXPECT_EQ(parsed.error().line, 2);
  EXPECT_EQ(parsed.error().message, "not valid JSON: syntax error at line 2, column 8");
}

TEST(Json, RefusesADuplicateKeyAtAnyDepth) {
  EXPECT_EQ(message_of(R"({"a":1,"a":2})"), "not valid JSON: duplicate key \"a\" at line 1, column 10");
  EXPECT_NE(message_of(R"({"a":[{"b":{"c":1,"d":2,"c":3}}]})").find("duplicate key \"c\""),
            std::string::npos);
  EXPECT_NE(message_of(R"({"type":1,"\u0074ype":2})").find("duplicate key \"type\""), std::string::npos);
  EXPECT_EQ(message_of(R"({"a":{"a":[{"a":1},{"a":1}]},"b":{"a":1}})"), "accepted");
}

TEST(Json, FindsADuplicateAmongManyKeys) {
  std::string text = "{";
  for (int i = 0; i < 2000; ++i) text += fmt::format("\"key{}\":{{\"key{}\":0}},", i, i);
  EXPECT_EQ(message_of(text + "\"other\":0}"), "accepted");
  for (const int again : {0, 31, 32, 33, 1999}) {
    EXPECT_NE(message_of(text + fmt::format("\"key{}\":0}}", again)).find("duplicate key"), std::string::npos)
        << again;
  }
}

TEST(Json, NestsExactlyAsDeepAsTheLimit) {
  EXPECT_EQ(message_of(nested(max_json_depth)), "accepted");
  EXPECT_NE(message_of(nested(max_json_depth + 1)), "accepted");
  EXPECT_NE(message_of(nested(100'000)), "accepted");
  EXPECT_NE(message_of(std::string(100'000, '[')), "accepted");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "[1,]",
                                      "{'a':1}",
                                      "NaN",
                                      "Infinity",
                                      "-",
                                      "01",
                                      "1.",
                                      "+1",
                                      "\"a",
                                      "\"\t\"",
                                      "tru",
                                      "/*c*/1",
                                      "\xEF\xBB\xBF{}",
                                      "{} {}",
                                      "{}x",
                                      "\"\\x\""}) {
    EXPECT_NE(message_of(text), "accepted") << text;
  }
  EXPECT_EQ(message_of("{} {}"), "not valid JSON: text after the end of the value at line 1, column 4");
}

TEST(Json, RefusesTextThatIsNotUnicode) {
  for (const std::string_view text :
       {"\"\xFF\"", "\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF5\x80\x80\x80\"", "\"\xE2\x82\"", "\"\\ud800\"",
        "\"\\udc00\"", "\"\\ud800x\"", "\"\\ud800\\ud800\"", "{\"\\ud800\":1}"}) {
    EXPECT_NE(message_of(text), "accepted") << text;
  }
}

TEST(Json, ANumberBeyondADoubleIsNoReasonToFall) {
  EXPECT_EQ(message_of("[1e400,-1e400,1e-400]"), "accepted");
  EXPECT_EQ(message_of("[" + std::string(5000, '9') + "]"), "accepted");
  EXPECT_NE(message_of("1e99999999999"), "accepted");  // refused in words
}

TEST(JsonPath, QuotesWhatIsNoPlainWord) {
  EXPECT_EQ(child_path("", "payload"), "payload");
  EXPECT_EQ(child_path("payload", "wp_id"), "payload.wp_id");
  EXPECT_EQ(child_path(child_path("payload", "items"), 3), "payload.items[3]");
  EXPECT_EQ(child_path("payload", "a.\"b"), "payload[\"a.\\\"b\"]");
}

TEST(JsonString, EscapesAsRfc8785Does) {
  std::string out;
  append_json_string(out, "a\"\\/\b\f\n\r\t\x01\x1f\x7f\0é\xE2\x80\xA8\xF0\x9F\x98\x80"sv);
  EXPECT_EQ(out, "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000é\xE2\x80\xA8\xF0\x9F\x98\x80\"");
}

TEST(JsonString, IsValidJsonWhateverTheBytes) {
  for (int a = 0; a < 256; ++a) {
    for (const int b : {0x20, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC2, 0xED, 0xF4, 0xFF}) {
      const std::string text = {static_cast<char>(a), static_cast<char>(b), '\x80', '\x80', 'z'};
      for (std::size_t length = 0; length <= text.size(); ++length) {
        std::string out;
        append_json_string(out, std::string_view(text).substr(0, length));
        ASSERT_TRUE(parse_json(out)) << out;
      }
    }
  }
  std::string out;
  append_json_string(out, "\xC3(");
  EXPECT_EQ(out, "\"\xEF\xBF\xBD(\"");
}

}  // namespace
}  // namespace pawprint::protocol
