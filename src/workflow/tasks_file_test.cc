#include "workflow/tasks_file.h"

#include "workflow/sample_project_for_test.h"

namespace pawprint::workflow {
namespace {

using TasksFile = SampleProject;

Result<MarkOutcome> mark(const Environment& environment, const Feature& feature, std::vector<std::string> ids,
                         TaskStatus status) {
  return mark_status(environment, feature, ids, status);
}

TEST_F(TasksFile, ChangesNothingButTheByteInTheBox) {
  replace_in(spec("tasks.md"), "- [ ] T002 [P] Test it\n",
             "- [ ] T002 [P] Test it\r\n- [ ] check T002 twice\n");
  std::string expected = read(spec("tasks.md"));
  expected.replace(expected.find("[ ] T002"), 8, "[x] T002");
  std::filesystem::permissions(path(spec("tasks.md")), std::filesystem::perms(0640));

  const auto outcome = mark(environment_, feature(), {"T002"}, TaskStatus::done);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->changed, std::vector<std::string>{"T002"});
  EXPECT_EQ(read(spec("tasks.md")), expected);
  EXPECT_EQ(std::filesystem::status(path(spec("tasks.md"))).permissions(), std::filesystem::perms(0640));

  const auto again = mark(environment_, feature(), {"T002"}, TaskStatus::done);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->changed.empty());
  ASSERT_TRUE(mark(environment_, feature(), {"T002"}, TaskStatus::pending));
  EXPECT_NE(read(spec("tasks.md")).find("- [ ] T002 [P]"), std::string::npos);
}

TEST_F(TasksFile, TicksAllOrNone) {
  const std::string before = read(spec("tasks.md"));
  const auto refused = mark(environment_, feature(), {"T001", "T099"}, TaskStatus::done);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().file, path(spec("tasks.md")).string());
  EXPECT_NE(refused.error().message.find("T001, T002, T003"), std::string::npos) << refused.error().message;
  EXPECT_EQ(read(spec("tasks.md")), before);
}

TEST_F(TasksFile, TakesIdsInEitherCase) {
  const auto outcome = mark(environment_, feature(), {"t001"}, TaskStatus::done);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->changed.size(), 1u);
  EXPECT_NE(read(spec("tasks.md")).find("- [x] T001"), std::string::npos);
}

TEST_F(TasksFile, ThatIsALinkIsRefused) {
  std::filesystem::rename(path(spec("tasks.md")), path("shared.md"));
  std::filesystem::create_symlink(path("shared.md"), path(spec("tasks.md")));
  const auto refused = mark(environment_, feature(), {"T001"}, TaskStatus::done);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("symbolic link"), std::string::npos) << refused.error().message;
  EXPECT_TRUE(std::filesystem::is_symlink(path(spec("tasks.md"))));
  EXPECT_EQ(read("shared.md").find("[x]"), std::string::npos);
}

TEST_F(TasksFile, MissingIsAnErrorOnlyForWhoMarks) {
  std::filesystem::remove(path(spec("tasks.md")));
  EXPECT_EQ(mark(environment_, feature(), {"T001"}, TaskStatus::done).error().kind, ErrorKind::invalid);
  EXPECT_TRUE(open_boxes(environment_, feature(), work_package("WP01"))->empty());
}

TEST_F(TasksFile, KnowsTheOpenBoxesOfAWorkPackage) {
  const auto open_ids = [&](std::string_view wp_id) {
    std::vector<std::string> ids;
    const auto open = open_boxes(environment_, feature(), work_package(wp_id)).value();
    for (const Checkbox& box : open) ids.push_back(box.task_id);
    return ids;
  };
  EXPECT_EQ(open_ids("WP01"), (std::vector<std::string>{"T001", "T002"}));
  ASSERT_TRUE(mark(environment_, feature(), {"T001", "T002"}, TaskStatus::done));
  EXPECT_TRUE(open_ids("WP01").empty());
  EXPECT_EQ(open_ids("WP02"), std::vector<std::string>{"T003"});
  // Another section lists a box of the same task: it counts, wherever it stands.
  write(spec("tasks.md"), "## Later\n- [ ] T001 again\n## WP01\n- [ ] read the notes\n");
  EXPECT_EQ(open_ids("WP01"), (std::vector<std::string>{"T001", ""}));
}

}  // namespace
}  // namespace pawprint::workflow
