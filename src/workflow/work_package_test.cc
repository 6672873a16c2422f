#include "workflow/work_package.h"

#include <gtest/gtest.h>

namespace pawprint::workflow {
namespace {

using protocol::Lane;

Result<WorkPackage> parse(std::string_view frontmatter, std::string_view name = "WP01-part.md",
                          LaneHome lane_home = LaneHome::frontmatter) {
  return parse_work_package("---\n" + std::string(frontmatter) + "---\n\n# A heading\n",
                            Path("/p/tasks") / name, lane_home, 1'000'000);
}

std::vector<std::string> dependencies_of(std::string_view lines) {
  const auto parsed = parse("lane: planned\n" + std::string(lines));
  EXPECT_TRUE(parsed) << lines << (parsed ? "" : parsed.error().message);
  std::vector<std::string> ids;
  if (parsed) {
    for (const Dependency& dependency : parsed->dependencies) ids.push_back(dependency.wp_id);
  }
  return ids;
}

void expect_refused(const Result<WorkPackage>& parsed, int line, std::string_view word) {
  ASSERT_FALSE(parsed) << word;
  EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
  EXPECT_EQ(parsed.error().line, line) << parsed.error().message;
  EXPECT_EQ(Path(parsed.error().file).parent_path(), Path("/p/tasks"));
  EXPECT_NE(parsed.error().message.find(word), std::string::npos) << parsed.error().message;
}

TEST(WorkPackageFile, IsReadInTheFormsThatToolsWrite) {
  const auto plain = parse(
      "work_package_id: WP01\ntitle: Setup & more\nlane: doing\nsubtasks:\n- T001\n- T002\n"
      "assignee: ''\nagent: claude\n");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->id, "WP01");
  EXPECT_EQ(plain->title, "Setup & more");
  EXPECT_EQ(plain->lane, Lane::in_progress);
  EXPECT_EQ(plain->subtasks, (std::vector<std::string>{"T001", "T002"}));
  EXPECT_EQ(plain->agent, "claude");
  EXPECT_EQ(plain->assignee, "");
  EXPECT_FALSE(plain->last_transition);

  EXPECT_EQ(parse("lane: 'for_review'\n")->lane, Lane::for_review);
  EXPECT_EQ(parse("lane: \"done\"  # by command only\n")->lane, Lane::done);
  EXPECT_EQ(parse("lane: planned\ntitle: ~\n")->title, "A heading");
  EXPECT_EQ(parse("lane: planned\n", "WP00.md")->id, "WP00");
  EXPECT_EQ(parse("lane: planned\nid: WP07\n", "WP123_x.md")->id, "WP123");
  EXPECT_EQ(parse("lane: planned\nwork_package_id: WP04\n", "WP-four.md")->id, "WP04");
}

TEST(WorkPackageFile, MayHaveCrlfAByteOrderMarkAndNoFinalNewline) {
  const auto parsed = parse_work_package(
      "\xEF\xBB\xBF---\r\nwork_package_id: WP01\r\ntitle: Übersicht\r\nlane: \"planned\"\r\n---",
      "/p/tasks/WP01.md", LaneHome::frontmatter, 1'000'000);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->title, "Übersicht");
  EXPECT_EQ(parsed->lane, Lane::planned);
}

TEST(WorkPackageFile, NamesItsDependenciesInManyForms) {
  const std::vector<std::string> none;
  const std::vector<std::string> both{"WP01", "WP02"};
  EXPECT_EQ(dependencies_of(""), none);
  EXPECT_EQ(dependencies_of("dependencies: []\n"), none);
  EXPECT_EQ(dependencies_of("dependencies: \"[]\"\n"), none);
  EXPECT_EQ(dependencies_of("dependencies:\n"), none);
  EXPECT_EQ(dependencies_of("dependencies: null\n"), none);
  EXPECT_EQ(dependencies_of("dependencies: [WP01, \"WP02\"]\n"), both);
  EXPECT_EQ(dependencies_of("dependencies:\n- WP01\n- WP02\n- WP01\n"), both);
  EXPECT_EQ(dependencies_of("dependencies:\n  - \"WP01\"\n  - 'WP02'\n"), both);
  EXPECT_EQ(dependencies_of("depends_on:\n  - WP01\n  - WP02\n"), both);
}

TEST(WorkPackageFile, SaysWhichLineIsWrong) {
  expect_refused(parse("title: x\n"), 2, "names no lane");
  expect_refused(parse("title: x\nlane:\n"), 3, "names no lane");
  expect_refused(parse("title: x\nlane: lane-a\n"), 3, "lane-a");
  expect_refused(parse("title: x\nlane: [planned]\n"), 3, "lane");
  expect_refused(parse("lane: planned\nwork_package_id: WP02\n"), 3, "WP02");
  expect_refused(parse("lane: planned\nwork_package_id: one\n"), 3, "one");
  expect_refused(parse("lane: planned\n", "WPx-part.md"), 2, "no work package id");
  expect_refused(parse("lane: planned\n", "WP01part.md"), 2, "no work package id");
  expect_refused(parse("lane: planned\ndependencies:\n- WP02\n- soon\n"), 5, "soon");
  expect_refused(parse("lane: planned\ndependencies: later\n"), 3, "later");
  expect_refused(parse("lane: planned\nlane: done\n"), 3, "lane");
  expect_refused(parse("lane: planned\ntitle: \"open\n"), 3, "");
  expect_refused(parse("lane: planned\n\ttitle: x\n"), 3, "");
  expect_refused(parse("- lane\n"), 2, "frontmatter");
}

TEST(WorkPackageFile, NeedsFrontmatter) {
  const auto none =
      parse_work_package("# WP01\n\nlane: planned\n", "/p/tasks/WP01.md", LaneHome::frontmatter, 1'000'000);
  expect_refused(none, 1, "");
  const auto open =
      parse_work_package("---\nlane: planned\n", "/p/tasks/WP01.md", LaneHome::frontmatter, 1'000'000);
  ASSERT_FALSE(open);
  EXPECT_GT(open.error().line, 0);
}

TEST(WorkPackageFile, SaysWhereTheLanesAreIfAStatusLogHasThem) {
  expect_refused(parse("title: x\n", "WP01-part.md", LaneHome::maybe_status_log), 2, "status.events.jsonl");
  EXPECT_TRUE(parse("lane: done\n", "WP01-part.md", LaneHome::maybe_status_log));
}

TEST(WorkPackageFile, RemembersTheNewestEventOfItsHistory) {
  const auto parsed = parse(
      "lane: planned\nhistory:\n"
      "- just a string\n"
      "- {timestamp: x, event_id: 01ARZ3NDEKTSV4RRFFQ69G5FAW, lamport_clock: \"7\"}\n"
      "- event_id: 01arz3ndektsv4rrffq69g5fav\n  lamport_clock: 41\n"
      "- event_id: 01ARZ3NDEKTSV4RRFFQ69G5FAX\n  lamport_clock: 40\n"
      "- event_id: not an id\n  lamport_clock: 99\n"
      "- event_id: 01ARZ3NDEKTSV4RRFFQ69G5FAY\n  lamport_clock: -1\n"
      "- event_id: 01ARZ3NDEKTSV4RRFFQ69G5FAY\n  lamport_clock: 99999999999999999999\n"
      "- lamport_clock: 98\n");
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_TRUE(parsed->last_transition);
  EXPECT_EQ(parsed->last_transition->event_id, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
  EXPECT_EQ(parsed->last_transition->lamport_clock, 41u);
}

}  // namespace
}  // namespace pawprint::workflow
