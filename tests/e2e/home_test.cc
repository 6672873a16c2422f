// Homes that take nothing, on the real programs: work goes on, nobody is told that an event is kept, and
// `doctor` names the command that mends it.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "harness/sandbox.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

class HomeUnderFire : public ::testing::Test {
 protected:
  HomeUnderFire() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
  }
  ~HomeUnderFire() override {
    std::error_code gone;
    fs::permissions(machine_.home, fs::perms::owner_all, gone);
  }

  Outcome run(std::vector<std::string> words) const {
    words.insert(words.begin(), "pawprint");
    return testing::run(without_privileges(machine_.launch(std::move(words))));
  }
  Outcome emit() const { return run({"emit", "Ping", "--aggregate", "A"}); }
  static std::size_t lines_with(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
  }

  void expect_told_that_nothing_is_stored() const {
    const Outcome emitted = emit();
    EXPECT_EQ(emitted.exit_code, 1) << emitted.err;
    EXPECT_EQ(emitted.out, "");
    EXPECT_TRUE(emitted.err.starts_with("pawprint: the event was not stored: ")) << emitted.err;
    EXPECT_TRUE(emitted.err.ends_with("\n  try: pawprint doctor\n")) << emitted.err;
    EXPECT_EQ(lines_with(emitted.err, "\n"), 2U) << emitted.err;
  }
  void expect_work_goes_on() const {
    for (const auto& words : std::vector<std::vector<std::string>>{
             {"move-task", "WP01", "--to", "in_progress", "--feature", "001-birdhouse-sensor"},
             {"finalize-tasks", "--feature", "001-birdhouse-sensor"}}) {
      const Outcome done = run(words);
      EXPECT_EQ(done.exit_code, 0) << done.err;
      EXPECT_EQ(lines_with(done.err, "\n"), 1U) << done.err;
      EXPECT_TRUE(done.err.starts_with("pawprint: warning: the team will not hear of ")) << done.err;
    }
    EXPECT_TRUE(machine_.git({"diff"}).contains("+lane: "));
    const Outcome moved =
        run({"move-task", "WP02", "--to", "claimed", "--feature", "001-birdhouse-sensor", "--json"});
    const auto data = boost::json::parse(moved.out).at("data");
    EXPECT_EQ(data.at("stored"), boost::json::value(false)) << moved.out;
    EXPECT_EQ(data.at("event_id"), nullptr);
  }
  // What doctor says first is what keeps the home from being used.
  std::string command_of_doctor() const {
    const Outcome examined = run({"doctor", "--json"});
    EXPECT_EQ(examined.exit_code, 1) << examined.out;
    const auto said = boost::json::parse(examined.out);
    const auto& first = said.at("data").at("findings").at(0);
    EXPECT_EQ(first.at("check").as_string(), "home") << examined.out;
    return std::string(first.at("command").as_string());
  }
  void expect_mended_by(const std::string& command) const {
    Launch shell = machine_.launch({"git"});
    shell.words = {"/bin/sh", "-c", command};
    EXPECT_EQ(testing::run(shell).exit_code, 0) << command;
    const Outcome emitted = emit();
    EXPECT_EQ(emitted.exit_code, 0) << emitted.err;
    EXPECT_EQ(emitted.err, "");
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(HomeUnderFire, OneThatMayNotBeWritten) {
  fs::create_directories(machine_.home);
  fs::permissions(machine_.home, fs::perms::owner_read | fs::perms::owner_exec);
  expect_told_that_nothing_is_stored();
  expect_work_goes_on();
  expect_mended_by(command_of_doctor());
}

TEST_F(HomeUnderFire, ACopyThatMayNotBeWrittenIsReadWithoutItsWal) {
  machine_.home = directory_.path() / "a 100% copy?#";
  ASSERT_EQ(emit().exit_code, 0);
  ASSERT_TRUE(sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_write)
                  .value()
                  .execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  for (const char* name : {"outbox.db-wal", "outbox.db-shm"}) fs::remove(machine_.home / name);
  fs::permissions(machine_.home, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(lines_with(run({"sync", "list"}).out, "Ping A"), 1U);
  EXPECT_EQ(lines_with(run({"sync", "export"}).out, "\n"), 1U);
  EXPECT_EQ(run({"sync", "status"}).exit_code, 0);
}

TEST_F(HomeUnderFire, ACopyThatMayNotBeWrittenIsReadWithItsWal) {
  machine_.home = directory_.path() / "a 100% copy?#";
  ASSERT_EQ(emit().exit_code, 0);
  ASSERT_GT(fs::file_size(machine_.home / "outbox.db-wal"), 0U);
  fs::remove(machine_.home / "outbox.db-shm");
  fs::permissions(machine_.home, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(lines_with(run({"sync", "list"}).out, "Ping A"), 1U);
  EXPECT_EQ(lines_with(run({"sync", "export"}).out, "\n"), 1U);
  EXPECT_EQ(run({"sync", "diagnose"}).out, "1 queued event, all as they should be\n");
  const Outcome status = run({"sync", "status"});
  EXPECT_EQ(lines_with(status.out, "1 without a link"), 1U) << status.out << status.err;
  EXPECT_EQ(lines_with(run({"doctor"}).out, "damaged"), 0U) << run({"doctor"}).out;
  EXPECT_FALSE(fs::exists(machine_.home / "outbox.db-shm"));
}

TEST_F(HomeUnderFire, OneThatMayNotBeMade) {
  const fs::path above = directory_.path() / "above";
  fs::create_directories(above);
  machine_.home = above / "home";
  fs::permissions(above, fs::perms::owner_read | fs::perms::owner_exec);
  expect_told_that_nothing_is_stored();
  expect_mended_by(command_of_doctor());
}

TEST_F(HomeUnderFire, OneWhoseClockMayNoLongerBeWrittenGoesOnByTheQueue) {
  ASSERT_EQ(emit().exit_code, 0);
  fs::permissions(machine_.home / "clock.lock", fs::perms::owner_read);
  for (int before = 0; before < 2; ++before) {
    const Outcome emitted = emit();
    EXPECT_EQ(emitted.exit_code, 0);
    EXPECT_NE(emitted.err.find("the clock goes on from"), std::string::npos) << emitted.err;
  }
  expect_mended_by(command_of_doctor());
}

TEST_F(HomeUnderFire, AFileInItsPlace) {
  write_text(machine_.home, "mine");
  expect_told_that_nothing_is_stored();
  expect_work_goes_on();
  expect_mended_by(command_of_doctor());
  EXPECT_EQ(read_text(machine_.home.string() + ".file"), "mine");
}

TEST_F(HomeUnderFire, ADatabaseOfAnotherProgramWhereTheQueueIsToBe) {
  fs::create_directories(machine_.home);
  fs::permissions(machine_.home, fs::perms(0700));
  {
    auto foreign = sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::create).value();
    ASSERT_TRUE(foreign.execute("CREATE TABLE notes(mine)"));
  }
  fs::permissions(machine_.home / "outbox.db", fs::perms(0600));
  const auto emitted = machine_.json({"emit", "Ping", "--aggregate", "A"});
  EXPECT_EQ(emitted.data().at("where").as_string(), "spill");
  EXPECT_EQ(lines_with(emitted.err, "another program's database"), 1U) << emitted.err;
  const auto examined = machine_.json({"doctor"});
  const auto& finding = examined.data().at("findings").at(0);
  EXPECT_EQ(finding.at("check").as_string(), "queue");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"sync", "status"}, {"sync", "list"}, {"sync", "export", "--out", "queue.jsonl"}})
    EXPECT_EQ(machine_.json(words).error("hint"), finding.at("command").as_string()) << words.back();
  Launch shell = machine_.launch({"git"});
  shell.words = {"/bin/sh", "-c", std::string(finding.at("command").as_string())};
  ASSERT_EQ(testing::run(shell).exit_code, 0) << finding;
  const auto after = machine_.json({"emit", "Ping", "--aggregate", "A"});
  EXPECT_EQ(after.data().at("where").as_string(), "queue");
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("unlinked").to_number<int>(), 2);
}

TEST_F(HomeUnderFire, ADeviceInItsPlaceIsLeftThere) {
  machine_.home = "/dev/null";
  expect_told_that_nothing_is_stored();
  EXPECT_EQ(command_of_doctor(), "export PAWPRINT_HOME=DIRECTORY");
  EXPECT_EQ(machine_.json({"sync", "server", "https://hub.example.com"}).error("hint"), "pawprint doctor");
  EXPECT_EQ(machine_.json({"sync", "status"}).exit_code, 0);
}

TEST_F(HomeUnderFire, ADirectoryInThePlaceOfTheClock) {
  ASSERT_EQ(emit().exit_code, 0);
  fs::remove(machine_.home / "clock.json");
  fs::create_directory(machine_.home / "clock.json");
  const Outcome emitted = emit();
  EXPECT_EQ(emitted.exit_code, 0);
  EXPECT_NE(emitted.err.find("the clock goes on from"), std::string::npos) << emitted.err;
  Launch shell = machine_.launch({"git"});
  shell.words = {"/bin/sh", "-c", machine_.json({"doctor"}).error("hint")};
  EXPECT_EQ(testing::run(shell).exit_code, 0) << shell.words.back();
  EXPECT_NE(emit().err.find("clock.json was missing"), std::string::npos);
  EXPECT_EQ(emit().err, "");
}

TEST_F(HomeUnderFire, EveryCommandThatItRefusesLeadsToDoctor) {
  ASSERT_EQ(emit().exit_code, 0);
  fs::permissions(machine_.home, fs::perms::owner_read | fs::perms::owner_exec);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"sync", "server", "https://hub.example.com"}, {"sync", "now"}}) {
    const Outcome refused = run(words);
    EXPECT_EQ(refused.exit_code, 1) << words.back();
    EXPECT_TRUE(refused.err.ends_with("\n  try: pawprint doctor\n")) << refused.err;
  }
}

TEST_F(HomeUnderFire, ThatARelativeOneOfTheUserLeadsToIsTold) {
  Launch examined = machine_.launch({"pawprint", "doctor", "--json"});
  examined.variables.erase("PAWPRINT_HOME");
  examined.variables["HOME"] = "somewhere";
  const Outcome looked = testing::run(examined);
  EXPECT_TRUE(looked.out.contains((machine_.directory / "somewhere/.spec-kitty").string())) << looked.out;
}

// As on a full disk, no file takes a byte more; the kernel's own signal for it is ignored. What the programs
// say goes into a pipe.
TEST_F(HomeUnderFire, OneWithoutRoomWhichGoesOnWhenThereIsSome) {
  Launch full = machine_.launch({"pawprint", "emit", "Ping", "--aggregate", "A"});
  full.words.insert(
      full.words.begin(),
      {"/bin/sh", "-c", R"({ trap '' XFSZ; ulimit -f 0; "$@" 2>&1; echo "exit $?"; } | cat)", "sh"});
  for (int before = 0; before < 2; ++before) {
    const std::string said = testing::run(full).out;
    EXPECT_TRUE(said.starts_with("pawprint: the event was not stored: ")) << said;
    EXPECT_TRUE(said.ends_with("\n  try: pawprint doctor\nexit 1\n")) << said;
    EXPECT_EQ(lines_with(said, "\n"), 3U) << said;
    EXPECT_EQ(emit().exit_code, 0);
  }
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("unlinked").to_number<int>(), 2);
}

TEST_F(HomeUnderFire, OneThatIsNotThereIsNotMadeByLooking) {
  Launch examined = machine_.launch({"pawprint", "doctor", "--json"});
  examined.variables.erase("PAWPRINT_HOME");
  examined.variables["HOME"] = (directory_.path() / "nobody").string();
  const Outcome looked = testing::run(examined);
  EXPECT_TRUE(looked.out.contains((directory_.path() / "nobody/.spec-kitty").string())) << looked.out;
  EXPECT_FALSE(fs::exists(directory_.path() / "nobody"));
}

TEST_F(HomeUnderFire, WhoeverComesFirstSaysThatTheWalHasLostItsEnd) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"emit", "Ping", "--aggregate", "A"},
                                             {"sync", "status"},
                                             {"sync", "retry", "--all"},
                                             {"sync", "list"},
                                             {"sync", "export"},
                                             {"doctor"}}) {
    EXPECT_EQ(emit().exit_code, 0);
    fs::remove(machine_.home / "outbox.db-wal");
    const Outcome first = run(words);
    EXPECT_EQ(lines_with(first.err, "pawprint: warning: "), 1U) << first.err;
    EXPECT_EQ(lines_with(first.err, "outbox.db-wal has lost its end, and "), 1U) << first.err;
    EXPECT_EQ(run(words).err.find("has lost its end"), std::string::npos);
  }
}

TEST_F(HomeUnderFire, WhoseNameAShellWouldReadOtherwiseIsNamedSoThatItDoesNot) {
  machine_.home = directory_.path() / "it's $(here)";
  emit();
  write_text(machine_.home / "sessions.toml", "");
  fs::permissions(machine_.home / "sessions.toml", fs::perms(0600));
  for (const char* name : {"", "outbox.db", "sessions.toml"}) {
    fs::permissions(machine_.home / name, fs::perms::all);
    const auto examined = machine_.json({"doctor"});
    Launch shell = machine_.launch({"git"});
    shell.words = {"/bin/sh", "-c", examined.error("hint")};
    EXPECT_EQ(testing::run(shell).exit_code, 0) << shell.words.back();
    EXPECT_EQ(fs::status(machine_.home / name).permissions() & fs::perms(0077), fs::perms::none) << name;
  }
}

}  // namespace
}  // namespace pawprint::testing
