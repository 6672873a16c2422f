// The whole way through every floor: commands, queue, delivery, hub, board.
#include <gtest/gtest.h>

#include <set>

#include "base/environment.h"
#include "client/make_emitter.h"
#include "harness/hub_reader.h"

namespace pawprint::testing {
namespace {

constexpr const char* kFeature = "001-birdhouse-sensor";

class MainWay : public ::testing::Test {
 protected:
  MainWay()
      : hub_(directory_.path() / "hub"), machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
  }

  void sign_in(const Machine& machine, const char* link) {
    const auto outcome =
        machine.json({"auth", "login", "--server", hub_.url(), "--username", kUser, "--password-stdin", link},
                     std::string(kPassword) + "\n");
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }

  // Events of a tool that embeds the library.
  static void emit_many(const Machine& machine, std::size_t count) {
    Environment environment = process_environment();
    environment.variables["PAWPRINT_HOME"] = machine.home.string();
    environment.directory = machine.directory;
    Emitter emitter = client::make_emitter(environment);
    std::vector<Event> events(count);
    for (std::size_t i = 0; i < count; ++i) {
      events[i].event_type = "Ping";
      events[i].aggregate_id = "A" + std::to_string(i);
      events[i].payload = "{\"text\":\"" + std::string(500, 'x') + "\"}";
    }
    ASSERT_TRUE(emitter.emit_all(events));
  }

  std::string init(const Machine& machine) {
    return std::string(machine.json({"init"}).data().at("uuid").as_string());
  }

  TemporaryDirectory directory_;
  Hub hub_;
  Machine machine_;
};

TEST_F(MainWay, WhatTheCommandsDidIsOnTheBoardOnce) {
  const std::string uuid = init(machine_);
  sign_in(machine_, "--link");
  ASSERT_EQ(machine_.json({"finalize-tasks"}).data().at("events").as_array().size(), 4U);
  for (const std::string wp : {"WP01", "WP02", "WP03"}) {
    ASSERT_EQ(machine_.json({"implement", wp, "--feature", kFeature}).exit_code, 0);
  }
  for (const char* task : {"T001", "T002", "T003"}) {
    ASSERT_EQ(machine_.json({"mark-status", task, "--status", "done"}).exit_code, 0);
  }
  ASSERT_EQ(machine_.json({"move-task", "WP01", "--to", "for_review"}).exit_code, 0);

  const auto delivered = machine_.json({"sync", "now"});
  ASSERT_EQ(delivered.exit_code, 0) << delivered.err;
  EXPECT_EQ(delivered.data().at("success").to_number<int>(), 8);
  EXPECT_EQ(delivered.data().at("remaining").to_number<int>(), 0);

  HubReader reader(hub_);
  const std::map<std::string, std::string> expected{
      {"WP01", "for_review"}, {"WP02", "in_progress"}, {"WP03", "in_progress"}};
  EXPECT_EQ(reader.lanes(uuid, kFeature), expected);
  EXPECT_FALSE(reader.shows_conflict(uuid, kFeature));

  std::set<std::int64_t> lamport_values;
  for (const auto& event : reader.events()) {
    lamport_values.insert(event.at("lamport_clock").to_number<std::int64_t>());
    EXPECT_EQ(event.at("project_uuid").as_string(), uuid);
    EXPECT_EQ(event.at("team_slug").as_string(), "acme");
  }
  EXPECT_EQ(lamport_values.size(), 8U);
}

TEST_F(MainWay, ImplementEmitsExactlyOneEventAndASecondTimeNone) {
  init(machine_);
  const auto first = machine_.json({"implement", "WP01"});
  ASSERT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.data().at("from_lane").as_string(), "planned");
  EXPECT_EQ(first.data().at("to_lane").as_string(), "in_progress");
  EXPECT_TRUE(fs::is_directory(std::string(first.data().at("worktree").as_string())));
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("unlinked").to_number<int>(), 1);

  const auto second = machine_.json({"implement", "WP01"});
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_TRUE(second.data().at("event_id").is_null());
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("unlinked").to_number<int>(), 1);
}

TEST_F(MainWay, AnUnlinkedProjectSendsNothing) {
  init(machine_);
  sign_in(machine_, "--no-link");
  machine_.json({"implement", "WP01"});
  EXPECT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  EXPECT_TRUE(HubReader(hub_).events().empty());
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("unlinked").to_number<int>(), 1);
}

TEST_F(MainWay, ACopyOfALinkedProjectSendsNothing) {
  init(machine_);
  sign_in(machine_, "--link");
  fs::copy(machine_.directory, directory_.path() / "copy", fs::copy_options::recursive);
  const Machine copy(machine_.home, directory_.path() / "copy");
  const auto started = copy.json({"implement", "WP01"});
  EXPECT_NE(started.err.find("this copy of the project is not linked"), std::string::npos) << started.err;
  EXPECT_EQ(copy.json({"sync", "now"}).exit_code, 0);
  EXPECT_TRUE(HubReader(hub_).events().empty());

  // Nor does the original release what the copy did.
  EXPECT_EQ(machine_.json({"sync", "link", "--release"}).data().at("released").to_number<int>(), 0);
  EXPECT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  EXPECT_TRUE(HubReader(hub_).events().empty());
}

TEST_F(MainWay, WhatWaitedGoesAlongOnlyWhenReleased) {
  init(machine_);
  machine_.json({"implement", "WP01"});
  sign_in(machine_, "--no-link");
  const auto linked = machine_.json({"sync", "link"});
  EXPECT_EQ(linked.data().at("kept").to_number<int>(), 1);
  machine_.json({"sync", "now"});
  EXPECT_TRUE(HubReader(hub_).events().empty());

  EXPECT_EQ(machine_.json({"sync", "link", "--release"}).data().at("released").to_number<int>(), 1);
  machine_.json({"sync", "now"});
  EXPECT_EQ(HubReader(hub_).events().size(), 1U);
}

TEST_F(MainWay, AHubThatIsDownCostsTimeAndNothingElse) {
  init(machine_);
  sign_in(machine_, "--link");
  machine_.json({"implement", "WP01"});
  hub_.kill();
  const auto failed = machine_.json({"sync", "now"});
  EXPECT_EQ(failed.exit_code, 5);
  EXPECT_EQ(failed.error("kind"), "unreachable");
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("pending").to_number<int>(), 1);

  hub_.start();
  EXPECT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  EXPECT_EQ(HubReader(hub_).events().size(), 1U);
}

TEST_F(MainWay, ADeliveryOfNothingSaysWhichHubItAsked) {
  init(machine_);
  EXPECT_EQ(machine_.run({"pawprint", "sync", "now"}).out, "nothing to deliver; no hub was asked\n");
  sign_in(machine_, "--link");
  machine_.json({"implement", "WP01"});
  ASSERT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  EXPECT_EQ(machine_.run({"pawprint", "sync", "now"}).out, "nothing to deliver\n");
  hub_.kill();
  const Outcome unheard = machine_.run({"pawprint", "sync", "now"});
  EXPECT_EQ(unheard.exit_code, 0);
  EXPECT_EQ(unheard.out, "nothing to deliver; not reached: " + hub_.url() + "\n");
  EXPECT_EQ(machine_.json({"sync", "now"}).data().at("unreached").as_array().size(), 1U);
}

TEST_F(MainWay, AHubThatAsksToWaitIsNamedWithTheTime) {
  hub_.kill();
  hub_.start({}, {"--team-events-per-second", "1", "--team-burst-events", "10"});
  init(machine_);
  sign_in(machine_, "--link");
  int exit_code = 0;
  for (int round = 0; round < 20 && exit_code == 0; ++round) {
    emit_many(machine_, 10);
    exit_code = machine_.json({"sync", "now"}).exit_code;
  }
  EXPECT_EQ(exit_code, 5);
  const auto status = machine_.json({"sync", "status"}).data();
  EXPECT_FALSE(status.at("next_attempt").is_null()) << status.at("why_not_now");
  EXPECT_EQ(status.at("why_not_now").as_string(), hub_.url() +
                                                      " takes nothing for now: pawprint sync now, after " +
                                                      std::string(status.at("next_attempt").as_string()));
}

TEST_F(MainWay, AHubKilledInTheMiddleOfADeliveryStoresEveryEventOnce) {
  init(machine_);
  sign_in(machine_, "--link");
  constexpr std::size_t kEvents = 8000;  // several batches
  emit_many(machine_, kEvents);

  HubReader reader(hub_);
  Background delivery(machine_.launch({"pawprint", "sync", "now"}));
  while (reader.get("/api/v1/events?limit=1").at("events").as_array().empty()) {
  }
  hub_.kill();
  EXPECT_EQ(delivery.wait(), 5);
  EXPECT_GT(machine_.json({"sync", "status"}).data().at("queue").at("pending").to_number<std::size_t>(), 0U);

  hub_.start();
  const auto second = machine_.json({"sync", "now"});
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(second.data().at("remaining").to_number<int>(), 0);
  std::set<std::string> ids;
  const auto events = HubReader(hub_).events();
  for (const auto& event : events) ids.insert(std::string(event.at("event_id").as_string()));
  EXPECT_EQ(events.size(), kEvents);
  EXPECT_EQ(ids.size(), kEvents);
}

TEST_F(MainWay, TwoMachinesThatShareOnlyGitEndWithoutAConflict) {
  const std::string uuid = init(machine_);
  machine_.git({"add", "-A"});
  machine_.git({"commit", "-qm", "identity"});
  sign_in(machine_, "--link");

  const Machine other(directory_.path() / "home-b", directory_.path() / "project-b");
  other.git({"clone", "-q", machine_.directory.string(), "."});
  sign_in(other, "--link");

  // A's clock is far ahead of B's.
  write_text(machine_.home / "clock.json",
             "{\"value\": 100000, \"node_id\": \"a1b2c3d4e5f6\", \"updated_at\": \"2026-02-03T12:00:00Z\"}");
  machine_.json({"mark-status", "T001", "T002", "T003", "T004", "T005", "T006", "T007", "--status", "done"});
  for (const std::string wp : {"WP01", "WP02", "WP03"}) {
    machine_.json({"implement", wp, "--feature", kFeature});
    machine_.json({"move-task", wp, "--to", "for_review", "--feature", kFeature});
  }
  machine_.git({"add", "-A"});
  machine_.git({"commit", "-qm", "for review"});

  other.git({"pull", "-q"});
  const auto accepted = other.json({"accept", "--actor", "Robin"});
  ASSERT_EQ(accepted.exit_code, 0) << accepted.error("message");
  ASSERT_EQ(accepted.data().at("events").as_array().size(), 3U);

  // B delivers first: the hub hears of the end before the beginning.
  ASSERT_EQ(other.json({"sync", "now"}).exit_code, 0);
  ASSERT_EQ(machine_.json({"sync", "now"}).exit_code, 0);

  HubReader reader(hub_);
  const std::map<std::string, std::string> expected{{"WP01", "done"}, {"WP02", "done"}, {"WP03", "done"}};
  EXPECT_EQ(reader.lanes(uuid, kFeature), expected);
  EXPECT_FALSE(reader.shows_conflict(uuid, kFeature));
}

TEST_F(MainWay, AFeatureAnnouncedByTwoMachinesIsAnnouncedOnce) {
  init(machine_);
  machine_.git({"add", "-A"});
  machine_.git({"commit", "-qm", "identity"});
  sign_in(machine_, "--link");
  machine_.json({"finalize-tasks"});
  EXPECT_EQ(machine_.json({"sync", "now"}).data().at("success").to_number<int>(), 4);

  const Machine other(directory_.path() / "home-b", directory_.path() / "project-b");
  other.git({"clone", "-q", machine_.directory.string(), "."});
  sign_in(other, "--link");
  other.json({"finalize-tasks"});
  const auto again = other.json({"sync", "now"});
  EXPECT_EQ(again.data().at("duplicate").to_number<int>(), 4);
  EXPECT_EQ(again.data().at("parked").to_number<int>(), 0);
  EXPECT_EQ(HubReader(hub_).events().size(), 4U);
}

TEST_F(MainWay, OnlyTheBytesThatHadToChangeHaveChanged) {
  const std::string config_before = read_text(machine_.directory / ".kittify/config.yaml");
  init(machine_);
  const std::string config_after = read_text(machine_.directory / ".kittify/config.yaml");
  EXPECT_EQ(config_after.substr(0, config_before.size()), config_before);
  EXPECT_TRUE(config_after.substr(config_before.size()).starts_with("project:\n"));

  const fs::path file = machine_.directory / "kitty-specs/001-birdhouse-sensor/tasks/WP01-read-the-sensor.md";
  const std::string before = read_text(file);
  machine_.json({"implement", "WP01"});
  const std::string after = read_text(file);
  const std::string lane_before = "lane: \"planned\"  # moved by the tools, never by hand\n";
  const std::string lane_after = "lane: \"in_progress\"  # moved by the tools, never by hand\n";
  std::string expected = before;
  expected.replace(expected.find(lane_before), lane_before.size(), lane_after);
  const std::size_t history_end = expected.find("  action: created from tasks.md\n") +
                                  std::string("  action: created from tasks.md\n").size();
  ASSERT_GT(after.size(), expected.size());
  const std::string added = after.substr(history_end, after.size() - expected.size());
  EXPECT_EQ(expected.substr(0, history_end) + added + expected.substr(history_end), after);
  EXPECT_TRUE(added.starts_with("- timestamp: '")) << added;
}

}  // namespace
}  // namespace pawprint::testing
