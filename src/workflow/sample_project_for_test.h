// A project with git, a home and one feature, in a directory of its own; made and thrown away by a test.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/format.h"
#include "client/make_emitter.h"
#include "project/git_command.h"
#include "project/git_state.h"
#include "workflow/feature.h"

namespace pawprint::workflow {

inline constexpr std::string_view kSlug = "001-sample-feature";
inline constexpr std::string_view kProjectUuid = "550e8400-e29b-41d4-a716-446655440000";

inline std::string work_package_text(std::string_view id, std::string_view lane,
                                     std::string_view dependencies, std::string_view subtasks) {
  return fmt::format(
      "---\n"
      "work_package_id: \"{0}\"\n"
      "title: \"Part {0}\"\n"
      "lane: \"{1}\"  # changed by commands\n"
      "dependencies: {2}\n"
      "subtasks: {3}\n"
      "agent: \"\"\n"
      "history:\n"
      "  - timestamp: \"2026-02-12T12:00:00Z\"\n"
      "    lane: \"planned\"\n"
      "    agent: \"system\"\n"
      "    action: \"Prompt generated\"\n"
      "---\n"
      "\n"
      "# {0}: what to do\n"
      "\n"
      "- [ ] lane: a box of the prompt, not of tasks.md\n",
      id, lane, dependencies, subtasks);
}

class SampleProject : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/workflow_XXXXXX";
    top_ = std::filesystem::canonical(::mkdtemp(pattern.data()));
    root_ = top_ / "project";
    environment_ = process_environment();
    environment_.variables = {{"PATH", environment_.variable("PATH").value_or("/usr/bin:/bin")},
                              {"HOME", (top_ / "user").string()},
                              {"PAWPRINT_HOME", (top_ / "home").string()}};
    environment_.user_home = top_ / "user";
    environment_.username = "ada";
    environment_.hostname = "laptop";
    environment_.clock = &clock_;
    environment_.random = &random_;
    environment_.directory = root_;
    std::filesystem::create_directories(top_ / "user");
    write(".kittify/config.yaml",
          fmt::format("project:\n  uuid: {}\n  slug: sample\n  node_id: a1b2c3d4e5f6\n", kProjectUuid));
    write_feature();
    git({"init", "--quiet", "--initial-branch=main"});
    git({"config", "user.name", "Ada L"});
    git({"config", "user.email", "ada@example.com"});
    commit_all();
  }

  void TearDown() override {
    std::error_code failed;
    std::filesystem::remove_all(top_, failed);
  }

  void write_feature() {
    write(spec("meta.json"),
          "{\"feature_number\": \"001\", \"slug\": \"001-sample-feature\", \"friendly_name\": \"Sample\",\n"
          " \"created_at\": \"2026-02-10T16:30:00Z\", \"target_branch\": \"main\"}\n");
    write(spec("tasks.md"),
          "# Tasks\n\n"
          "## WP01 - First\n\n- [ ] T001 Build it\n- [ ] T002 [P] Test it\n\n"
          "## WP02 - Second\n\n- [ ] **T003**: Ship it\n");
    write(spec("tasks/README.md"), "no work package\n");
    write(wp_file("WP01"), work_package_text("WP01", "planned", "[]", "[\"T001\", \"T002\"]"));
    write(wp_file("WP02"), work_package_text("WP02", "planned", "[WP01]", "[T003]"));
  }

  static std::string spec(std::string_view name) { return fmt::format("kitty-specs/{}/{}", kSlug, name); }
  static std::string wp_file(std::string_view id) { return spec(fmt::format("tasks/{}-part.md", id)); }

  Path path(std::string_view relative) const { return root_ / relative; }

  void write(std::string_view relative, std::string_view text) {
    std::filesystem::create_directories(path(relative).parent_path());
    std::ofstream out(path(relative), std::ios::binary | std::ios::trunc);
    out << text;
  }

  std::string read(std::string_view relative) const {
    std::ifstream in(path(relative), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  void replace_in(std::string_view relative, std::string_view from, std::string_view to) {
    std::string text = read(relative);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    write(relative, text);
  }

  std::string git(std::vector<std::string> words) {
    const auto answer = project::run_git(environment_, root_, words);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    if (!answer) return {};
    EXPECT_EQ(answer->exit_code, 0) << answer->complaint;
    return answer->output;
  }

  void commit_all() {
    git({"add", "--all"});
    git({"commit", "--quiet", "--message", "work"});
  }

  project::Places places() const {
    auto found = project::find_project(environment_);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : project::Places();
  }

  Result<Feature> find(const std::optional<std::string>& flag = std::nullopt,
                       std::optional<std::string_view> wp_id = std::nullopt) {
    const project::Places here = places();
    const project::GitState state = project::read_git_state(environment_, here, warnings_);
    return find_feature(environment_, here, flag, state.branch, wp_id);
  }

  Feature feature() {
    auto found = find();
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : Feature();
  }

  WorkPackage work_package(std::string_view id) {
    auto found = find_work_package(feature(), id);
    EXPECT_TRUE(found) << (found ? "" : found.error().message);
    return found ? *found : WorkPackage();
  }

  bool warned_of(std::string_view cause) const {
    for (const Warning& warning : warnings_.all()) {
      if (warning.cause == cause) return true;
    }
    return false;
  }

  Path top_;
  Path root_;
  Environment environment_;
  ManualClock clock_{1'770'000'000'000};
  SeededRandom random_{7};
  Warnings warnings_;
};

}  // namespace pawprint::workflow
