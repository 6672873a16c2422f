#include "hub/store/log_writer.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>

#include "base/format.h"
#include "hub/store/faulty_vfs_for_test.h"
#include "hub/store/store_fixture.h"
#include "protocol/canonical.h"
#include "protocol/envelope.h"

namespace pawprint::hub::store {
namespace {

using Told = std::future<Result<Appended>>;
constexpr auto kStored = AppendOutcome::stored;
constexpr auto kDuplicate = AppendOutcome::duplicate;
constexpr auto kConflict = AppendOutcome::conflict;

NewEvent event(std::string_view id, std::string_view content = "same") {
  NewEvent made;
  made.event_id = id;
  made.event_type = "T";
  made.node_id = "a1b2c3d4e5f6";
  const std::string body = protocol::json_string(content);
  made.body_hash = *protocol::content_hash(body);
  made.body = body;
  return made;
}

class LogWriterTest : public StoreFixture {
 protected:
  void SetUp() override {
    vfs_.emplace();
    StoreFixture::SetUp();
    team_ = make_team("acme").team_id;
    other_ = make_team("other").team_id;
  }
  void TearDown() override {
    StoreFixture::TearDown();
    vfs_.reset();
  }

  Told submit(const std::string& team_id, std::vector<NewEvent> events) {
    auto told = std::make_shared<std::promise<Result<Appended>>>();
    Told future = told->get_future();
    store_->log().submit(team_id, std::move(events), [this, told, team_id](Result<Appended> appended) {
      order_ += team_id == team_ ? 'a' : 'o';
      told->set_value(std::move(appended));
    });
    return future;
  }

  // Keeps the writer from its work meanwhile, so that all of it waits together.
  template <class SubmitAll>
  void while_the_writer_waits(SubmitAll submit_all) {
    const auto update = store_->boards().update(team_);
    ASSERT_TRUE(update);
    submit_all();
  }

  std::size_t stored(const std::string& team_id) { return store_->log().read(team_id, 0, 100'000)->size(); }

  std::optional<FaultyVfs> vfs_;
  std::string team_, other_;
  std::string order_;  // who was told, by the writer's thread
};

TEST_F(LogWriterTest, WhatComesWhileACommitIsUnderWaySharesTheNext) {
  std::vector<Told> told;
  const int before = vfs_->syncs();
  while_the_writer_waits([&] {
    for (int i = 0; i < 50; ++i)
      told.push_back(submit(i % 2 == 0 ? team_ : other_, {event(std::to_string(i))}));
  });
  for (Told& each : told) EXPECT_EQ(each.get()->outcomes, std::vector{kStored});
  EXPECT_EQ(vfs_->syncs() - before, 1);
  EXPECT_EQ(stored(team_) + stored(other_), 50U);
}

TEST_F(LogWriterTest, EveryCommitIsSyncedBeforeAnybodyIsTold) {
  for (int i = 0; i < 5; ++i) {
    const int before = vfs_->syncs();
    EXPECT_TRUE(submit(team_, {event(std::to_string(i))}).get());
    EXPECT_GT(vfs_->syncs(), before);
  }
}

TEST_F(LogWriterTest, NothingOfALogLiesOutsideItsDirectoryMeanwhile) {
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<NewEvent> events;
    for (int i = 0; i < 1000; ++i) events.push_back(event(fmt::format("{:08}", batch * 1000 + i)));
    ASSERT_TRUE(submit(team_, std::move(events)).get());
  }
  EXPECT_EQ(vfs_->temporary_files(), 0);
}

TEST_F(LogWriterTest, EachSubmitterGetsTheVerdictsOfItsOwnEvents) {
  Told one, two, three;
  while_the_writer_waits([&] {
    one = submit(team_, {event("A", "x"), event("B", "x")});
    two = submit(team_, {event("B", "x"), event("A", "y"), event("C")});
    three = submit(other_, {event("A", "y"), event("A", "x")});
  });
  EXPECT_EQ(one.get()->outcomes, (std::vector{kStored, kStored}));
  EXPECT_EQ(two.get()->outcomes, (std::vector{kDuplicate, kConflict, kStored}));
  EXPECT_EQ(three.get()->outcomes, (std::vector{kStored, kConflict}));
}

TEST_F(LogWriterTest, ATeamThatIsNotThereIsNobodyElsesError) {
  Told nobody, good;
  while_the_writer_waits([&] {
    nobody = submit("nobody", {event("A")});
    good = submit(other_, {event("A")});
  });
  EXPECT_EQ(nobody.get().error().kind, ErrorKind::failed);
  EXPECT_TRUE(good.get());
}

TEST_F(LogWriterTest, ACommitThatFailsIsAVerdictForNobodyInIt) {
  {
    auto database = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(database && database->no_checkpoint_on_close());
    ASSERT_TRUE(database->execute(
        "CREATE TABLE promises (team_id REFERENCES teams(team_id) DEFERRABLE INITIALLY DEFERRED);"
        "CREATE TRIGGER broken_at_commit AFTER INSERT ON events WHEN NEW.event_id = 'poison' "
        "BEGIN INSERT INTO promises VALUES ('nobody'); END"));
  }
  Told poisoned, beside;
  while_the_writer_waits([&] {
    poisoned = submit(team_, {event("poison")});
    beside = submit(other_, {event("A")});
  });
  EXPECT_FALSE(poisoned.get());
  EXPECT_FALSE(beside.get());
  EXPECT_EQ(stored(team_) + stored(other_), 0U);
  EXPECT_TRUE(submit(other_, {event("A")}).get());
}

TEST_F(LogWriterTest, TheFloodOfOneTeamHoldsNoOtherBack) {
  std::vector<Told> told;
  while_the_writer_waits([&] {
    for (int batch = 0; batch < 6; ++batch) {
      std::vector<NewEvent> events;
      for (int i = 0; i < 1000; ++i) events.push_back(event(fmt::format("{} {}", batch, i)));
      told.push_back(submit(team_, std::move(events)));
    }
    told.push_back(submit(other_, {event("A")}));
  });
  for (Told& each : told) EXPECT_TRUE(each.get());
  EXPECT_LE(order_.find('o'), 2U)
      << order_;  // behind the one that held the writer, and one batch of the flood
}

TEST_F(LogWriterTest, AfterASyncThatFailedNothingIsWrittenByThisProcess) {
  int failures = 0;
  store_->on_sync_failure([&failures] { ++failures; });
  EXPECT_TRUE(submit(team_, {event("A")}).get());
  vfs_->fail_once();
  EXPECT_FALSE(submit(team_, {event("B")}).get());
  EXPECT_EQ(failures, 1);
  EXPECT_FALSE(submit(team_, {event("C")}).get());
  EXPECT_FALSE(store_->users().add_team("third", ""));
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(store_->log().read(team_, 0, 1)->size(), 1U);
  open_store();
  EXPECT_TRUE(submit(team_, {event("A"), event("B"), event("C")}).get());
  EXPECT_EQ(stored(team_), 3U);
}

TEST_F(LogWriterTest, WhoeverAsksHearsWhichTeamsHaveGrown) {
  std::string heard;
  store_->log().on_growth([&](std::string_view team_id) { heard += team_id == team_ ? "a" : "o"; });
  EXPECT_TRUE(submit(team_, {event("A")}).get());
  EXPECT_TRUE(submit(team_, {event("A")}).get());  // a duplicate: nothing has grown
  EXPECT_TRUE(submit(other_, {event("A")}).get());
  EXPECT_TRUE(submit(other_, {}).get());
  store_->log().on_growth(nullptr);
  EXPECT_EQ(heard, "ao");
}

TEST_F(LogWriterTest, OfABatchWithLittleThatIsNewNoMoreThanThatIsKept) {
  const auto batch = std::make_shared<const std::string>(300, 'x');
  const auto part = [&](std::string_view id, std::size_t at) {
    NewEvent made = event(id);
    made.body = SharedText(batch, std::string_view(*batch).substr(at, 100));
    return made;
  };
  EXPECT_TRUE(submit(team_, {part("A", 0), part("B", 100), part("C", 200)}).get());
  EXPECT_TRUE(submit(team_, {part("A", 0), part("B", 100), part("D", 200)}).get());
  const auto kept = store_->log().follow(team_, 0, 10);
  ASSERT_TRUE(kept && kept->size() == 4);
  for (const auto& each : *kept) EXPECT_EQ(each->body, std::string(100, 'x'));
  EXPECT_EQ((*kept)[0]->body.kept_bytes(), 300U) << "nearly all of it is new: nothing was copied";
  EXPECT_EQ((*kept)[3]->body.kept_bytes(), 100U);
}

TEST_F(LogWriterTest, WhatWasHandedInIsWrittenBeforeTheEnd) {
  std::vector<Told> told;
  for (int i = 0; i < 20; ++i) told.push_back(submit(team_, {event(std::to_string(i))}));
  open_store();
  for (Told& each : told) EXPECT_TRUE(each.get());
  EXPECT_EQ(stored(team_), 20U);
}

}  // namespace
}  // namespace pawprint::hub::store
