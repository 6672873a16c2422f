#include "protocol/canonical.h"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "protocol/json.h"

namespace pawprint::protocol {
namespace {

std::string canonical(std::string_view text) {
  const auto form = canonical_form(text);
  return form ? *form : "refused: " + form.error().message;
}

TEST(CanonicalForm, SortsKeysAndDropsWhiteSpace) {
  EXPECT_EQ(canonical(R"( { "b" : [ 1 , { } , [ ] , "x" ] , "a" : { "d" : null , "c" : true } } )"),
            R"({"a":{"c":true,"d":null},"b":[1,{},[],"x"]})");
  EXPECT_EQ(canonical("[[],[[],[]],{}]"), "[[],[[],[]],{}]");
  EXPECT_EQ(canonical(R"({"":1,"a":2,"A":3,"aa":4})"), R"({"":1,"A":3,"a":2,"aa":4})");
}

TEST(CanonicalForm, SortsKeysByUtf16CodeUnit) {
  // The example of RFC 8785 section 3.2.3: the emoji (surrogates D83D DE02) stands before U+FB33.
  EXPECT_EQ(canonical(R"({"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7})"),
            "{\"\\r\":2,\"1\":4,\"\xC2\x80\":6,\"\xC3\xB6\":7,\"\xE2\x82\xAC\":1,\"\xF0\x9F\x98\x80\":5,"
            "\"\xEF\xAC\xB3\":3}");
  EXPECT_EQ(canonical(R"({"\ue000":1,"\udbff\udfff":2,"\ud7ff":3,"\ud800\udc00":4,"\uffff":5})"),
            "{\"\xED\x9F\xBF\":3,\"\xF0\x90\x80\x80\":4,\"\xF4\x8F\xBF\xBF\":2,\"\xEE\x80\x80\":1,"
            "\"\xEF\xBF\xBF\":5}");
}

TEST(CanonicalForm, EscapesStringsAsRfc8785Does) {
  EXPECT_EQ(canonical(R"(["\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\u007f\u2028"])"),
            "[\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\x7F\xE2\x80\xA8\"]");
}

TEST(CanonicalForm, KeepsNumberTokensVerbatim) {
  for (const std::string_view token :
       {"0", "-0", "1.0", "1e3", "1E+03", "0.1e-7", "9007199254740991", "9007199254740993",
        "-9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
        "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1e400", "0.10",
        "123456789012345678901234567890.5"}) {
    EXPECT_EQ(canonical(token), token);
    EXPECT_EQ(canonical("{\"n\":[ " + std::string(token) + " ]}"), "{\"n\":[" + std::string(token) + "]}");
  }
}

TEST(CanonicalForm, DropsTypeAtTheTopOnly) {
  EXPECT_EQ(canonical(R"({"type":"event","a":{"type":1},"typ":2})"), R"({"a":{"type":1},"typ":2})");
  EXPECT_EQ(canonical(R"({"\u0074ype":{"x":1}})"), "{}");
}

TEST(CanonicalForm, NormalisesIdsAtTheTopOnly) {
  EXPECT_EQ(
      canonical(
          R"({"event_id":"01hx0000000000000000000abc","causation_id":"550E8400E29B11D4A716446655440000",)"
          R"("correlation_id":null,"project_uuid":"550E8400-E29B-41D4-A716-446655440000",)"
          R"("payload":{"event_id":"01hx0000000000000000000abc"}})"),
      R"({"causation_id":"550e8400-e29b-11d4-a716-446655440000","correlation_id":null,)"
      R"("event_id":"01HX0000000000000000000ABC","payload":{"event_id":"01hx0000000000000000000abc"},)"
      R"("project_uuid":"550e8400-e29b-41d4-a716-446655440000"})");
  EXPECT_EQ(canonical(R"({"event_id":"not one","project_uuid":5})"),
            R"({"event_id":"not one","project_uuid":5})");
  EXPECT_EQ(canonical(R"([{"event_id":"01hx0000000000000000000abc"}])"),
            R"([{"event_id":"01hx0000000000000000000abc"}])");
}

TEST(CanonicalForm, RefusesWhatTheReaderRefuses) {
  for (const std::string& text :
       {std::string(R"({"a":1,"a":1})"), std::string(R"({"a":[{"b":1,"\u0062":2}]})"),
        std::string(R"({"type":1,"type":2})"), std::string(R"("\ud800")"), std::string(R"({"\udc00":1})"),
        std::string("\"\xFF\""), std::string("NaN"), std::string("{} {}"), std::string("{"), std::string(""),
        std::string(100'000, '['), std::string(65, '[') + std::string(65, ']')}) {
    EXPECT_FALSE(canonical_form(text)) << text.substr(0, 80);
    EXPECT_FALSE(parse_json(text)) << text.substr(0, 80);
    EXPECT_FALSE(content_hash(text)) << text.substr(0, 80);
  }
}

TEST(ContentHash, AProxyThatWritesAnEventAnewChangesNothing) {
  const std::string sent =
      R"({"event_id":"01HX0000000000000000000ABC","payload":{"title":"Grüße / \"x\" 😀","n":1.50},"lamport_clock":7})";
  const std::string proxied =
      "{ \"type\":\"event\",\n\t\"lamport_clock\": 7, \"payload\": {\"n\":1.50, \"title\":"
      "\"Gr\\u00fc\\u00dfe \\/ \\u0022x\\u0022 \\ud83d\\ude00\"},\r\n "
      "\"event_id\":\"01hx0000000000000000000abc\" }";
  EXPECT_EQ(*content_hash(sent), *content_hash(proxied));
}

TEST(ContentHash, TellsDifferentContentApart) {
  const auto hash = *content_hash(R"({"event_id":"01HX0000000000000000000ABC","n":1})");
  for (const std::string_view other : {R"({"event_id":"01HX0000000000000000000ABC","n":1.0})",
                                       R"({"event_id":"01HX0000000000000000000ABC","n":"1"})",
                                       R"({"event_id":"01HX0000000000000000000ABD","n":1})",
                                       R"({"event_id":"01HX0000000000000000000ABC","n":1,"m":null})"}) {
    EXPECT_NE(*content_hash(other), hash) << other;
  }
}

TEST(ContentHash, IsTheSha256OfTheCanonicalForm) {
  // printf '{"a":[1,"x"],"b":null}' | sha256sum
  EXPECT_EQ(hex(*content_hash(R"({"b":null,"a":[1,"x"]})")),
            "854ef06dc57f5dfed10206344ab2d02e0b6c84b0e19436703a5afd0f1f9f2687");
}

}  // namespace
}  // namespace pawprint::protocol
