#include <gtest/gtest.h>

#include "textedit/yaml.h"

namespace pawprint::textedit {
namespace {

using Kind = YamlNode::Kind;

YamlNode read(std::string_view text) {
  auto root = read_yaml(text);
  EXPECT_TRUE(root.has_value()) << root.error().message;
  return root.value_or(YamlNode{});
}

std::string slice(std::string_view text, const YamlNode& node) {
  return std::string(text.substr(node.begin, node.end - node.begin));
}

void refused_at(std::string_view text, int line, std::string_view why) {
  const auto root = read_yaml(text);
  ASSERT_FALSE(root.has_value()) << text;
  EXPECT_EQ(root.error().kind, ErrorKind::invalid);
  EXPECT_EQ(root.error().line, line) << root.error().message;
  EXPECT_NE(root.error().message.find(why), std::string::npos) << root.error().message;
}

TEST(ReadYaml, EveryValueKnowsItsPlaceInTheBytes) {
  const std::string_view text =
      "\xEF\xBB\xBF# c\r\na: one # x\r\nb:\r\n- \"q\\n\"\r\n- 'it''s'\r\nc: {x: 1, y: [2]}\r\nd: "
      "\xC3\xA9t\xC3\xA9\r\n";
  const YamlNode root = read(text);
  EXPECT_EQ(slice(text, *root.find("a")), "one");
  EXPECT_EQ(root.find("a")->line, 2);
  EXPECT_EQ(root.find("a")->column, 4);
  const YamlNode& list = *root.find("b");
  EXPECT_EQ(slice(text, list.items[0]), "\"q\\n\"");
  EXPECT_EQ(list.items[0].text, "q\n");
  EXPECT_EQ(list.items[0].style, '"');
  EXPECT_EQ(slice(text, list.items[1]), "'it''s'");
  EXPECT_EQ(list.items[1].text, "it's");
  EXPECT_EQ(slice(text, list), "- \"q\\n\"\r\n- 'it''s'");
  EXPECT_EQ(slice(text, *root.find("c")), "{x: 1, y: [2]}");
  EXPECT_EQ(root.find("c")->style, '{');
  EXPECT_EQ(slice(text, *root.find("c")->find("y")), "[2]");
  EXPECT_EQ(root.find("d")->text, "\xC3\xA9t\xC3\xA9");
}

TEST(ReadYaml, WordsAndNumbersAreTexts) {
  const YamlNode root = read("lane: no\nversion: 1.10\nid: 0123\n");
  EXPECT_EQ(root.find("lane")->text, "no");
  EXPECT_EQ(root.find("version")->text, "1.10");
  EXPECT_EQ(root.find("id")->text, "0123");
}

TEST(ReadYaml, NothingBehindTheColonIsNullAndPlacedThere) {
  const std::string_view text = "a:   # later\nb: ~\nc: ''\nd:\n  - \n";
  const YamlNode root = read(text);
  EXPECT_EQ(root.find("a")->kind, Kind::null);
  EXPECT_EQ(root.find("a")->begin, 2U);
  EXPECT_EQ(root.find("b")->kind, Kind::null);
  EXPECT_EQ(slice(text, *root.find("b")), "~");
  EXPECT_EQ(root.find("c")->kind, Kind::scalar);
  EXPECT_EQ(root.find("d")->items.at(0).kind, Kind::null);
  EXPECT_EQ(root.find("d")->items.at(0).line, 5);
}

TEST(ReadYaml, EmptyTextsAreNull) {
  EXPECT_EQ(read("").kind, Kind::null);
  EXPECT_EQ(read("# only a comment\n").kind, Kind::null);
  EXPECT_EQ(read("---\n").kind, Kind::null);
}

TEST(ReadYaml, AnAliasOfATextHasTheText) {
  const YamlNode root = read("a: &x one\nb: *x\nc: &m {k: v}\nd: *m\n");
  EXPECT_TRUE(root.find("a")->marked);
  EXPECT_EQ(root.find("b")->text, "one");
  EXPECT_TRUE(root.find("b")->marked);
  EXPECT_EQ(root.find("d")->kind, Kind::null);
  EXPECT_TRUE(root.find("d")->marked);
}

TEST(ReadYaml, ABlockScalarKeepsItsLines) {
  const YamlNode root = read("a: |\n  one\n  two\nb: >-\n  three\n  four\nc: end");
  EXPECT_EQ(root.find("a")->text, "one\ntwo\n");
  EXPECT_EQ(root.find("a")->style, '|');
  EXPECT_EQ(root.find("b")->text, "three four");
  EXPECT_EQ(root.find("c")->text, "end");
}

TEST(ReadYaml, WhatIsNotYamlIsRefusedWithItsLine) {
  refused_at("a: 1\n\tb: 2\n", 2, "tab");
  refused_at("a:\n  b: 1\n  \tc: 2\n", 3, "tab");
  refused_at("a: 1\nb: [1, 2\n", 2, "not YAML");
  refused_at("a: 1\nb: @x\n", 2, "not YAML");
  refused_at("a: 1\na: 2\n", 2, "\"a\" stands twice");
  refused_at("o:\n  a: 1\n  'a': 2\n", 3, "stands twice");
  refused_at("a: 1\n---\nb: 2\n", 2, "several YAML documents");
  refused_at("a: 1\nb: \x01\n", 2, "control character");
  refused_at("a: 1\nb: \xFF\n", 2, "not UTF-8");
  refused_at("? [a]\n: b\n", 1, "a key that is a list");
  const auto counted = read_yaml("a: @x\n", 10);
  EXPECT_EQ(counted.error().line, 10);
}

TEST(ReadYaml, ATabThatTheParserDoesNotSurviveIsRefusedBeforeIt) {
  refused_at("? a:\t:", 1, "a tab behind a colon");
  refused_at("b: 1\n- ?\ta:\t:\n", 2, "a tab behind a colon");
  EXPECT_EQ(read("a:\tone\nb: what? yes\n").entries.size(), 2U);
  EXPECT_EQ(read("? a\n: one\n").entries.size(), 1U);
}

TEST(ReadYaml, NothingIsPrinted) {
  testing::internal::CaptureStderr();
  EXPECT_FALSE(read_yaml("a: [1\n").has_value());
  EXPECT_FALSE(read_yaml("%FOO\n---\na: &\n").has_value());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(ReadYaml, DepthIsBounded) {
  std::string deep;
  for (int i = 0; i < 60; ++i) deep += '[';
  EXPECT_TRUE(read_yaml(deep + std::string(60, ']')).has_value());
  EXPECT_FALSE(read_yaml(std::string(200'000, '[')).has_value());
  std::string dashes = "a:\n  ";
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_FALSE(read_yaml(dashes + "x\n").has_value());
}

TEST(ReadYaml, AMegabyteOfCommentsIsRead) {
  std::string text;
  while (text.size() < 1'000'000) text += "# a comment that somebody wrote\n";
  EXPECT_EQ(read(text + "a: end").find("a")->text, "end");
}

}  // namespace
}  // namespace pawprint::textedit
