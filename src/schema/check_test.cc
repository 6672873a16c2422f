#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "base/format.h"
#include "protocol/json.h"
#include "schema/schema.h"

namespace pawprint::schema {
namespace {

Schema schema_of(std::string_view text) {
  auto loaded = load(text, "Deploy.schema.json");
  if (!loaded) throw std::runtime_error(loaded.error().message);
  return *std::move(loaded);
}

Result<void> judged(std::string_view schema, std::string_view value) {
  return schema_of(schema).check(protocol::parse_json(value).value(), "payload");
}

struct Case {
  const char* schema;
  std::vector<const char*> fitting;
  std::vector<const char*> breaking;
};

class EveryKeyword : public testing::TestWithParam<Case> {};

TEST_P(EveryKeyword, TakesWhatFitsAndRefusesWhatDoesNot) {
  for (const char* value : GetParam().fitting) {
    const auto verdict = judged(GetParam().schema, value);
    EXPECT_TRUE(verdict) << GetParam().schema << " must take " << value << ": " << verdict.error().message;
  }
  for (const char* value : GetParam().breaking) {
    const auto verdict = judged(GetParam().schema, value);
    ASSERT_FALSE(verdict) << GetParam().schema << " must refuse " << value;
    EXPECT_EQ(verdict.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(verdict.error().path.starts_with("payload")) << verdict.error().path;
  }
}

const Case kCases[] = {
    {"true", {"1", "{}"}, {}},
    {"{}", {"1", "null"}, {}},
    {"false", {}, {"1", "null"}},
    {R"({"type":"null"})", {"null"}, {"0", "false", "\"\"", "{}", "[]"}},
    {R"({"type":"boolean"})", {"true", "false"}, {"0", "\"true\""}},
    {R"({"type":"object"})", {"{}"}, {"[]", "null"}},
    {R"({"type":"array"})", {"[]"}, {"{}", "\"[]\""}},
    {R"({"type":"string"})", {"\"\""}, {"1", "null"}},
    {R"({"type":"number"})", {"1", "1.5", "18446744073709551615", "1e400"}, {"\"1\"", "true"}},
    {R"({"type":"integer"})", {"1", "-1", "1.0", "1e3", "18446744073709551615"}, {"1.5", "\"1\"", "true"}},
    {R"({"type":["string","null"]})", {"\"\"", "null"}, {"1"}},
    {R"({"enum":["a",1,{"b":[1,2],"c":null}]})",
     {"\"a\"", "1", "1.0", R"({"c":null,"b":[1.0,2]})"},
     {"\"b\"", "\"1\"", "true", R"({"b":[2,1],"c":null})", "{}"}},
    {R"({"const":9007199254740993})", {"9007199254740993"}, {"9007199254740992", "9007199254740993.0"}},
    {R"({"const":-9223372036854775808})", {"-9223372036854775808", "-9223372036854775808.0"}, {"0"}},
    {R"({"const":0})", {"0", "0.0", "-0.0"}, {"false", "null", "\"\""}},
    {R"({"minimum":1,"maximum":2.5})", {"1", "2.5", "\"x\""}, {"0.999", "3"}},
    {R"({"maximum":5})", {"5"}, {"18446744073709551615", "1e400"}},
    {R"({"minimum":9007199254740993})", {"9007199254740993"}, {"9007199254740992"}},
    {R"({"exclusiveMinimum":1,"exclusiveMaximum":2})", {"1.5"}, {"1", "2", "1.0"}},
    {R"({"multipleOf":3})", {"9", "-3", "0", "6.0", "\"x\""}, {"10", "6.5", "18446744073709551614"}},
    {R"({"minLength":2,"maxLength":3})",
     {"\"ab\"", "\"\\u00e4\\u00f6\\ud83d\\udc3e\"", "5"},
     {"\"a\"", "\"abcd\"", "\"\\ud83d\\udc3e\""}},
    {R"({"pattern":"^WP[0-9]{2,}$"})",
     {"\"WP01\"", "5"},
     {"\"WP1\"", "\"WP01\\n\"", "\"xWP01\"", "\"WP01\\u0000\""}},
    {R"({"pattern":"b+"})", {"\"abc\"", "\"a\\u0000b\""}, {"\"ac\""}},
    {R"({"format":"date-time"})",
     {"\"2026-02-03T12:00:00Z\"", "5"},
     {"\"2026-02-30T12:00:00Z\"", "\"today\""}},
    {R"({"minItems":1,"maxItems":2})", {"[1]", "[1,2]", "{}"}, {"[]", "[1,2,3]"}},
    {R"({"uniqueItems":true})", {"[1,\"1\",true,{}]", "[]"}, {"[1,1.0]", R"([{"a":1,"b":2},{"b":2,"a":1}])"}},
    {R"({"prefixItems":[{"type":"string"},{"type":"number"}],"items":false})",
     {"[]", "[\"a\"]", "[\"a\",1]"},
     {"[1]", "[\"a\",1,2]"}},
    {R"({"items":{"type":"integer"}})", {"[]", "[1,2]", "{}"}, {"[1,\"2\"]"}},
    {R"({"contains":{"const":1}})", {"[0,1]", "{}"}, {"[]", "[2]"}},
    {R"({"contains":{"const":1},"minContains":2,"maxContains":3})",
     {"[1,1]", "[1,1,1,2]"},
     {"[1]", "[1,1,1,1]"}},
    {R"({"contains":{"const":1},"minContains":0})", {"[]", "[2]"}, {}},
    {R"({"minProperties":1,"maxProperties":2})", {R"({"a":1})", "[]"}, {"{}", R"({"a":1,"b":2,"c":3})"}},
    {R"({"required":["a","b"]})", {R"({"a":1,"b":null})", "[]"}, {R"({"a":1})", "{}"}},
    {R"({"properties":{"a":{"type":"string"},"b":true,"c":false}})",
     {"{}", R"({"a":"x","b":1})"},
     {R"({"a":1})", R"({"c":1})"}},
    {R"({"properties":{"a\u0000b":{"type":"string"}}})", {R"({"a":1})"}, {R"({"a\u0000b":1})"}},
    {R"({"patternProperties":{"^x_":{"type":"string"}}})", {R"({"x_a":"1","y":1})"}, {R"({"x_a":1})"}},
    {R"({"properties":{"a":{}},"patternProperties":{"^x_":{}},"additionalProperties":false})",
     {R"({"a":1,"x_b":2})", "5"},
     {R"({"b":1})"}},
    {R"({"properties":{"a":{}},"additionalProperties":{"type":"string"}})",
     {R"({"a":1,"b":"2"})"},
     {R"({"b":2})"}},
    {R"({"propertyNames":{"maxLength":2}})", {R"({"ab":1})", "5"}, {R"({"abc":1})"}},
    {R"({"dependentRequired":{"a":["b"]}})", {"{}", R"({"b":1})", R"({"a":1,"b":1})", "1"}, {R"({"a":1})"}},
    {R"({"dependentSchemas":{"a":{"required":["b"]}}})", {R"({"b":1})", R"({"a":1,"b":1})"}, {R"({"a":1})"}},
    {R"({"allOf":[{"minimum":1},{"maximum":2}]})", {"1", "2"}, {"0", "3"}},
    {R"({"anyOf":[{"type":"string"},{"minimum":5}]})", {"\"x\"", "6"}, {"1"}},
    {R"({"oneOf":[{"multipleOf":2},{"multipleOf":3}]})", {"2", "3"}, {"6", "5"}},
    {R"({"not":{"type":"string"}})", {"1"}, {"\"x\""}},
    {R"({"not":{"not":{"pattern":"^a$"}}})", {"\"a\""}, {"\"b\""}},
    {R"({"if":{"properties":{"env":{"const":"production"}},"required":["env"]},
         "then":{"required":["approver"]},"else":{"maxProperties":1}})",
     {R"({"env":"production","approver":"kim"})", R"({"env":"staging"})"},
     {R"({"env":"production"})", R"({"env":"staging","x":1})"}},
    {R"({"then":false,"else":false})", {"1"}, {}},
    {R"({"$ref":"#/$defs/name","maxLength":1,"$defs":{"name":{"type":"string"}}})",
     {"\"a\""},
     {"\"ab\"", "1"}},
    {R"({"properties":{"child":{"$ref":"#"},"n":{"type":"integer"}},"additionalProperties":false})",
     {R"({"n":1,"child":{"n":2,"child":{}}})"},
     {R"({"child":{"child":{"n":"x"}}})", R"({"child":{"child":{"m":1}}})"}},
    {R"({"title":"t","description":"d","$comment":"c","default":1,"examples":[2],"deprecated":true,
         "readOnly":true,"writeOnly":false,"$id":"https://example.com/x",
         "$schema":"https://json-schema.org/draft/2020-12/schema"})",
     {"1", "{}"},
     {}},
};

INSTANTIATE_TEST_SUITE_P(All, EveryKeyword, testing::ValuesIn(kCases));

TEST(CheckSchema, TheFirstBrokenRuleIsNamedByItsPath) {
  const auto at = [](const char* schema, const char* value) { return judged(schema, value).error(); };
  EXPECT_EQ(at(R"({"required":["a"]})", "{}").message, "payload.a: missing field");
  EXPECT_EQ(at(R"({"properties":{"l":{"items":{"type":"string"}}}})", R"({"l":["a",2]})").path,
            "payload.l[1]");
  EXPECT_EQ(at(R"({"properties":{"e":{"enum":["staging","production"]}}})", R"({"e":"x"})").message,
            R"(payload.e: expected one of "staging", "production")");
  EXPECT_EQ(at(R"({"additionalProperties":false})", R"({"a b":1})").path, R"(payload["a b"])");
  EXPECT_EQ(at(R"({"minimum":1})", "0").message, "payload: expected at least 1");
}

TEST(CheckSchema, WhatABranchRefusesIsNotBlamed) {
  const auto verdict =
      judged(R"({"anyOf":[{"properties":{"a":{"type":"null"}}},{}],"required":["b"]})", R"({"a":1})");
  EXPECT_EQ(verdict.error().path, "payload.b");
}

TEST(CheckSchema, LongTextAgainstAPatternThatBacktracks) {
  for (const char* pattern : {"^(a+)+$", "^(a|b)*$", "^(a|a)*$", "(x+x+)+y"}) {
    const std::string schema = fmt::format(R"({{"pattern":"{}"}})", pattern);
    const std::string text(20000, 'a');
    EXPECT_EQ(judged(schema, "\"" + text + "\"").has_value(), pattern[0] == '^') << pattern;
    EXPECT_FALSE(judged(schema, "\"" + text + "!\"")) << pattern;
  }
}

TEST(CheckSchema, LongTextAsADateIsJudged) {
  EXPECT_FALSE(judged(R"({"format":"date-time"})", "\"" + std::string(200000, '1') + "\""));
}

// 40^6 judgements of one value, written in a few kilobytes.
std::string multiplying(std::string_view root) {
  std::string text = fmt::format(R"({{{},"$defs":{{)", root);
  for (int level = 0; level < 6; ++level) {
    const std::string next = fmt::format(R"({{"$ref":"#/$defs/{}"}})", level + 1);
    text += fmt::format(R"("{}":{{"allOf":[{})", level, next);
    for (int copy = 1; copy < 40; ++copy) text += "," + next;
    text += "]},";
  }
  return text + R"("6":{}}})";
}

TEST(CheckSchema, ASchemaThatMultipliesItselfRunsOutOfSteps) {
  // Not even a negation turns running out of steps into a fit.
  for (const char* root : {R"("$ref":"#/$defs/0")", R"("not":{"$ref":"#/$defs/0"})"}) {
    const auto verdict = judged(multiplying(root), "1");
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().path, "payload");
    EXPECT_NE(verdict.error().message.find("too many steps"), std::string::npos);
  }
}

TEST(CheckSchema, TheDeepestValueUnderTheLongestChainIsJudged) {
  std::string chain = R"({"items":{"$ref":"#"}})";
  for (int level = 0; level < 14; ++level) chain = R"({"allOf":[)" + chain + "]}";
  const std::string deep = std::string(64, '[') + std::string(64, ']');
  EXPECT_TRUE(judged(chain, deep));
}

TEST(CheckSchema, ManyElementsAreComparedInTime) {
  std::string list = "[0";
  for (int number = 1; number < 30000; ++number) list += fmt::format(",{}", number);
  EXPECT_TRUE(judged(R"({"uniqueItems":true})", list + "]"));
  EXPECT_FALSE(judged(R"({"uniqueItems":true})", list + ",17]"));
}

}  // namespace
}  // namespace pawprint::schema
