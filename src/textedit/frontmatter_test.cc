#include "textedit/frontmatter.h"

#include <gtest/gtest.h>

namespace pawprint::textedit {
namespace {

std::string yaml_of(std::string_view markdown) {
  const auto found = find_frontmatter(markdown);
  EXPECT_TRUE(found.has_value());
  return found ? std::string(markdown.substr(found->begin, found->end - found->begin)) : "";
}

TEST(Frontmatter, IsWhatStandsBetweenTheTwoLines) {
  EXPECT_EQ(yaml_of("---\nlane: planned\n---\n# Title\n---\n"), "lane: planned\n");
  EXPECT_EQ(yaml_of("\xEF\xBB\xBF--- \r\nlane: planned\r\n---\r\nbody"), "lane: planned\r\n");
  EXPECT_EQ(yaml_of("---\n---"), "");
  EXPECT_EQ(yaml_of("---\na: |\n  ---x\n----: 1\n---\n"), "a: |\n  ---x\n----: 1\n");
  EXPECT_EQ(find_frontmatter("---\na: 1\n---\n")->first_line, 2);
}

TEST(Frontmatter, AbsentOrOpenIsRefusedWithItsLine) {
  for (const std::string_view text :
       {"", "# Title\n", "\n---\na: 1\n---\n", "---\na: 1\n", "---", "----\n---\n"}) {
    const auto found = find_frontmatter(text);
    ASSERT_FALSE(found.has_value()) << text;
    EXPECT_EQ(found.error().kind, ErrorKind::invalid);
    EXPECT_EQ(found.error().line, 1);
  }
}

TEST(Frontmatter, ReplacingItLeavesTheRest) {
  const std::string_view text = "\xEF\xBB\xBF---\r\nlane: a\r\n---\r\nbody without an end";
  const auto where = find_frontmatter(text);
  ASSERT_TRUE(where.has_value());
  EXPECT_EQ(with_frontmatter(text, *where, "lane: b\r\nmore: c\r\n").value(),
            "\xEF\xBB\xBF---\r\nlane: b\r\nmore: c\r\n---\r\nbody without an end");
}

TEST(Frontmatter, AReplacementThatWouldMoveItsEndIsRefused) {
  const std::string_view text = "---\nlane: a\n---\nbody\n";
  const auto where = find_frontmatter(text);
  ASSERT_TRUE(where.has_value());
  EXPECT_FALSE(with_frontmatter(text, *where, "lane: b\n---\n").has_value());
  EXPECT_FALSE(with_frontmatter(text, *where, "lane: b").has_value());
}

}  // namespace
}  // namespace pawprint::textedit
