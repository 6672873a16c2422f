#include <gtest/gtest.h>

#include <array>

#include "textedit/yaml.h"

namespace pawprint::textedit {
namespace {

const std::array<YamlField, 2> kTwo = {YamlField{"uuid", "550e8400-e29b-41d4-a716-446655440000"},
                                       YamlField{"slug", "my-project"}};
const std::array<YamlField, 1> kUuid = {YamlField{"uuid", "u-1"}};

std::string add(std::string_view text, std::span<const YamlField> fields = kUuid,
                const YamlPath& parent = {"project"}) {
  const auto edited = add_yaml_keys(text, parent, fields);
  return edited ? *edited : "refused: " + edited.error().message;
}

std::string set(std::string_view text, std::string_view value, const YamlPath& path = {"lane"}) {
  const auto edited = set_yaml_scalar(text, path, value);
  return edited ? *edited : "refused: " + edited.error().message;
}

int refusal_line(const Result<std::string>& edited) {
  EXPECT_FALSE(edited.has_value());
  if (edited) return -1;
  EXPECT_EQ(edited.error().kind, ErrorKind::invalid);
  return edited.error().line;
}

TEST(SetYamlScalar, ChangesTheValueAndNoOtherByte) {
  EXPECT_EQ(set("# top\r\nlane:   planned  # was here\r\n\r\ntitle: \"x\"\r\nempty:", "done"),
            "# top\r\nlane:   done  # was here\r\n\r\ntitle: \"x\"\r\nempty:");
  EXPECT_EQ(set("\xEF\xBB\xBFlane: planned", "done"), "\xEF\xBB\xBFlane: done");
  EXPECT_EQ(set("t: \xC3\xA9\nlane: planned\n...\n", "done"), "t: \xC3\xA9\nlane: done\n...\n");
  EXPECT_EQ(set("a:\n    lane: x\nlane: y\n", "z", {"a", "lane"}), "a:\n    lane: z\nlane: y\n");
}

TEST(SetYamlScalar, KeepsTheQuotesThatStandThere) {
  EXPECT_EQ(set("lane: 'planned' # c\n", "it's"), "lane: 'it''s' # c\n");
  EXPECT_EQ(set("lane: \"planned\"\n", "a \"b\" \\"), "lane: \"a \\\"b\\\" \\\\\"\n");
  EXPECT_EQ(set("lane: planned\n", "no"), "lane: \"no\"\n");
  EXPECT_EQ(set("lane: planned\n", "a: b # c"), "lane: \"a: b # c\"\n");
  EXPECT_EQ(set("{lane: planned, b: c}\n", "a, b]"), "{lane: \"a, b]\", b: c}\n");
}

TEST(SetYamlScalar, FillsWhatIsEmpty) {
  EXPECT_EQ(set("lane:\nb: c\n", "done"), "lane: done\nb: c\n");
  EXPECT_EQ(set("lane: # todo\n", "done"), "lane: done # todo\n");
  EXPECT_EQ(set("lane: ~\n", "done"), "lane: done\n");
  EXPECT_EQ(set("a: b\nlane:", "done"), "a: b\nlane: done");
}

TEST(SetYamlScalar, RefusesWhatItCannotSplice) {
  EXPECT_EQ(refusal_line(set_yaml_scalar("a: 1\nlane: &x planned\nb: *x\n", {"lane"}, "done")), 2);
  EXPECT_EQ(refusal_line(set_yaml_scalar("a: &x 1\nlane: *x\n", {"lane"}, "done")), 2);
  EXPECT_EQ(refusal_line(set_yaml_scalar("a: 1\nlane: !!str planned\n", {"lane"}, "done")), 2);
  EXPECT_EQ(refusal_line(set_yaml_scalar("a: 1\nlane:\n  - x\n", {"lane"}, "done")), 3);
  EXPECT_GT(refusal_line(set_yaml_scalar("a: 1\nlane: |\n  x\n", {"lane"}, "done")), 1);
  EXPECT_EQ(refusal_line(set_yaml_scalar("a: 1\n", {"lane"}, "done")), 1);
  EXPECT_EQ(refusal_line(set_yaml_scalar("lane: a\nlane: b\n", {"lane"}, "done")), 2);
  EXPECT_EQ(refusal_line(set_yaml_scalar("lane: a\n", {"lane"}, "two\nlines")), 0);
  EXPECT_EQ(refusal_line(set_yaml_scalar("a: 1\nb: &p\n  lane: a\nc: *p\n", {"b", "lane"}, "done")), 3);
}

TEST(AddYamlKeys, GoBehindTheLastKeyOfTheSection) {
  EXPECT_EQ(
      add("vcs:\n  type: git\nproject:\n  build_id: 7 # theirs\n  # about agents\n\nagents:\n- a\n"),
      "vcs:\n  type: git\nproject:\n  build_id: 7 # theirs\n  uuid: u-1\n  # about agents\n\nagents:\n- a\n");
  EXPECT_EQ(add("project:\n    a: 'x'\n"), "project:\n    a: 'x'\n    uuid: u-1\n");
  EXPECT_EQ(
      add("project:\r\n  a: 1\r\nb: 2\r\n", kTwo),
      "project:\r\n  a: 1\r\n  uuid: 550e8400-e29b-41d4-a716-446655440000\r\n  slug: my-project\r\nb: 2\r\n");
}

TEST(AddYamlKeys, FollowListsAndBlockScalars) {
  EXPECT_EQ(add("project:\n  tags:\n  - a\n  -   b\nx: 1\n"),
            "project:\n  tags:\n  - a\n  -   b\n  uuid: u-1\nx: 1\n");
  EXPECT_EQ(add("project:\n  d: |\n    text\n\nx: 1\n"), "project:\n  d: |\n    text\n  uuid: u-1\n\nx: 1\n");
  EXPECT_EQ(add("project:\n  d: |+\n    text\n\nx: 1\n"),
            "project:\n  d: |+\n    text\n\n  uuid: u-1\nx: 1\n");
  EXPECT_EQ(add("project:\n  d: |\n    text\n  # c\n\nx: 1\n"),
            "project:\n  d: |\n    text\n  uuid: u-1\n  # c\n\nx: 1\n");
  EXPECT_EQ(add("project:\n  a: 1\nscript: |\n  project:\n    a: 2\n"),
            "project:\n  a: 1\n  uuid: u-1\nscript: |\n  project:\n    a: 2\n");
  EXPECT_EQ(add("project:\n  a: [1,\n    2]\n"), "project:\n  a: [1,\n    2]\n  uuid: u-1\n");
}

TEST(AddYamlKeys, AMissingFinalLineBreakStaysMissing) {
  EXPECT_EQ(add("project:\n  a: 1"), "project:\n  a: 1\n  uuid: u-1");
  EXPECT_EQ(add("a: 1\r\nproject:"), "a: 1\r\nproject:\r\n  uuid: u-1");
  EXPECT_EQ(add("a: 1"), "a: 1\nproject:\n  uuid: u-1");
  EXPECT_EQ(add("project:\n  a: 1\n  b:"), "project:\n  a: 1\n  b:\n  uuid: u-1");
}

TEST(AddYamlKeys, FillAnEmptySectionInTheIndentOfTheFile) {
  EXPECT_EQ(add("a:\n    b: 1\nproject:   # ours\n\nc: 2\n"),
            "a:\n    b: 1\nproject:   # ours\n    uuid: u-1\n\nc: 2\n");
  EXPECT_EQ(add("project: ~ # ours\n"), "project: # ours\n  uuid: u-1\n");
  EXPECT_EQ(add("project: null"), "project:\n  uuid: u-1");
}

TEST(AddYamlKeys, MakeTheSectionAtTheEnd) {
  EXPECT_EQ(add(""), "project:\n  uuid: u-1\n");
  EXPECT_EQ(add("\xEF\xBB\xBF"), "\xEF\xBB\xBFproject:\n  uuid: u-1\n");
  EXPECT_EQ(add("# only a comment"), "# only a comment\nproject:\n  uuid: u-1");
  EXPECT_EQ(add("---\na:\n   b: 1\n# end\n"), "---\na:\n   b: 1\n# end\nproject:\n   uuid: u-1\n");
  EXPECT_EQ(add("list:\n- a\n\n\n"), "list:\n- a\n\n\nproject:\n  uuid: u-1\n");
}

TEST(AddYamlKeys, ValuesReadBackAsTheSameText) {
  for (const std::string_view value : {"no",
                                       "123456789012",
                                       "1e10",
                                       "12:30",
                                       "2026-02-03",
                                       "~",
                                       "",
                                       " x",
                                       "a: b",
                                       "a #b",
                                       "it's",
                                       "\"q\"",
                                       "[x]",
                                       "- x",
                                       "&a",
                                       "*a",
                                       "!t",
                                       "%d",
                                       "@x",
                                       "`x",
                                       "\xC3\xA9",
                                       ".5",
                                       "...",
                                       "---",
                                       "? x",
                                       "a:",
                                       "x\\y",
                                       "0x1f",
                                       "null",
                                       "https://h/x?y=1",
                                       "\xE2\x80\xA8"}) {
    const std::array<YamlField, 1> field = {YamlField{"k", std::string(value)}};
    const auto edited = add_yaml_keys("a: b\n", {"project"}, field);
    ASSERT_TRUE(edited.has_value()) << value;
    EXPECT_EQ(read_yaml(*edited)->find("project")->find("k")->text, value);
  }
}

TEST(AddYamlKeys, TypesOfOtherReadersAreQuoted) {
  const std::array<YamlField, 3> fields = {YamlField{"a", "123456789012"}, YamlField{"b", "no"},
                                           YamlField{"c", "a1b2"}};
  EXPECT_EQ(add("", fields), "project:\n  a: \"123456789012\"\n  b: \"no\"\n  c: a1b2\n");
}

TEST(AddYamlKeys, RefuseWhatCannotBeSpliced) {
  const auto refused = [](std::string_view text) {
    return refusal_line(add_yaml_keys(text, {"project"}, kUuid));
  };
  EXPECT_EQ(refused("a: 1\nproject: {slug: x}\n"), 2);
  EXPECT_EQ(refused("a: 1\nproject: {}\n"), 2);
  EXPECT_EQ(refused("{\"a\": 1}\n"), 1);
  EXPECT_EQ(refused("a: 1\nproject: text\n"), 2);
  EXPECT_EQ(refused("a: 1\nproject:\n- x\n"), 3);
  EXPECT_EQ(refused("project: &p\n  a: 1\nb: *p\n"), 2);
  EXPECT_EQ(refused("a: &p\n  b: 1\nproject: *p\n"), 3);
  EXPECT_EQ(refused("a: 1\nproject:\n  uuid: x\n"), 3);
  EXPECT_EQ(refused("a: 1\na: 2\n"), 2);
  EXPECT_EQ(refused("a: 1\n---\nb: 1\n"), 2);
  EXPECT_EQ(refused("- a\n"), 1);
  EXPECT_GT(refused("a: 1\n...\n"), 0);
}

const std::array<YamlField, 3> kItem = {YamlField{"timestamp", "2026-02-03T12:00:00.000Z"},
                                        YamlField{"lane", "done"}, YamlField{"event_id", "01JKXYZ"}};

std::string append(std::string_view text) {
  const auto edited = append_yaml_item(text, {"history"}, kItem, "lane");
  return edited ? *edited : "refused: " + edited.error().message;
}

TEST(AppendYamlItem, TakesTheIndentAndQuotesOfTheList) {
  EXPECT_EQ(append("history:\n- timestamp: '2026'\n  lane: planned\nagent: x\n"),
            "history:\n- timestamp: '2026'\n  lane: planned\n- timestamp: '2026-02-03T12:00:00.000Z'\n  "
            "lane: done\n"
            "  event_id: 01JKXYZ\nagent: x\n");
  EXPECT_EQ(append("history:\n    -   timestamp: 2026-01-01T00:00:00Z # c\n        lane: \"planned\""),
            "history:\n    -   timestamp: 2026-01-01T00:00:00Z # c\n        lane: \"planned\"\n"
            "    -   timestamp: 2026-02-03T12:00:00.000Z\n        lane: \"done\"\n        event_id: 01JKXYZ");
  EXPECT_EQ(append("history:\r\n  - note\r\n"),
            "history:\r\n  - note\r\n  - timestamp: \"2026-02-03T12:00:00.000Z\"\r\n"
            "    lane: done\r\n    event_id: 01JKXYZ\r\n");
}

TEST(AppendYamlItem, QuotesEverythingWhereTheListDoes) {
  EXPECT_EQ(append("history:\n- date: \"2026-02-10\"\n  by: \"planner\"\n"),
            "history:\n- date: \"2026-02-10\"\n  by: \"planner\"\n- timestamp: \"2026-02-03T12:00:00.000Z\"\n"
            "  lane: \"done\"\n  event_id: \"01JKXYZ\"\n");
}

TEST(AppendYamlItem, MakesAListOfAnEmptyOne) {
  const std::string item =
      "  - timestamp: \"2026-02-03T12:00:00.000Z\"\n    lane: done\n    event_id: 01JKXYZ\n";
  EXPECT_EQ(append("history: [] # none\nb: c\n"), "history: # none\n" + item + "b: c\n");
  EXPECT_EQ(append("history:\nb: c\n"), "history:\n" + item + "b: c\n");
  EXPECT_EQ(append("tags:\n- x\nhistory: null\n").find("history:\n- timestamp"), 10U);
}

TEST(AppendYamlItem, MakesTheListBehindTheNamedKey) {
  EXPECT_EQ(append("lane: done # c\nb: c\n"),
            "lane: done # c\nhistory:\n  - timestamp: \"2026-02-03T12:00:00.000Z\"\n    lane: done\n"
            "    event_id: 01JKXYZ\nb: c\n");
}

TEST(AppendYamlItem, RefusesWhatCannotBeSpliced) {
  const auto refused = [](std::string_view text) {
    return refusal_line(append_yaml_item(text, {"history"}, kItem, "lane"));
  };
  EXPECT_EQ(refused("a: 1\nhistory: [{lane: x}]\n"), 2);
  EXPECT_EQ(refused("a: 1\nhistory: text\n"), 2);
  EXPECT_EQ(refused("a: 1\nhistory: &h\n- x\nb: *h\n"), 3);
  EXPECT_EQ(refused("no_lane: 1\n"), 1);
  EXPECT_EQ(refused("{lane: x}\n"), 1);
}

TEST(YamlEdits, NoTruncationOfAFileMakesThemFailBadly) {
  const std::array<std::string_view, 8> samples = {
      "# c\r\nproject:\r\n  slug: 'x''y'\r\n\r\nagents:\r\n- a\r\n",
      "\xEF\xBB\xBFlane: \"pl\\u00e4n\" # c\nhistory:\n  - lane: x\n    at: 2026-01-01\n",
      "a: &x {b: [1, 2], c: *x}\nproject:\n    d: |+\n      t\n\n    e: >-\n      f\n",
      "lane: 'a\n  b'\nproject: {}\nhistory: []\n",
      "%YAML 1.2\n---\n? lane\n: planned\n? project\n:\n  a: 1\n...\n",
      "{\"lane\": \"x\", \"project\": {\"a\": null}, \"history\": [1]}",
      "lane: \xF0\x9F\x90\xBE\nproject: # \xC3\xA9\n\nhistory:\n-\n  a: b\n- - c\n",
      "\n\n  lane: a\n  project:\n\n    b: !t &z c\n  history:\n  - *z\n\t\n",
  };
  for (const std::string_view sample : samples) {
    for (std::size_t size = 0; size <= sample.size(); ++size) {
      const std::string text(sample.substr(0, size));
      for (const auto& edited :
           {add_yaml_keys(text, {"project"}, kTwo), set_yaml_scalar(text, {"lane"}, "done"),
            append_yaml_item(text, {"history"}, kItem, "lane")}) {
        const bool proper =
            edited ? read_yaml(*edited).has_value() : edited.error().kind == ErrorKind::invalid;
        EXPECT_TRUE(proper) << text;
      }
    }
  }
}

}  // namespace
}  // namespace pawprint::textedit
