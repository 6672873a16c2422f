// Bad input gets a clear error with file, line or path, its documented exit code, and nothing is lost or
// changed.
#include <gtest/gtest.h>

#include "harness/sandbox.h"

namespace pawprint::testing {
namespace {

class BadInput : public ::testing::Test {
 protected:
  BadInput() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
  }

  fs::path work_package() const {
    return machine_.directory / "kitty-specs/001-birdhouse-sensor/tasks/WP01-read-the-sensor.md";
  }

  std::int64_t queued() const {
    return machine_.json({"sync", "status"}).data().at("queue").at("unlinked").to_number<std::int64_t>();
  }

  // Gives the work package this text and tries to start it.
  JsonOutcome implement_with(const std::string& text) {
    write_text(work_package(), text);
    const auto outcome = machine_.json({"implement", "WP01"});
    EXPECT_EQ(read_text(work_package()), text);
    EXPECT_EQ(queued(), 0);
    return outcome;
  }

  void expect_refused_at(const JsonOutcome& outcome, int line) {
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(outcome.error("kind"), "invalid");
    EXPECT_EQ(outcome.error("file"), work_package().string());
    EXPECT_EQ(outcome.object.at("error").at("line"), line) << outcome.error("message");
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(BadInput, OutsideAProjectEveryCommandNamesInit) {
  const Machine elsewhere(machine_.home, directory_.path() / "elsewhere");
  for (const auto& words : std::vector<std::vector<std::string>>{{"implement", "WP01"},
                                                                 {"status"},
                                                                 {"accept"},
                                                                 {"emit", "T", "--aggregate", "A"},
                                                                 {"sync", "unlink"}}) {
    const auto outcome = elsewhere.json(words);
    EXPECT_EQ(outcome.exit_code, 3) << words.front();
    EXPECT_EQ(outcome.error("kind"), "not_in_project");
    EXPECT_EQ(outcome.error("hint"), "pawprint init");
  }
}

TEST_F(BadInput, AnUnknownWorkPackageNamesThoseThatThereAre) {
  const auto outcome = machine_.json({"implement", "WP09"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.error("message").find("WP01, WP02, WP03"), std::string::npos) << outcome.error("message");
  EXPECT_EQ(queued(), 0);
}

TEST_F(BadInput, AnAmbiguousFeatureNamesTheCandidates) {
  const fs::path specs = machine_.directory / "kitty-specs";
  fs::copy(specs / "001-birdhouse-sensor", specs / "002-other", fs::copy_options::recursive);
  const auto outcome = machine_.json({"implement", "WP01"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.error("message").find("002-other"), std::string::npos) << outcome.error("message");
  EXPECT_EQ(outcome.error("hint"), "pawprint implement WP01 --json --feature 001-birdhouse-sensor");
  EXPECT_EQ(machine_.json({"move-task", "WP01", "--to", "blocked", "--reason", "it rains"}).error("hint"),
            "pawprint move-task WP01 --to blocked --reason 'it rains' --json --feature 001-birdhouse-sensor");
  EXPECT_EQ(machine_.json({"implement", "WP01", "--feature", "9"}).error("hint"),
            "pawprint status --feature 001-birdhouse-sensor");
}

TEST_F(BadInput, FrontmatterThatIsNoYamlIsRefusedWithItsLine) {
  expect_refused_at(implement_with("---\nwork_package_id: WP01\nlane: [planned\n---\n# x\n"), 3);
}

TEST_F(BadInput, AMissingOrUnknownLaneIsRefused) {
  EXPECT_EQ(implement_with("---\nwork_package_id: WP01\ntitle: x\n---\n").exit_code, 1);
  expect_refused_at(implement_with("---\nwork_package_id: WP01\nlane: lane-a\n---\n"), 3);
}

TEST_F(BadInput, ATabAsIndentIsRefusedWithItsLine) {
  expect_refused_at(implement_with("---\nwork_package_id: WP01\nlane: planned\nhistory:\n\t- x\n---\n"), 5);
}

TEST_F(BadInput, CrlfIsKept) {
  const std::string text = "---\r\nwork_package_id: WP01\r\nlane: planned\r\n---\r\n# x\r\n";
  write_text(work_package(), text);
  const auto outcome = machine_.json({"implement", "WP01"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.error("message");
  const std::string after = read_text(work_package());
  EXPECT_EQ(after.find("lane: in_progress\r\n"), text.find("lane: planned\r\n"));
  for (std::size_t at = after.find('\n'); at != std::string::npos; at = after.find('\n', at + 1)) {
    EXPECT_EQ(after.at(at - 1), '\r');
  }
}

TEST_F(BadInput, ADependencyThatDoesNotExistIsRefusedWithItsLine) {
  expect_refused_at(implement_with("---\nwork_package_id: WP01\nlane: planned\ndependencies: [WP42]\n---\n"),
                    4);
}

TEST_F(BadInput, UncommittedChangesThatAWorktreeWouldNotSeeAreWarnedOf) {
  write_text(machine_.directory / "README.md", "changed\n");
  const auto outcome = machine_.json({"implement", "WP01"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("pawprint: warning: "), std::string::npos) << outcome.err;
}

TEST_F(BadInput, AnExistingBranchIsUsed) {
  machine_.git({"branch", "001-birdhouse-sensor-WP01"});
  EXPECT_EQ(machine_.json({"implement", "WP01"}).exit_code, 0);
}

TEST_F(BadInput, MalformedPayloadJsonNamesThePosition) {
  const auto outcome = machine_.json({"emit", "T", "--aggregate", "A", "--payload", "{\"a\": tru}"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.error("path"), "payload");
  EXPECT_NE(outcome.error("message").find("column"), std::string::npos) << outcome.error("message");
  EXPECT_EQ(queued(), 0);
}

TEST_F(BadInput, APayloadThatBreaksItsSchemaUsesNoClockValue) {
  const auto outcome =
      machine_.json({"emit", "WPStatusChanged", "--aggregate", "WP01", "--payload", "{\"wp_id\":\"WP01\"}"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.error("path"), "payload.from_lane");
  EXPECT_EQ(queued(), 0);
  EXPECT_FALSE(fs::exists(machine_.home / "clock.json"));
}

TEST_F(BadInput, APayloadFileThatIsNotThereIsNamed) {
  EXPECT_EQ(machine_.json({"emit", "T", "--aggregate", "A", "--payload", "@."}).error("hint"),
            "pawprint emit --help");
  EXPECT_EQ(machine_.json({"sync", "export", "--out", "nowhere/queue.jsonl"}).error("hint"),
            "pawprint sync export --out queue.jsonl");
  const auto outcome = machine_.json({"emit", "T", "--aggregate", "A", "--payload", "@nothing.json"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(outcome.error("file").ends_with("nothing.json"));
}

TEST_F(BadInput, EmitPrintsTheEventIdAlone) {
  const auto outcome =
      machine_.run({"pawprint", "emit", "T", "--aggregate", "A", "--payload", "-"}, "{\"a\":1}");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out.size(), 27U) << outcome.out;
  EXPECT_EQ(outcome.err, "");
}

TEST_F(BadInput, ASecondInitChangesNothing) {
  const fs::path config = machine_.directory / ".kittify/config.yaml";
  const std::string before = read_text(config);
  const auto time = fs::last_write_time(config);
  const auto outcome = machine_.json({"init"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_FALSE(outcome.data().at("changed").as_bool());
  EXPECT_EQ(read_text(config), before);
  EXPECT_EQ(fs::last_write_time(config), time);
}

TEST_F(BadInput, WithoutAServerLoginNamesTheCommandThatSetsOne) {
  const auto outcome = machine_.json({"auth", "login", "--username", kUser, "--password-stdin"}, "x\n");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.error("hint"), "pawprint sync server URL");
}

TEST_F(BadInput, AWrongPasswordIsExitCodeFour) {
  const Hub hub(directory_.path() / "hub");
  const auto outcome = machine_.json(
      {"auth", "login", "--server", hub.url(), "--username", kUser, "--password-stdin", "--no-link"},
      "wrong\n");
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.error("kind"), "wrong_password");
  EXPECT_FALSE(fs::exists(machine_.home / "sessions.toml"));
}

TEST_F(BadInput, PlainHttpGoesToThisMachineOnly) {
  const auto outcome = machine_.json({"sync", "server", "http://hub.example.com"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_FALSE(fs::exists(machine_.home / "pawprint.toml"));
}

TEST_F(BadInput, AnAddressWithMoreThanAHubHasIsRefused) {
  const auto outcome = machine_.json({"sync", "server", "https://hub.example.com/pawprint?team=a"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.error("hint"), "use the address https://hub.example.com");
  EXPECT_FALSE(fs::exists(machine_.home / "pawprint.toml"));
}

TEST_F(BadInput, AnAddressThatTheSettingsMayNotHaveIsRefusedWithItsLine) {
  write_text(machine_.home / "pawprint.toml", "[sync]\nserver_url = \"http://hub.example.com\"\n");
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"sync", "link"},
                                             {"auth", "login", "--username", kUser, "--password-stdin"},
                                             {"auth", "logout"}}) {
    const auto outcome = machine_.json(words);
    EXPECT_EQ(outcome.exit_code, 1) << words.back();
    EXPECT_EQ(outcome.error("file"), (machine_.home / "pawprint.toml").string());
    EXPECT_EQ(outcome.object.at("error").at("line"), 2);
  }
}

TEST_F(BadInput, ReadingCommandsWriteNothing) {
  const std::string before = read_text(machine_.directory / ".kittify/config.yaml");
  machine_.json({"status"});
  machine_.json({"sync", "status"});
  machine_.json({"auth", "status"});
  machine_.run({"pawprint", "implement", "--help"});
  EXPECT_FALSE(fs::exists(machine_.home));
  EXPECT_EQ(read_text(machine_.directory / ".kittify/config.yaml"), before);
  EXPECT_EQ(machine_.git({"status", "--porcelain", "--", "kitty-specs"}), "");
}

TEST_F(BadInput, AcceptListsWhatStandsInTheWay) {
  const auto outcome = machine_.json({"accept", "--actor", "Robin"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.data().at("blockers").as_array().size(), 3U);
  EXPECT_EQ(queued(), 0);
}

TEST_F(BadInput, ASecondFinalizeRecordsNothing) {
  EXPECT_EQ(machine_.json({"finalize-tasks"}).data().at("events").as_array().size(), 4U);
  EXPECT_EQ(machine_.json({"finalize-tasks"}).data().at("events").as_array().size(), 0U);
  EXPECT_EQ(queued(), 4);
}

}  // namespace
}  // namespace pawprint::testing
