#include <gtest/gtest.h>

#include <boost/json/value.hpp>
#include <fstream>
#include <sstream>

#include "base/format.h"
#include "protocol/json.h"
#include "schema/schema.h"

namespace pawprint::schema {
namespace {

// The error of a text that must be refused.
Error refused(std::string_view text) {
  auto loaded = load(text, "Deploy.schema.json");
  EXPECT_FALSE(loaded) << text;
  if (loaded) return {};
  EXPECT_EQ(loaded.error().kind, ErrorKind::invalid) << text;
  EXPECT_EQ(loaded.error().file, "Deploy.schema.json") << text;
  EXPECT_NE(loaded.error().message.find("Deploy.schema.json"), std::string::npos) << loaded.error().message;
  return loaded.error();
}

TEST(LoadSchema, AnUnknownKeywordIsRefusedWithItsLineAndPath) {
  const Error error = refused("{\n  \"properties\": {\n    \"replicas\": {\"minimun\": 1}\n  }\n}\n");
  EXPECT_EQ(error.path, "properties.replicas.minimun");
  EXPECT_EQ(error.line, 3);
}

TEST(LoadSchema, KeywordsThatAreNotCheckedAreRefusedWhereverASchemaStands) {
  for (const char* keyword : {"unevaluatedProperties", "unevaluatedItems", "$anchor", "$dynamicRef",
                              "$dynamicAnchor", "$vocabulary", "contentEncoding", "contentSchema",
                              "definitions", "dependencies", "additionalItems", "Type", ""}) {
    for (const char* around :
         {"{{{}}}", "{{\"items\":{{{}}}}}", "{{\"anyOf\":[{{}},{{{}}}]}}", "{{\"$defs\":{{\"a\":{{{}}}}}}}",
          "{{\"not\":{{{}}}}}", "{{\"patternProperties\":{{\"^x\":{{{}}}}}}}", "{{\"if\":{{{}}}}}",
          "{{\"dependentSchemas\":{{\"a\":{{{}}}}}}}", "{{\"additionalProperties\":{{{}}}}}"}) {
      const std::string text = fmt::format(fmt::runtime(around), fmt::format("\"{}\":true", keyword));
      EXPECT_NE(refused(text).message.find("a keyword that is not known"), std::string::npos) << text;
    }
  }
}

TEST(LoadSchema, WordsInsideValuesAreNoKeywords) {
  EXPECT_TRUE(
      load(R"({"const":{"minimun":1},"enum":[{"x":1}],"default":{"$ref":"http://a"},"examples":[{"y":2}],
                       "properties":{"minimun":{},"$ref":{}}})",
           "f"));
}

TEST(LoadSchema, TextThatIsNoJsonIsRefusedWithItsLine) {
  EXPECT_EQ(refused("{\n\"type\": \"object\",\n}").line, 3);
  EXPECT_EQ(refused("").line, 1);
  EXPECT_EQ(refused("{\"type\":\"object\",\n\"type\":\"array\"}").line, 2);
  refused("\xFF");
}

TEST(LoadSchema, TruncatedAtAnyByteItIsRefused) {
  const std::string text = R"({"type":"object","properties":{"a":{"pattern":"^x$"}},"required":["a"]})";
  for (std::size_t bytes = 0; bytes < text.size(); ++bytes) refused(text.substr(0, bytes));
}

TEST(LoadSchema, MoreThan64KiBIsRefused) {
  const std::string start = "{\"description\":\"";
  const std::string fitting = start + std::string(kMaxSchemaBytes - start.size() - 2, 'x') + "\"}";
  EXPECT_TRUE(load(fitting, "f"));
  refused(fitting + " ");
}

TEST(LoadSchema, AReferenceOutOfTheFileIsRefused) {
  for (const char* target : {"http://example.com/a.json", "https://example.com/a.json#/x", "other.json",
                             "file:///etc/passwd", "../a.json", "", "urn:a", "/etc/passwd"}) {
    const Error error = refused(fmt::format("{{\"items\":\n{{\"$ref\":\"{}\"}}}}", target));
    EXPECT_EQ(error.path, "items[\"$ref\"]");
    EXPECT_EQ(error.line, 2);
  }
}

TEST(LoadSchema, AReferenceToNoSchemaIsRefused) {
  for (const char* target : {"#/$defs/b", "#a", "#/", "#/default", "#/enum/0", "#/$defs", "#/$defs/a%62"}) {
    refused(fmt::format(R"({{"$ref":"{}","$defs":{{"a":{{}}}},"default":{{}},"enum":[{{}}]}})", target));
  }
}

TEST(LoadSchema, AReferenceFindsKeysThatNeedEscapes) {
  EXPECT_TRUE(load(R"({"$ref":"#/$defs/a~1b~0c","$defs":{"a/b~c":{}}})", "f"));
}

TEST(LoadSchema, ReferencesThatGoInCirclesAreRefused) {
  for (const char* text :
       {R"({"$ref":"#"})", R"({"anyOf":[{"$ref":"#"}]})", R"({"not":{"$ref":"#"}})", R"({"if":{"$ref":"#"}})",
        R"({"then":{"$ref":"#"}})", R"({"dependentSchemas":{"a":{"$ref":"#"}}})",
        R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"allOf":[{"oneOf":[{"$ref":"#/$defs/a"}]}]}}})"}) {
    EXPECT_NE(refused(text).message.find("refers back to itself"), std::string::npos) << text;
  }
}

TEST(LoadSchema, AReferenceThatGoesDeeperIntoTheValueIsTaken) {
  EXPECT_TRUE(load(R"({"properties":{"child":{"$ref":"#"}},"items":{"$ref":"#"}})", "f"));
}

TEST(LoadSchema, ALongChainOfReferencesIsRefused) {
  std::string text = "{\"$defs\":{";
  for (int link = 0; link < 2000; ++link) {
    text += fmt::format("\"{}\":{{\"$ref\":\"#/$defs/{}\"}},", link, link + 1);
  }
  refused(text + "\"2000\":{}}}");
}

TEST(LoadSchema, NestingIsBounded) {
  std::string text = "true";
  for (int level = 0; level < 60; ++level) text = "{\"items\":" + text + "}";
  EXPECT_TRUE(load(text, "f"));
  for (int level = 0; level < 60; ++level) text = "{\"items\":" + text + "}";
  refused(text);
}

TEST(LoadSchema, APatternThatRe2DoesNotTakeIsRefused) {
  for (const char* pattern : {"(", "a{2,1}", "(?=x)", "(?!x)", "(a)\\\\1", "[z-a]", "a{1,5000}"}) {
    const Error error = refused(fmt::format("{{\"items\":{{\n\"pattern\":\"{}\"}}}}", pattern));
    EXPECT_EQ(error.path, "items.pattern");
    EXPECT_EQ(error.line, 2);
    refused(fmt::format(R"({{"patternProperties":{{"{}":{{}}}}}})", pattern));
  }
}

TEST(LoadSchema, PatternsTogetherAreBounded) {
  std::string text = "{\"allOf\":[{}";
  for (int at = 0; at < 100; ++at) text += R"(,{"pattern":"a{1000}"})";
  EXPECT_NE(refused(text + "]}").message.find("too large together"), std::string::npos);
}

TEST(LoadSchema, AKeywordWithAValueOfTheWrongFormIsRefused) {
  for (const char* text : {R"([])",
                           R"("x")",
                           R"(null)",
                           R"({"type":"text"})",
                           R"({"type":[]})",
                           R"({"type":["null","null"]})",
                           R"({"type":1})",
                           R"({"enum":1})",
                           R"({"minimum":"1"})",
                           R"({"multipleOf":0})",
                           R"({"multipleOf":0.1})",
                           R"({"multipleOf":-2})",
                           R"({"minLength":-1})",
                           R"({"maxLength":1.5})",
                           R"({"maxItems":"1"})",
                           R"({"pattern":1})",
                           R"({"format":"email"})",
                           R"({"format":1})",
                           R"({"uniqueItems":1})",
                           R"({"items":[{}]})",
                           R"({"items":1})",
                           R"({"prefixItems":[]})",
                           R"({"prefixItems":{}})",
                           R"({"properties":[]})",
                           R"({"properties":{"a":1}})",
                           R"({"required":"a"})",
                           R"({"required":[1]})",
                           R"({"dependentRequired":{"a":"b"}})",
                           R"({"dependentRequired":[]})",
                           R"({"patternProperties":[]})",
                           R"({"allOf":[]})",
                           R"({"anyOf":{}})",
                           R"({"oneOf":[1]})",
                           R"({"not":null})",
                           R"({"$ref":1})",
                           R"({"$schema":"http://json-schema.org/draft-07/schema#"})",
                           R"({"$schema":1})",
                           R"({"$id":1})",
                           R"({"items":{"$id":"x"}})"}) {
    EXPECT_GT(refused(text).line, 0) << text;
  }
}

TEST(LoadSchema, TheDocumentationNamesEveryKeyword) {
  std::ifstream in(PAWPRINT_SOURCE_DIR "/docs/protocol.md");
  std::ostringstream text;
  text << in.rdbuf();
  const std::string whole = text.str();
  const std::size_t start = whole.find("### A project's own types");
  ASSERT_NE(start, std::string::npos);
  const std::string section = whole.substr(start, whole.find("\n## ", start) - start);
  for (const std::string_view keyword : keywords()) {
    EXPECT_NE(section.find(fmt::format("`{}`", keyword)), std::string::npos) << keyword;
  }
}

}  // namespace
}  // namespace pawprint::schema
