// Each named step of client and hub: the program dies there, and what was promised before holds.
#include <algorithm>
#include <regex>

#include "kill/kill_fixture.h"

namespace pawprint::testing {
namespace {

using Steps = KillTest;

TEST_F(Steps, OfAnEmission) {
  for (const char* step :
       {"clock-before-write", "clock-written", "emit-before-insert", "emit-inserted", "emit-committed"}) {
    SCOPED_TRACE(step);
    EXPECT_EQ(emit(), 0);
    EXPECT_EQ(emit({.step = step}), kKilled);
    EXPECT_EQ(emit(), 0);
    expect_nothing_lost();
  }
  deliver_everything();
  expect_nothing_lost();
}

TEST_F(Steps, OfASpill) {
  set_queue_limit(1);
  EXPECT_EQ(emit(), 0);
  for (const char* step : {"spill-before-write", "spill-written", "spill-synced"}) {
    SCOPED_TRACE(step);
    EXPECT_EQ(emit(), 0);
    EXPECT_EQ(emit({.step = step}), kKilled);
    EXPECT_EQ(emit(), 0);
    expect_nothing_lost();
  }
  deliver_everything();
  expect_nothing_lost();
}

TEST_F(Steps, OfARefillInPassing) {
  for (const char* step : {"refill-renamed", "refill-inserted", "refill-before-unlink"}) {
    SCOPED_TRACE(step);
    set_queue_limit(1);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(emit(), 0);
    set_queue_limit(10'000);
    EXPECT_EQ(emit({.step = step}), kKilled);
    expect_nothing_lost();
    EXPECT_EQ(emit(), 0);
    deliver_everything();
    expect_nothing_lost();
  }
}

TEST_F(Steps, OfADelivery) {
  for (const char* step : {"deliver-before-request", "deliver-answered", "settle-before-commit",
                           "settle-committed", "refill-renamed", "refill-inserted", "refill-before-unlink"}) {
    SCOPED_TRACE(step);
    set_queue_limit(1);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(emit(), 0);
    set_queue_limit(10'000);
    EXPECT_EQ(deliver({.step = step}), kKilled);
    expect_nothing_lost();
    EXPECT_EQ(emit(), 0);
    deliver_everything();
    expect_nothing_lost();
    EXPECT_EQ(log_of(hub_data_).size(), promised_.size());
  }
}

TEST_F(Steps, OfARefreshNobodyIsSignedOut) {
  for (const char* step :
       {"refresh-answered", "replace-written", "replace-synced", "replace-renamed", "refresh-saved"}) {
    SCOPED_TRACE(step);
    EXPECT_EQ(emit(), 0);
    let_access_token_expire();
    EXPECT_EQ(deliver({.step = step}), kKilled);
    deliver_everything();
    expect_nothing_lost();
  }
}

TEST_F(Steps, OfASignInTheSessionsAreTheOldOnesOrTheNew) {
  for (const char* step : {"replace-written", "replace-synced", "replace-renamed"}) {
    SCOPED_TRACE(step);
    EXPECT_EQ(sign_in({.step = step}), 1);  // what was killed is the agent that signs in for the command
    EXPECT_EQ(emit(), 0);
    deliver_everything();
  }
  EXPECT_EQ(sign_in(), 0);
  expect_nothing_lost();
  for (const auto& entry : fs::directory_iterator(machine_.home))
    EXPECT_FALSE(entry.path().filename().string().ends_with(".tmp")) << entry.path();
}

TEST_F(Steps, OfMintingAnIdentityItIsWholeOrNotThere) {
  for (const std::string step : {"replace-written", "replace-synced", "replace-renamed"}) {
    SCOPED_TRACE(step);
    const Machine fresh(machine_.home, directory_.path() / step);
    fresh.git({"init", "-q"});
    EXPECT_EQ(init(fresh, {.step = step}), kKilled);
    const std::string killed_wrote = read_text(fresh.directory / ".kittify/config.yaml");
    const auto again = fresh.json({"init"});
    EXPECT_EQ(again.exit_code, 0);
    const std::string uuid(again.data().at("uuid").as_string());
    EXPECT_TRUE(killed_wrote.empty() || killed_wrote.find(uuid) != std::string::npos) << killed_wrote;
    const auto entries = fs::directory_iterator(fresh.directory / ".kittify");
    EXPECT_EQ(
        std::ranges::count_if(entries, [](const auto& entry) { return entry.path().extension() == ".tmp"; }),
        0);
  }
}

TEST_F(Steps, OfASalvage) {
  for (const char* step : {"salvage-carried-over", "salvage-made", "salvage-set-aside", "salvage-placed"}) {
    SCOPED_TRACE(step);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(emit(), 0);
    empty_wal_of(machine_.home / "outbox.db");
    std::string database = read_text(machine_.home / "outbox.db");
    database.replace(0, 100, 100, '\7');
    write_text(machine_.home / "outbox.db", database);
    EXPECT_EQ(emit({.step = step}), kKilled);
    const Launch next = machine_.launch({"pawprint", "emit", "Ping", "--aggregate", "A"});
    const std::string told = testing::run(next).err;
    std::smatch report;
    ASSERT_TRUE(std::regex_search(
        told, report,
        std::regex("was damaged and is now (outbox.db.corrupt-[0-9A-Z]+); carried over: [1-9][0-9]* events")))
        << told;
    EXPECT_TRUE(fs::exists(machine_.home / report[1].str()));
    EXPECT_TRUE(fs::exists(machine_.home / (report[1].str() + "-wal"))) << "it went elsewhere";
    EXPECT_EQ(testing::run(next).err, "") << "told already";
    expect_nothing_lost();
  }
  deliver_everything();
  expect_nothing_lost();
}

TEST_F(Steps, OfTheHubBetweenCommitAndAnswerARetryIsADuplicate) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(emit(), 0);
  hub_.kill();
  hub_.start({{"PAWPRINT_FAILPOINT", "hub-append-committed"}});
  EXPECT_NE(deliver(), 0);
  hub_.kill();
  hub_.start();
  const auto delivered = machine_.json({"sync", "now"});
  EXPECT_EQ(delivered.data().at("duplicate").to_number<int>(), 3);
  EXPECT_EQ(delivered.data().at("success").to_number<int>(), 0);
  expect_nothing_lost();
}

TEST_F(Steps, OfTheHubBeforeItsCommitNothingIsStoredAndARetryIs) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(emit(), 0);
  hub_.kill();
  hub_.start({{"PAWPRINT_FAILPOINT", "hub-append-before-commit"}});
  EXPECT_NE(deliver(), 0);
  EXPECT_TRUE(log_of(hub_data_).empty());
  hub_.kill();
  hub_.start();
  EXPECT_EQ(machine_.json({"sync", "now"}).data().at("success").to_number<int>(), 3);
  expect_nothing_lost();
}

}  // namespace
}  // namespace pawprint::testing
