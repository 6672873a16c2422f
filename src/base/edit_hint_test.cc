#include "base/edit_hint.h"

#include <gtest/gtest.h>

namespace pawprint {
namespace {

TEST(EditHint, IsReadAsItWasWritten) {
  const std::string hint = edit_hint("/a/it's, then: b", 2, "pawprint doctor");
  EXPECT_EQ(hint, R"(edit '/a/it'\''s, then: b':2, then: pawprint doctor)");
  const auto read = read_edit_hint(hint);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->edit + ", then: " + read->then, hint);
  EXPECT_EQ(read->then, "pawprint doctor");
  EXPECT_EQ(edit_hint("/a", 0, "pawprint init"), "edit /a, then: pawprint init");
}

TEST(EditHint, ACommandIsNone) {
  EXPECT_FALSE(read_edit_hint("pawprint doctor"));
  EXPECT_FALSE(read_edit_hint("edit /a:2"));
  EXPECT_FALSE(read_edit_hint(""));
}

}  // namespace
}  // namespace pawprint
