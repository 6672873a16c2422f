#include "workflow/feature.h"

#include "workflow/sample_project_for_test.h"

namespace pawprint::workflow {
namespace {

constexpr std::string_view kOther = "kitty-specs/001-other-feature/tasks/WP01.md";

// The bytes of every file of the feature must be as they were, whatever a command said about them.
void expect_refused(const Result<Feature>& found, ErrorKind kind, const Path& file, int line,
                    std::string_view word) {
  ASSERT_FALSE(found) << word;
  EXPECT_EQ(found.error().kind, kind);
  EXPECT_EQ(found.error().file, file.string());
  EXPECT_EQ(found.error().line, line) << found.error().message;
  EXPECT_NE(found.error().message.find(word), std::string::npos) << found.error().message;
}

class FeatureOfAProject : public SampleProject {
 protected:
  // The one cannot be worked on, the others can, and what needs all of them is refused.
  void expect_damaged(std::string_view wp_id, const Path& file, int line, std::string_view word) {
    const Feature found = feature();
    ASSERT_EQ(found.damaged.size(), 1u) << word;
    for (const Error& error : {found.damaged.front().error, find_work_package(found, wp_id).error(),
                               check_undamaged(found).error()}) {
      EXPECT_EQ(error.kind, ErrorKind::invalid);
      EXPECT_EQ(error.file, file.string());
      EXPECT_EQ(error.line, line) << error.message;
      EXPECT_NE(error.message.find(word), std::string::npos) << error.message;
    }
    ASSERT_EQ(found.work_packages.size(), 1u);
    EXPECT_TRUE(find_work_package(found, "WP01"));
  }
};

TEST_F(FeatureOfAProject, IsReadWithItsWorkPackages) {
  const Feature found = feature();
  EXPECT_EQ(found.slug, kSlug);
  EXPECT_EQ(found.number, "001");
  EXPECT_EQ(found.friendly_name, "Sample");
  EXPECT_EQ(found.target_branch, "main");
  EXPECT_EQ(rfc3339_utc(found.created_at_ms.value()), "2026-02-10T16:30:00.000Z");
  ASSERT_EQ(found.work_packages.size(), 2u);
  EXPECT_EQ(found.work_packages[1].id, "WP02");
  EXPECT_EQ(found.work_packages[1].dependencies.front().wp_id, "WP01");
}

TEST_F(FeatureOfAProject, NeedsNoMetaFile) {
  std::filesystem::remove(path(spec("meta.json")));
  const Feature found = feature();
  EXPECT_EQ(found.number, "001");
  EXPECT_EQ(found.friendly_name, kSlug);
  EXPECT_EQ(found.target_branch, "main");
  EXPECT_FALSE(found.created_at_ms);
}

TEST_F(FeatureOfAProject, ReadsOddMetaFiles) {
  write(spec("meta.json"),
        "\xEF\xBB\xBF{\r\n    \"friendly_name\": \"\\u00dcber\",\r\n    \"target_branch\": \"2.x\",\r\n"
        "    \"created_at\": \"soon\"\r\n}");
  const Feature found = feature();
  EXPECT_EQ(found.friendly_name, "Über");
  EXPECT_EQ(found.target_branch, "2.x");
  EXPECT_FALSE(found.created_at_ms);
}

TEST_F(FeatureOfAProject, SaysWhereItsMetaFileIsBroken) {
  write(spec("meta.json"), "{\n  \"slug\": \"x\",\n  oops\n}\n");
  expect_refused(find(), ErrorKind::invalid, path(spec("meta.json")), 3, "meta.json is not JSON");
  write(spec("meta.json"), "[]");
  expect_refused(find(), ErrorKind::invalid, path(spec("meta.json")), 1, "not a JSON object");
}

TEST_F(FeatureOfAProject, SaysWhereAWorkPackageIsBrokenAndLeavesItAlone) {
  const std::vector<std::pair<std::string, int>> broken = {
      {"# no frontmatter\n", 1},
      {"---\nlane: lane-a\n---\n", 2},
      {"---\r\ntitle: x\r\nlane: nowhere\r\n---\r\n", 3},
      {"---\ntitle: x\n\tlane: planned\n---\n", 3},
      {"---\ntitle: x\n---\n", 2},
      {"---\nlane: planned\nlane: done\n---\n", 3},
      {"---\nlane: {planned\n---\n", 2},
  };
  for (const auto& [text, line] : broken) {
    write(wp_file("WP02"), text);
    expect_damaged("WP02", path(wp_file("WP02")), line, "");
    EXPECT_EQ(read(wp_file("WP02")), text);
  }
}

TEST_F(FeatureOfAProject, RefusesLanesThatLiveInAStatusLog) {
  write(spec("status.events.jsonl"), "");
  EXPECT_TRUE(check_undamaged(feature()));
  replace_in(wp_file("WP02"), "lane: \"planned\"  # changed by commands\n", "");
  expect_damaged("WP02", path(wp_file("WP02")), 2, "status.events.jsonl");
}

TEST_F(FeatureOfAProject, RefusesTheOldLayoutAndTwoFilesOfOneId) {
  write(spec("tasks/WP02-again.md"), work_package_text("WP02", "planned", "[]", "[]"));
  expect_damaged("WP02", path(wp_file("WP02")), 0, "WP02-again.md");
  write(spec("tasks/doing/phase-1/WP03-old.md"), work_package_text("WP03", "doing", "[]", "[]"));
  expect_refused(find(), ErrorKind::invalid, path(spec("tasks/doing/phase-1/WP03-old.md")), 0,
                 "folder per lane");
}

TEST_F(FeatureOfAProject, NamesTheWorkPackagesThatThereAreIfOneIsUnknown) {
  const auto unknown = find_work_package(feature(), "WP07");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::invalid);
  EXPECT_NE(unknown.error().message.find("WP01, WP02"), std::string::npos) << unknown.error().message;
  EXPECT_EQ(find_work_package(feature(), "wp02")->id, "WP02");
}

TEST_F(FeatureOfAProject, SaysWhichLineDependsOnNothing) {
  replace_in(wp_file("WP02"), "dependencies: [WP01]", "dependencies:\n  - WP01\n  - WP09");
  const Feature found = feature();
  EXPECT_TRUE(check_dependencies(found, found.work_packages[0]));
  const auto checked = check_dependencies(found, found.work_packages[1]);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
  EXPECT_EQ(checked.error().file, path(wp_file("WP02")).string());
  EXPECT_EQ(checked.error().line, 7);
  EXPECT_NE(checked.error().message.find("WP09"), std::string::npos);
}

TEST_F(FeatureOfAProject, IsChosenByFlagDirectoryAndBranchInThisOrder) {
  write(kOther, work_package_text("WP01", "planned", "[]", "[]"));
  write("kitty-specs/002-third/meta.json", "{}");
  EXPECT_EQ(find("001-other-feature")->slug, "001-other-feature");
  EXPECT_EQ(find("002")->slug, "002-third");

  git({"switch", "--quiet", "--create", "001-sample-feature-WP02"});
  EXPECT_EQ(find()->slug, kSlug);
  environment_.directory = path("kitty-specs/001-other-feature/tasks");
  EXPECT_EQ(find()->slug, "001-other-feature");
  std::filesystem::create_directories(path(".worktrees/002-third-WP01/src"));
  environment_.directory = path(".worktrees/002-third-WP01/src");
  EXPECT_EQ(find()->slug, "002-third");
  EXPECT_EQ(find("001-other-feature")->slug, "001-other-feature");
}

TEST_F(FeatureOfAProject, IsAskedForIfNothingSaysWhichOne) {
  write(kOther, work_package_text("WP01", "planned", "[]", "[]"));
  write("kitty-specs/002-third/meta.json", "{}");
  const auto undecided = find(std::nullopt, "WP01");
  ASSERT_FALSE(undecided);
  EXPECT_EQ(undecided.error().kind, ErrorKind::usage);
  EXPECT_NE(undecided.error().message.find("001-other-feature, 001-sample-feature have"), std::string::npos)
      << undecided.error().message;
  EXPECT_NE(undecided.error().message.find("--feature"), std::string::npos);
  for (const char* flag : {"001", "003", "../..", "..", "", "001-sample-feature/tasks", "001-sample"}) {
    const auto refused = find(flag);
    ASSERT_FALSE(refused) << flag;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage) << flag;
    EXPECT_NE(refused.error().message.find("001-other-feature"), std::string::npos)
        << refused.error().message;
    EXPECT_EQ(refused.error().hint, "pawprint status --feature 001-other-feature") << flag;
  }
  std::filesystem::remove_all(path("kitty-specs"));
  EXPECT_EQ(find().error().kind, ErrorKind::usage);
  EXPECT_EQ(find().error().hint,
            fmt::format("mkdir -p {}/kitty-specs/001-first-feature/tasks", root_.string()));
}

}  // namespace
}  // namespace pawprint::workflow
