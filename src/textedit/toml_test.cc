#include "textedit/toml.h"

#include <gtest/gtest.h>

#include "textedit/toml_parse.h"

namespace pawprint::textedit {
namespace {

std::string set(std::string_view text, std::string_view value = "https://hub") {
  const auto edited = set_toml_string(text, "sync", "server_url", value);
  return edited ? *edited : "refused: " + edited.error().message;
}

TEST(ParseToml, ADamagedTextIsReadOrNamedByLineAndEndsNoProgram) {
  const std::string whole = "# ours\n[[a]]\nb = \"c\"\nd = 2026-02-03T12:15:00Z\n[e.f]\ng = [1, {h = 'i'}]\n";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(byte);
      const auto parsed = parse_toml(damaged);
      if (parsed) continue;
      EXPECT_GE(parsed.error().line, 1) << at << " " << byte;
      EXPECT_LE(parsed.error().line, 7) << at << " " << byte;
    }
  }
}

TEST(SetTomlString, ReplacesTheValueAndNoOtherByte) {
  EXPECT_EQ(set("# top\r\n[sync] # ours\r\nserver_url   =  \"http://old\"   # was\r\nqueue_limit = "
                "1_000\r\n\r\n[x]\r\ny = 'z'"),
            "# top\r\n[sync] # ours\r\nserver_url   =  \"https://hub\"   # was\r\nqueue_limit = "
            "1_000\r\n\r\n[x]\r\ny = 'z'");
  EXPECT_EQ(set("[sync]\nserver_url = 'old'"), "[sync]\nserver_url = 'https://hub'");
  EXPECT_EQ(set("[sync]\nserver_url = 'old'", "it's"), "[sync]\nserver_url = \"it's\"");
  EXPECT_EQ(
      set("\xEF\xBB\xBFt = \"\xC3\xA9\"\n[sync]\n\"server_url\" = \"\xC3\xA9\xF0\x9F\x90\xBE\" # \xC3\xA9\n"),
      "\xEF\xBB\xBFt = \"\xC3\xA9\"\n[sync]\n\"server_url\" = \"https://hub\" # \xC3\xA9\n");
  EXPECT_EQ(set("sync = { a = 1, server_url = \"x\", b = 2 }\n"),
            "sync = { a = 1, server_url = \"https://hub\", b = 2 }\n");
  EXPECT_EQ(set("sync.server_url = \"x\"\n", "a\"b\\c"), "sync.server_url = \"a\\\"b\\\\c\"\n");
}

TEST(SetTomlString, AddsTheKeyToItsTable) {
  EXPECT_EQ(set("[sync]\nlink = \"ask\" # c\n\n[x]\ny = 1\n"),
            "[sync]\nlink = \"ask\" # c\nserver_url = \"https://hub\"\n\n[x]\ny = 1\n");
  EXPECT_EQ(set("[sync]\n"), "[sync]\nserver_url = \"https://hub\"\n");
  EXPECT_EQ(set("[sync]\nl = [\n 1,\n 2 ]"), "[sync]\nl = [\n 1,\n 2 ]\nserver_url = \"https://hub\"");
  EXPECT_EQ(set("[sync.deep]\na = 1\n"), "[sync.deep]\na = 1\n\n[sync]\nserver_url = \"https://hub\"\n");
}

TEST(SetTomlString, MakesTheTableAtTheEnd) {
  EXPECT_EQ(set(""), "[sync]\nserver_url = \"https://hub\"\n");
  EXPECT_EQ(set("a = 1"), "a = 1\n\n[sync]\nserver_url = \"https://hub\"");
  EXPECT_EQ(set("# c\r\n"), "# c\r\n\r\n[sync]\r\nserver_url = \"https://hub\"\r\n");
}

TEST(SetTomlString, RefusesWhatItCannotEditWithTheLine) {
  const auto refused_in = [](std::string_view text) {
    const auto edited = set_toml_string(text, "sync", "server_url", "x");
    EXPECT_FALSE(edited.has_value()) << text;
    if (edited) return -1;
    EXPECT_EQ(edited.error().kind, ErrorKind::invalid);
    return edited.error().line;
  };
  EXPECT_EQ(refused_in("a = 1\nb = = 2\n"), 2);
  EXPECT_EQ(refused_in("a = 1\na = 2\n"), 2);
  EXPECT_EQ(refused_in("a = 1\nsync = 2\n"), 2);
  EXPECT_EQ(refused_in("a = 1\n[[sync]]\nb = 1\n"), 2);
  EXPECT_EQ(refused_in("[sync]\nserver_url = 3\n"), 2);
  EXPECT_EQ(refused_in("a = 1\nsync = { a = 1 }\n"), 2);
  EXPECT_EQ(refused_in("a = \xFF\n"), 1);
  EXPECT_FALSE(set_toml_string("", "sync", "server_url", "a\nb").has_value());
}

TEST(SetTomlString, NoTruncationHarms) {
  const std::string_view text =
      "\xEF\xBB\xBF# \xC3\xA9\r\n[sync]\r\na = [1, {b = 'c'}]\r\nserver_url = \"\"\"x\r\ny\"\"\" # "
      "d\r\n[[t]]\nsync.x = 1\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto edited = set_toml_string(text.substr(0, size), "sync", "server_url", "u");
    EXPECT_TRUE(edited.has_value() || edited.error().kind == ErrorKind::invalid) << size;
  }
}

}  // namespace
}  // namespace pawprint::textedit
