#include "pawprint/emitter.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "client/make_emitter.h"
#include "outbox/outbox.h"
#include "project/home.h"
#include "project/identity.h"
#include "project/places.h"
#include "protocol/envelope.h"

namespace pawprint::client {
namespace {

class EmitterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-client-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = std::filesystem::canonical(pattern);
    std::filesystem::create_directories(root_ / "project/.kittify");
    environment_.variables["PAWPRINT_HOME"] = (root_ / "home").string();
    environment_.directory = root_ / "project";
    environment_.user_home = root_;
    environment_.hostname = "host";
    environment_.username = "user";
    environment_.clock = &time_;
    environment_.random = &random_;
    environment_.disk = &disk_;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static Event moved(std::string wp_id = "WP01") {
    Event event;
    event.event_type = "WPStatusChanged";
    event.aggregate_id = wp_id;
    event.payload = R"({"wp_id":")" + wp_id + R"(","from_lane":"planned","to_lane":"in_progress"})";
    return event;
  }

  // The queue as the next process finds it, in the order of the clock.
  std::vector<protocol::Envelope> queued() {
    auto connection = sqlite::Connection::open(root_ / "home/outbox.db", sqlite::Access::read_write);
    if (!connection) return {};
    auto query = connection->prepare("SELECT data FROM queue ORDER BY lamport");
    std::vector<protocol::Envelope> all;
    while (query->step().value()) all.push_back(protocol::read_envelope(query->text(0)).value());
    return all;
  }

  Path root_;
  ManualClock time_{1'780'000'000'000};
  SeededRandom random_{11};
  PosixDisk disk_;
  Environment environment_;
};

TEST_F(EmitterTest, AnEventCarriesIdentityMachineAndClock) {
  Emitter emitter = make_emitter(environment_);
  const auto receipt = emitter.emit(moved());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->lamport_clock, 1U);
  EXPECT_EQ(receipt->where, Where::queue);
  EXPECT_EQ(receipt->durable_to, Durability::power);
  const auto events = queued();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].event_id, receipt->event_id);
  EXPECT_TRUE(events[0].project_uuid);
  EXPECT_EQ(events[0].project_slug, "project");
  EXPECT_EQ(events[0].node_id.size(), 12U);
  EXPECT_EQ(events[0].team_slug, "local");
  EXPECT_EQ(events[0].schema_version, "2.0");
  EXPECT_EQ(events[0].payload, moved().payload);
  EXPECT_EQ(events[0].timestamp, "2026-05-28T20:26:40.000Z");
}

TEST_F(EmitterTest, DurabilityIsThatOfTheCallElseThatOfTheSettings) {
  std::filesystem::create_directories(root_ / "home");
  std::ofstream(root_ / "home/pawprint.toml") << "[sync]\ndurability = \"process\"\n";
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(moved())->durable_to, Durability::process);
  EXPECT_EQ(emitter.emit(moved(), Durability::power)->durable_to, Durability::power);
  const std::array events{moved("WP01"), moved("WP02")};
  EXPECT_EQ(emitter.emit_all(events)->back().durable_to, Durability::process);
}

TEST_F(EmitterTest, ABrokenPayloadStoresNothingTouchesNoClockAndOpensNoFile) {
  Emitter emitter = make_emitter(environment_);
  Event event = moved();
  event.payload = R"({"wp_id":"WP01","from_lane":"planned","to_lane":"nirvana"})";
  const auto refused = emitter.emit(event);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().path, "payload.to_lane");
  EXPECT_FALSE(std::filesystem::exists(root_ / "home"));
  EXPECT_FALSE(std::filesystem::exists(root_ / "project/.kittify/config.yaml"));
}

TEST_F(EmitterTest, ANameThatIsNotUtf8IsRefusedAndNotWrittenAsAnother) {
  Emitter emitter = make_emitter(environment_);
  const std::map<std::string, std::string Event::*> names{{"event_type", &Event::event_type},
                                                          {"aggregate_id", &Event::aggregate_id},
                                                          {"aggregate_type", &Event::aggregate_type}};
  for (const auto& [path, name] : names) {
    Event event = moved();
    event.*name = "caf\xe9";
    const auto refused = emitter.emit(event);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().path, path);
  }
}

TEST_F(EmitterTest, MalformedJsonNamesItsPosition) {
  Emitter emitter = make_emitter(environment_);
  Event event = moved();
  event.payload = "{\"wp_id\":\n  nope}";
  const auto refused = emitter.emit(event);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().path, "payload");
  EXPECT_NE(refused.error().message.find("line 2"), std::string::npos) << refused.error().message;
}

TEST_F(EmitterTest, OneBadEventOfSeveralStoresNone) {
  Emitter emitter = make_emitter(environment_);
  std::array events{moved("WP01"), moved("WP02")};
  events[1].payload = "[]";
  EXPECT_FALSE(emitter.emit_all(events));
  EXPECT_TRUE(queued().empty());
}

TEST_F(EmitterTest, SeveralEventsShareACorrelationIdAndFollowEachOther) {
  Emitter emitter = make_emitter(environment_);
  const std::array events{moved("WP01"), moved("WP02"), moved("WP03")};
  const auto receipts = emitter.emit_all(events);
  ASSERT_TRUE(receipts);
  EXPECT_EQ(receipts->at(0).lamport_clock, 1U);
  EXPECT_EQ(receipts->at(2).lamport_clock, 3U);
  const auto stored = queued();
  EXPECT_TRUE(stored.at(0).correlation_id);
  EXPECT_EQ(stored.at(0).correlation_id, stored.at(2).correlation_id);
}

TEST_F(EmitterTest, AnEventWithADerivedIdIsRecordedOnce) {
  Emitter emitter = make_emitter(environment_);
  Event event = moved();
  event.event_id = "01HX0000000000000000000000";
  EXPECT_FALSE(emitter.emit(event)->already_known);
  const auto again = emitter.emit(event);
  EXPECT_TRUE(again->already_known);
  EXPECT_EQ(queued().size(), 1U);
  EXPECT_EQ(emitter.emit(moved())->lamport_clock, 2U);
}

// A hub answers in the one spelling that it knows, and so does the overflow.
TEST_F(EmitterTest, ADerivedIdIsTheSameInWhateverSpelling) {
  Emitter emitter = make_emitter(environment_);
  Event ulid = moved(), uuid = moved();
  ulid.event_id = "01hx000000000000000000000a";
  uuid.event_id = "550E8400E29B11D4A716446655440000";
  EXPECT_EQ(emitter.emit(ulid)->event_id, "01HX000000000000000000000A");
  EXPECT_EQ(emitter.emit(uuid)->event_id, "550e8400-e29b-11d4-a716-446655440000");
  EXPECT_EQ(queued().at(0).event_id, "01HX000000000000000000000A");
  ulid.event_id = "01HX000000000000000000000A";
  EXPECT_TRUE(emitter.emit(ulid)->already_known);
  EXPECT_EQ(queued().size(), 2U);
}

TEST_F(EmitterTest, WhatFollowsSomethingSeenIsNumberedAfterIt) {
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.observe(1000));
  EXPECT_GT(emitter.emit(moved())->lamport_clock, 1000U);
}

TEST_F(EmitterTest, OutsideAProjectNothingIsEmittedAndNothingWritten) {
  environment_.directory = root_;
  Emitter emitter = make_emitter(environment_);
  const auto refused = emitter.emit(moved());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::not_in_project);
  EXPECT_FALSE(std::filesystem::exists(root_ / "home"));
}

TEST_F(EmitterTest, AnUnreadableIdentityQueuesTheEventWithoutOne) {
  const std::string broken = "project: [\n";
  std::ofstream(root_ / "project/.kittify/config.yaml") << broken;
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(moved()));
  ASSERT_TRUE(emitter.emit(moved()));
  EXPECT_FALSE(queued().at(0).project_uuid);
  EXPECT_EQ(emitter.warnings().size(), 1U);
  EXPECT_EQ(read_file(disk_, root_ / "project/.kittify/config.yaml").value(), broken);
}

TEST_F(EmitterTest, ALinkedProjectsEventsCarryTeamAndDestination) {
  const auto places = project::find_project(environment_).value();
  const auto home = project::find_home(environment_).value();
  Warnings warnings;
  const auto identity = project::ensure_identity(environment_, places, home, {}, warnings);
  outbox::Link link;
  link.project_uuid = identity.uuid.value();
  link.repo_instance = identity.repo_instance;
  link.server_origin = "http://127.0.0.1:1";
  link.team_id = link.team_slug = "acme";
  link.user_id = "kim";
  auto outbox = outbox::Outbox::open(environment_, home.directory);
  link = outbox->link(link, false)->link;

  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(moved()));
  EXPECT_EQ(queued().at(0).team_slug, "acme");
  EXPECT_EQ(outbox->sendable(link, 10, 1 << 20)->size(), 1U);
}

TEST_F(EmitterTest, ThreadsOfOneProcessGetDifferentValues) {
  Emitter emitter = make_emitter(environment_);
  constexpr int kThreads = 4;
  constexpr int kEvents = 25;
  std::array<std::vector<std::uint64_t>, kThreads> values;
  {
    std::vector<std::jthread> threads;
    for (auto& mine : values) {
      threads.emplace_back([&] {
        for (int i = 0; i < kEvents; ++i)
          mine.push_back(emitter.emit(moved(), Durability::process)->lamport_clock);
      });
    }
  }
  std::set<std::uint64_t> all;
  for (const auto& mine : values) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), std::size_t{kThreads * kEvents});
}

TEST_F(EmitterTest, AnEventTooLargeForAnyHubIsRefusedAtOnce) {
  Emitter emitter = make_emitter(environment_);
  Event event;
  event.event_type = "Big";
  event.aggregate_id = "A";
  event.payload = "{\"text\":\"" + std::string(300'000, 'x') + "\"}";
  const auto refused = emitter.emit(event);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_TRUE(queued().empty());
}

}  // namespace
}  // namespace pawprint::client
