// What could not be looked at is said to be not known: no figure, no list and no state is made up of it.
#include <gtest/gtest.h>

#include "harness/sandbox.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

class NotKnown : public ::testing::Test {
 protected:
  NotKnown() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
    emit();
  }

  std::string emit() const {
    return std::string(machine_.json({"emit", "Ping", "--aggregate", "A"}).data().at("event_id").as_string());
  }
  // Nobody can open what leads to itself.
  void given_a_loop(const std::string& name) const {
    fs::remove_all(machine_.home / name);
    fs::create_symlink(name, machine_.home / name);
  }
  void given_a_newer_queue() const {
    ASSERT_TRUE(sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_write)
                    ->execute("PRAGMA user_version = 99"));
  }
  boost::json::object data_of(std::vector<std::string> words) const {
    const auto outcome = machine_.json(std::move(words));
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    return outcome.object.at("data").as_object();
  }
  std::string text_of(std::vector<std::string> words) const {
    words.insert(words.begin(), "pawprint");
    const Outcome outcome = machine_.run(std::move(words));
    return outcome.out + outcome.err;
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(NotKnown, WhetherADeliveryIsUnderWay) {
  given_a_loop("agent.lock");
  const auto agent = data_of({"sync", "status"}).at("agent").as_object();
  EXPECT_EQ(agent.at("running"), nullptr);
  EXPECT_EQ(agent.at("state"), nullptr);
  const std::string said = text_of({"sync", "status"});
  EXPECT_TRUE(said.contains("agent     not known\n")) << said;
  EXPECT_TRUE(said.contains("cannot see whether " + (machine_.home / "agent.lock").string())) << said;
}

TEST_F(NotKnown, WhichProjectsAQueueHas) {
  given_a_newer_queue();
  const auto status = data_of({"sync", "status"});
  EXPECT_EQ(status.at("queue").at("projects"), nullptr);
  EXPECT_EQ(status.at("project").at("link"), nullptr);
  EXPECT_EQ(status.at("project").at("link_known"), false);
}

TEST_F(NotKnown, WhatTheOverflowHasAndTheQueueIsTold) {
  given_a_loop("spill");
  const auto status = data_of({"sync", "status"});
  const auto queue = status.at("queue").as_object();
  EXPECT_EQ(queue.at("unlinked"), 1);
  EXPECT_EQ(queue.at("spilled"), nullptr);
  EXPECT_EQ(queue.at("rejected"), nullptr);
  EXPECT_EQ(queue.at("projects").at(0).at("unlinked"), 1);
  EXPECT_EQ(queue.at("projects").at(0).at("spilled"), nullptr);
  EXPECT_EQ(status.at("project").at("link_known"), true);
  const std::string said = text_of({"sync", "status"});
  EXPECT_TRUE(said.contains("queue     0 to send, 1 without a link, overflow not known\n")) << said;
  EXPECT_TRUE(said.contains("link      none\n")) << said;
  EXPECT_EQ(data_of({"sync", "list"}).at("events").as_array().size(), 1U);
  EXPECT_TRUE(text_of({"doctor"}).contains(", queue at 1\n")) << text_of({"doctor"});
}

// Of an empty queue beside it nobody says that nothing waits.
TEST_F(NotKnown, WhetherAnythingWaitsInTheOverflow) {
  fs::remove(machine_.home / "outbox.db");
  given_a_loop("spill");
  const auto status = data_of({"sync", "status"});
  EXPECT_EQ(status.at("queue").at("pending"), 0);
  EXPECT_EQ(status.at("why_not_now"), "the overflow cannot be read: pawprint doctor");
}

TEST_F(NotKnown, EachPartSaysWhyOnce) {
  given_a_newer_queue();
  given_a_loop("agent.lock");
  const std::string said = text_of({"sync", "status"});
  EXPECT_TRUE(said.contains("its format is 99")) << said;
  EXPECT_TRUE(said.contains("cannot see whether ")) << said;
  EXPECT_EQ(said.find("its format is 99"), said.rfind("its format is 99")) << said;
}

// Two commands that send to each other help nobody.
TEST_F(NotKnown, DoctorNamesTheFileThatIsInTheWay) {
  const auto command = [&] { return machine_.json({"doctor"}).error("hint"); };
  given_a_loop("agent.lock");
  EXPECT_EQ(command(), "ls -la " + (machine_.home / "agent.lock").string());
  fs::remove(machine_.home / "agent.lock");
  for (const std::string name : {"spill", "outbox.db-shm", "outbox.db-wal"}) {
    const fs::path file = machine_.home / name;
    given_a_loop(name);
    EXPECT_EQ(command(), "mv " + file.string() + " " + file.string() + ".other");
    fs::remove(file);
  }
}

TEST_F(NotKnown, DoctorFindsALinkThatLeadsToNothing) {
  for (const std::string name : {"home.lock", "spill", "outbox.db"}) {
    const fs::path file = machine_.home / name;
    fs::remove_all(file);
    fs::create_symlink("not/there", file);
    EXPECT_EQ(machine_.json({"doctor"}).error("hint"), "ls -l " + file.string());
    fs::remove(file);
  }
  const Machine homeless(directory_.path() / "link", machine_.directory);
  fs::create_symlink("not/there", homeless.home);
  EXPECT_EQ(homeless.json({"doctor"}).error("hint"), "ls -l " + homeless.home.string());
}

TEST_F(NotKnown, WhatTheClockGoesOnFrom) {
  given_a_loop("clock.lock");
  emit();
  EXPECT_FALSE(text_of({"doctor"}).contains("goes on from 0")) << text_of({"doctor"});
}

// Its values are in the overflow, not lost with a WAL.
TEST_F(NotKnown, HowFarTheClockIsAhead) {
  write_text(machine_.home / "pawprint.toml", "[sync]\nqueue_limit = 1\n");
  emit();
  ASSERT_TRUE(sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_write)
                  ->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  fs::create_directories(machine_.home / "spill/refill-1");
  const std::string said = text_of({"doctor"});
  EXPECT_TRUE(said.contains("refill-1")) << said;
  EXPECT_FALSE(said.contains("the queue at")) << said;
}

}  // namespace
}  // namespace pawprint::testing
