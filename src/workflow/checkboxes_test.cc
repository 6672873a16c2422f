#include <gtest/gtest.h>

#include "workflow/tasks_file.h"

namespace pawprint::workflow {
namespace {

TEST(Checkboxes, KnowTheTaskThatTheyBelongTo) {
  const auto boxes = read_checkboxes(
      "- [ ] T001 plain\n"
      "* [x] **T002**: bold, done\n"
      "  - [X] [T003] [P] in brackets\r\n"
      "- [ ] `T004`: code\n"
      "- [ ] check T001 again\n"
      "- [ ] T005a: with a letter\n");
  ASSERT_EQ(boxes.size(), 6u);
  EXPECT_EQ(boxes[0].task_id, "T001");
  EXPECT_FALSE(boxes[0].ticked);
  EXPECT_EQ(boxes[1].task_id, "T002");
  EXPECT_TRUE(boxes[1].ticked);
  EXPECT_EQ(boxes[2].task_id, "T003");
  EXPECT_TRUE(boxes[2].ticked);
  EXPECT_EQ(boxes[2].line, 3);
  EXPECT_EQ(boxes[2].text, "[T003] [P] in brackets");
  EXPECT_EQ(boxes[3].task_id, "T004");
  EXPECT_EQ(boxes[4].task_id, "");
  EXPECT_EQ(boxes[5].task_id, "T005a");
}

TEST(Checkboxes, AreNotWhatOnlyLooksLikeOne) {
  EXPECT_TRUE(
      read_checkboxes("-[ ] T001\n- [] T001\n- [-] T001\n- [ x] T001\n[ ] T001\n| [ ] T001 |\n- \n-\n")
          .empty());
  EXPECT_TRUE(read_checkboxes("```\n- [ ] T001\n```\n~~~ md\n- [ ] T002\n```\n- [ ] T003\n").empty());
  EXPECT_EQ(read_checkboxes("```\ncode\n```\n- [ ] T001").size(), 1u);
}

TEST(Checkboxes, PointAtTheByteBetweenTheBrackets) {
  const std::string text = "x\r\n\t-   [ ] T001\r\n1\n- [x] T002";
  for (const Checkbox& box : read_checkboxes(text)) {
    EXPECT_EQ(text[box.mark_at - 1], '[');
    EXPECT_EQ(text[box.mark_at], box.ticked ? 'x' : ' ');
    EXPECT_EQ(text[box.mark_at + 1], ']');
  }
}

TEST(Checkboxes, StandBelowTheWorkPackageThatTheHeadingNames) {
  const auto boxes = read_checkboxes(
      "# Tasks\n- [ ] none\n"
      "## Work Package WP01: First (needs WP09)\n- [ ] one\n"
      "### Details\n- [ ] also one\n"
      "## WP02 - Second\n- [ ] two\n"
      "#WP03 is no heading\n- [ ] still two\n"
      "## Later\n- [ ] none again\n");
  std::vector<std::string> sections;
  for (const Checkbox& box : boxes) sections.push_back(box.section);
  EXPECT_EQ(sections, (std::vector<std::string>{"", "WP01", "WP01", "WP02", "WP02", ""}));
}

}  // namespace
}  // namespace pawprint::workflow
