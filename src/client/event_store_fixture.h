// A project and a home of its own for tests of what becomes of events that are emitted.
#pragma once

#include <gtest/gtest.h>

#include <fstream>

#include "client/make_emitter.h"
#include "outbox/outbox.h"
#include "project/home.h"
#include "project/identity.h"
#include "project/places.h"
#include "sqlite/connection.h"

namespace pawprint::client {

class EventStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-store-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = std::filesystem::canonical(pattern);
    home_ = root_ / "home";
    std::filesystem::create_directories(home_);
    environment_.variables["PAWPRINT_HOME"] = home_.string();
    be_in("project");
    environment_.user_home = root_;
    environment_.hostname = "host";
    environment_.username = "user";
    environment_.clock = &time_;
    environment_.random = &random_;
    environment_.disk = &disk_;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void be_in(const char* project) {
    environment_.directory = root_ / project;
    std::filesystem::create_directories(environment_.directory / ".kittify");
  }
  static Event note() {
    Event event;
    event.event_type = "Note";
    event.aggregate_id = "WP01";
    return event;
  }
  outbox::Outbox outbox() { return outbox::Outbox::open(environment_, home_).value(); }
  std::uint64_t spilled() { return outbox().overflow().value().total(); }
  void limit_queue(int rows) {
    std::ofstream(home_ / "pawprint.toml") << "[sync]\nqueue_limit = " << rows << "\n";
  }
  outbox::Link link_project() {
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
    return outbox().link(link, false).value().link;
  }
  // Lamport values in the order in which they came into the queue.
  std::vector<std::uint64_t> queued() {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    auto query = connection->prepare("SELECT lamport FROM queue ORDER BY id");
    std::vector<std::uint64_t> values;
    while (query->step().value()) values.push_back(static_cast<std::uint64_t>(query->integer(0)));
    return values;
  }
  // Only what writes to it sees that.
  void destroy_index(const std::string& name) {
    const Path file = home_ / "outbox.db";
    std::int64_t page = 0;
    {
      auto connection = sqlite::Connection::open(file, sqlite::Access::read_write).value();
      auto query =
          connection.prepare("SELECT rootpage FROM sqlite_schema WHERE name = '" + name + "'").value();
      ASSERT_TRUE(query.step().value());
      page = query.integer(0);
    }
    {
      auto connection = sqlite::Connection::open(file, sqlite::Access::read_write).value();
      ASSERT_TRUE(connection.execute("SELECT count(*) FROM queue"));  // it sees the WAL only then
      ASSERT_TRUE(connection.checkpoint_truncate());
    }
    std::fstream bytes(file, std::ios::binary | std::ios::in | std::ios::out);
    bytes.seekp((page - 1) * 4096) << std::string(4096, '\0');
    ASSERT_TRUE(bytes.flush());
  }
  static std::vector<std::string> causes(const Emitter& emitter) {
    std::vector<std::string> causes;
    for (const Warning& warning : emitter.warnings()) causes.push_back(warning.cause);
    return causes;
  }

  Path root_, home_;
  ManualClock time_{1'780'000'000'000};
  SeededRandom random_{11};
  PosixDisk disk_;
  Environment environment_;
};

}  // namespace pawprint::client
