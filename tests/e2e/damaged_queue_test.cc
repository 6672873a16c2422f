// A queue with damaged pages: what can be read is exported, and the next delivery goes on with it.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/format.h"
#include "harness/hub_reader.h"
#include "sqlite/connection.h"

namespace pawprint::testing {
namespace {

class DamagedQueue : public ::testing::Test {
 protected:
  DamagedQueue() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
  }

  std::vector<std::string> given_events() const {
    std::vector<std::string> ids;
    for (int i = 0; i < 40; ++i)
      ids.emplace_back(machine_.json({"emit", "Ping", "--aggregate", "A"}).data().at("event_id").as_string());
    return ids;
  }
  void destroy_page_with(const std::string& text) const {
    const fs::path file = machine_.home / "outbox.db";
    {
      auto connection = sqlite::Connection::open(file, sqlite::Access::read_write).value();
      ASSERT_TRUE(connection.execute("SELECT count(*) FROM queue"));  // it sees the WAL only then
      ASSERT_TRUE(connection.checkpoint_truncate());
    }
    std::string bytes = read_text(file);
    ASSERT_NE(bytes.find(text), std::string::npos);
    bytes.replace(bytes.find(text) / 4096 * 4096, 4096, std::string(4096, '\0'));
    write_text(file, bytes);
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(DamagedQueue, OfADamagedQueueWhatCanBeReadIsExported) {
  const auto ids = given_events();
  destroy_page_with("{\"event_id\":\"" + ids[20]);
  const auto saved = machine_.json({"sync", "export", "--out", "queue.jsonl"});
  EXPECT_EQ(saved.exit_code, 1);
  EXPECT_FALSE(saved.data().at("unreadable").as_array().empty());
  const std::string text = read_text(machine_.directory / "queue.jsonl");
  EXPECT_NE(text.find(ids.front()), std::string::npos);
  EXPECT_NE(text.find(ids.back()), std::string::npos);
  EXPECT_EQ(text.find(ids[20]), std::string::npos);

  const auto examined = machine_.json({"doctor"});
  EXPECT_EQ(examined.exit_code, 1);
  EXPECT_EQ(examined.error("hint"), "pawprint sync export --out queue.jsonl; pawprint sync now");
}

TEST_F(DamagedQueue, WhatSqliteSaysOfDamageIsOneLine) {
  const auto ids = given_events();
  destroy_page_with("{\"event_id\":\"" + ids[20]);
  const auto examined = machine_.json({"doctor"});
  for (const auto& finding : examined.data().at("findings").as_array())
    EXPECT_EQ(finding.at("message").as_string().find('\n'), std::string::npos) << finding;
}

TEST_F(DamagedQueue, OfAQueueThatCannotBeOpenedTheSameIsExportedAsIsCarriedOver) {
  const auto ids = given_events();
  destroy_page_with("SQLite format 3");
  const auto saved = machine_.json({"sync", "export", "--out", "queue.jsonl"});
  EXPECT_EQ(saved.exit_code, 1);
  EXPECT_EQ(saved.data().at("events").to_number<int>(), 40);
  const std::string text = read_text(machine_.directory / "queue.jsonl");
  for (const std::string& id : ids) EXPECT_NE(text.find(id), std::string::npos) << id;

  ASSERT_EQ(machine_.json({"emit", "Ping", "--aggregate", "A"}).exit_code, 0);
  const auto examined = machine_.json({"doctor"});
  EXPECT_NE(boost::json::serialize(examined.data().at("findings")).find("outbox.db.corrupt-"),
            std::string::npos)
      << boost::json::value(examined.object);
}

// Nothing that is emitted or sent reads that page.
TEST_F(DamagedQueue, IsMendedByWhatDoctorNames) {
  const auto ids = given_events();
  destroy_page_with("{\"event_id\":\"" + ids[20]);
  EXPECT_EQ(machine_.json({"sync", "list"}).error("hint"), "pawprint doctor");
  const auto delivered = machine_.json({"sync", "now"});
  EXPECT_EQ(delivered.exit_code, 0) << delivered.err;
  EXPECT_NE(delivered.err.find("outbox.db.corrupt-"), std::string::npos) << delivered.err;
  const auto listed = machine_.json({"sync", "list"});
  EXPECT_EQ(listed.exit_code, 0) << boost::json::value(listed.object);
  const std::string kept = boost::json::serialize(listed.data());
  EXPECT_NE(kept.find(ids.front()), std::string::npos);
  EXPECT_NE(kept.find(ids.back()), std::string::npos);
  EXPECT_EQ(machine_.json({"doctor"}).exit_code, 0);
}

// It was set aside, and what was carried over is not yet in its place.
TEST_F(DamagedQueue, WhoseSalvageWasInterruptedIsNotTakenForNone) {
  const auto ids = given_events();
  ASSERT_TRUE(sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_write)
                  ->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  fs::rename(machine_.home / "outbox.db", machine_.home / "outbox.db.salvaged");
  for (const std::string word : {"status", "list", "diagnose", "unlink"}) {
    const auto outcome = machine_.json({"sync", word});
    EXPECT_EQ(outcome.exit_code, 1) << word;
    EXPECT_EQ(outcome.error("hint"), "pawprint sync now") << word;
  }
  EXPECT_EQ(machine_.json({"sync", "show", ids[0]}).error("hint"), "pawprint sync now");
  EXPECT_EQ(machine_.json({"sync", "export", "--out", "queue.jsonl"}).error("hint"), "pawprint sync now");
  const auto examined = machine_.json({"doctor"});
  EXPECT_EQ(examined.error("hint"), "pawprint sync now");
  const std::string findings = boost::json::serialize(examined.data().at("findings"));
  EXPECT_TRUE(findings.contains("was set aside as damaged")) << findings;

  ASSERT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  EXPECT_EQ(machine_.json({"sync", "show", ids[0]}).exit_code, 0);
}

// Without an index nothing says what it held; only the clock is ahead.
TEST_F(DamagedQueue, AWalThatIsLostWithItsIndexShowsInTheClock) {
  const auto noted = [&] {
    const auto examined = machine_.json({"doctor"});
    for (const auto& finding : examined.data().at("findings").as_array()) {
      if (finding.at("check").as_string() == "clock") return std::string(finding.at("message").as_string());
    }
    return std::string();
  };
  given_events();
  EXPECT_EQ(noted(), "");
  fs::remove(machine_.home / "outbox.db-shm");
  const fs::path wal = machine_.home / "outbox.db-wal";
  fs::resize_file(wal, fs::file_size(wal) / 2);
  EXPECT_TRUE(noted().starts_with("the clock is at 40, the queue at ")) << noted();
  fs::remove(machine_.home / "outbox.db-shm");
  fs::remove(wal);
  EXPECT_TRUE(noted().starts_with("the clock is at 40, the queue at ")) << noted();
  EXPECT_EQ(machine_.json({"doctor"}).exit_code, 0);
}

}  // namespace
}  // namespace pawprint::testing
