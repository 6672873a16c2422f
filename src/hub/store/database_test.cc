#include "hub/store/database.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "hub/store/backup.h"
#include "hub/store/faulty_vfs_for_test.h"
#include "hub/store/mark.h"
#include "hub/store/migration_trial.h"
#include "hub/store/migrations.h"
#include "hub/store/store_fixture.h"

namespace pawprint::hub::store {
namespace {

class DatabaseTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    store_.reset();
    auto opened = Database::open(environment_, directory_);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  std::int64_t teams_seen_by(Read& read) {
    auto count = read.prepare("SELECT count(*) FROM teams");
    EXPECT_TRUE(count && count->step());
    return count->integer(0);
  }
  void add_team(Write& write, std::string_view id) {
    auto insert = write.prepare("INSERT INTO teams(team_id, slug, name) VALUES(?1, ?1, ?1)");
    ASSERT_TRUE(insert);
    ASSERT_TRUE(insert->bind(1, id).run());
  }
  // The directory of a hub that ended here, as far as these files go.
  Path copy_as_cut_short(std::initializer_list<std::string_view> names) {
    Path copy = directory_ / "copy";
    EXPECT_TRUE(disk_.make_directories(copy, 0700));
    for (const std::string_view name : names) {
      const std::string bytes = read_file(disk_, directory_ / name).value().value();
      EXPECT_TRUE(replace_file(disk_, copy / name, bytes, 0600));
    }
    return copy;
  }
  void expect_whole_with_wal_put_into_it(std::int64_t teams) {
    const Path copy = copy_as_cut_short({"hub.db", "hub.db-wal"});
    ASSERT_TRUE(sqlite::Connection::open(copy / "hub.db", sqlite::Access::read_write)
                    ->execute("SELECT count(*) FROM teams"));
    ASSERT_EQ(*disk_.status(copy / "hub.db-wal"), std::nullopt);
    auto opened = Database::open(environment_, copy);
    ASSERT_TRUE(opened) << opened.error().message;
    auto read = (*opened)->read();
    EXPECT_EQ(teams_seen_by(*read), teams);
  }
  std::uintmax_t wal_bytes() { return std::filesystem::file_size(directory_ / "hub.db-wal"); }
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, TheFileBelongsToItsUserAlone) {
  for (const char* name : {"hub.db", "hub.db-wal"}) {
    const auto status = disk_.status(directory_ / name);
    ASSERT_TRUE(status && *status) << name;
    EXPECT_EQ((*status)->mode, 0600u) << name;
  }
}

TEST_F(DatabaseTest, WhatIsNotCommittedIsGone) {
  {
    auto write = database_->write();
    ASSERT_TRUE(write);
    add_team(*write, "a");
  }
  auto read = database_->read();
  ASSERT_TRUE(read);
  EXPECT_EQ(teams_seen_by(*read), 0);
}

TEST_F(DatabaseTest, AReaderSeesOneStateWhileOthersWrite) {
  auto early = database_->read();
  ASSERT_TRUE(early);
  EXPECT_EQ(teams_seen_by(*early), 0);
  auto write = database_->write();
  ASSERT_TRUE(write);
  add_team(*write, "a");
  ASSERT_TRUE(write->commit());
  EXPECT_EQ(teams_seen_by(*early), 0);
  auto late = database_->read();
  ASSERT_TRUE(late);
  EXPECT_EQ(teams_seen_by(*late), 1);
}

TEST_F(DatabaseTest, AReaderCannotWrite) {
  auto read = database_->read();
  ASSERT_TRUE(read);
  auto remove = read->prepare("DELETE FROM teams");
  ASSERT_TRUE(remove);
  EXPECT_FALSE(remove->run());
}

// Clients were told that it is stored: a hub that goes on without it gives its numbers to other events.
TEST_F(DatabaseTest, AWalThatIsDamagedBeforeItsLastCommitIsNotWrittenOver) {
  const Path file = directory_ / "hub.db";
  const Path copy = directory_ / "copy";
  ASSERT_TRUE(disk_.make_directories(copy, 0700));
  for (const char* id : {"a", "b", "c"}) {
    auto write = database_->write();
    add_team(*write, id);
    ASSERT_TRUE(write->commit());
  }
  // As a crash leaves them; whoever closes the last connection removes the WAL.
  std::string wal = read_file(disk_, file.string() + "-wal").value().value();
  ASSERT_TRUE(replace_file(disk_, copy / "hub.db", read_file(disk_, file).value().value(), 0600));
  const auto opened_with = [&](std::string bytes) {
    EXPECT_TRUE(replace_file(disk_, copy / "hub.db-wal", bytes, 0600));
    return Database::open(environment_, copy);
  };
  std::string damaged = wal;
  damaged[32 + 100] ^= 1;
  const auto refused = opened_with(damaged);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("damaged at byte 32"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().hint.find("pawprint-hub restore " + (copy / "hub.db").string()),
            std::string::npos);
  EXPECT_EQ(read_file(disk_, copy / "hub.db-wal").value().value(), damaged);
  const Path elsewhere = directory_ / "restored";
  ASSERT_TRUE(disk_.make_directories(elsewhere, 0700));
  auto backup = open_backup(disk_, copy / "hub.db");
  ASSERT_TRUE(backup) << backup.error().message;
  EXPECT_NE(backup->left_out.value_or("").find("damaged at byte 32"), std::string::npos);
  EXPECT_TRUE(restore(environment_, *std::move(backup), elsewhere));
  // What a crash cut short was acknowledged to nobody.
  wal[wal.size() - 100] ^= 1;
  auto opened = opened_with(wal);
  ASSERT_TRUE(opened) << opened.error().message;
  auto read = (*opened)->read();
  EXPECT_EQ(teams_seen_by(*read), 2);
}

// As above: what it goes on from is an earlier moment.
TEST_F(DatabaseTest, AHubThatWasCutShortIsNotOpenedWithoutItsWal) {
  const Path file = directory_ / "hub.db";
  auto write = database_->write();
  add_team(*write, "a");
  ASSERT_TRUE(write->commit());
  const Path copy = copy_as_cut_short({"hub.db"});
  const std::string as_cut_short = read_file(disk_, file).value().value();
  const auto refused = Database::open(environment_, copy);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::io);
  EXPECT_NE(refused.error().message.find("its WAL is missing"), std::string::npos) << refused.error().message;
  EXPECT_EQ(refused.error().hint,
            "pawprint-hub restore " + (copy / "hub.db").string() + " --data ANOTHER_DIR");
  EXPECT_EQ(read_file(disk_, copy / "hub.db").value().value(), as_cut_short);

  const Path elsewhere = directory_ / "restored";
  ASSERT_TRUE(disk_.make_directories(elsewhere, 0700));
  auto backup = open_backup(disk_, copy / "hub.db");
  ASSERT_TRUE(backup) << backup.error().message;
  EXPECT_NE(backup->left_out.value_or("").find("its WAL is missing"), std::string::npos);
  ASSERT_TRUE(restore(environment_, *std::move(backup), elsewhere));
  EXPECT_TRUE(Database::open(environment_, elsewhere));
}

// Also one that has been checkpointed, or could not be for somebody who reads, and one whose WAL another
// program has put into it.
TEST_F(DatabaseTest, AFileSaysThatItNeedsItsWalUntilItHasAllOfIt) {
  const Path file = directory_ / "hub.db";
  EXPECT_TRUE(*has_mark(disk_, file, Mark::needs_wal));
  for (const char* id : {"a", "b"}) {
    auto write = database_->write();
    add_team(*write, std::string(5'000'000, 'x') + id);
    ASSERT_TRUE(write->commit());
  }
  EXPECT_GT((*disk_.status(file))->size_bytes, 10'000'000U);
  EXPECT_TRUE(*has_mark(disk_, file, Mark::needs_wal));
  expect_whole_with_wal_put_into_it(2);
  auto reader = database_->read();
  EXPECT_EQ(teams_seen_by(*reader), 2);
  auto write = database_->write();
  add_team(*write, std::string(5'000'000, 'x') + "c");
  ASSERT_TRUE(write->commit());
  expect_whole_with_wal_put_into_it(3);
}

// As where the disk is full when the WAL begins anew.
TEST_F(DatabaseTest, AFileWhoseWalCouldNotSayThatItIsWholeSaysItWithTheNextCommit) {
  database_.reset();
  FaultyVfs disk;
  database_ = Database::open(environment_, directory_).value();
  disk.fail_next_beginning();
  for (const std::string& id : {std::string(5'000'000, 'x'), std::string("a")}) {
    auto write = database_->write();
    add_team(*write, id);
    ASSERT_TRUE(write->commit());
  }
  EXPECT_FALSE(disk.will_fail_beginning());
  expect_whole_with_wal_put_into_it(2);
}

TEST_F(DatabaseTest, WhileSomebodyReadsACheckpointIsNotTriedWithEachCommit) {
  database_.reset();
  FaultyVfs disk;
  database_ = Database::open(environment_, directory_).value();
  auto reader = database_->read();
  EXPECT_EQ(teams_seen_by(*reader), 0);
  auto write_one = [&](const std::string& id) {
    auto write = database_->write();
    add_team(*write, id);
    ASSERT_TRUE(write->commit());
  };
  write_one(std::string(5'000'000, 'x'));
  const int before = disk.syncs();
  for (const char* id : {"a", "b", "c"}) write_one(id);
  EXPECT_EQ(disk.syncs() - before, 3);
}

TEST_F(DatabaseTest, AHubThatWasClosedNeedsNoWalAndOneThatOthersLookedAtKeepsIts) {
  const Path file = directory_ / "hub.db";
  const Path copy = copy_as_cut_short({"hub.db", "hub.db-wal"});
  {
    auto write = database_->write();
    ASSERT_TRUE(write->execute("INSERT INTO schema_version(version) VALUES(99)"));
    ASSERT_TRUE(write->commit());
    const std::string newer = read_file(disk_, file.string() + "-wal").value().value();
    ASSERT_TRUE(replace_file(disk_, copy / "hub.db-wal", newer, 0600));
  }
  const auto of_a_newer_program = Database::open(environment_, copy);
  ASSERT_FALSE(of_a_newer_program);
  EXPECT_EQ(of_a_newer_program.error().kind, ErrorKind::failed) << of_a_newer_program.error().message;
  EXPECT_TRUE(disk_.status(copy / "hub.db-wal")->has_value()) << "which the newer one needs";

  database_.reset();
  EXPECT_EQ(*disk_.status(file.string() + "-wal"), std::nullopt);
  EXPECT_EQ(*disk_.status(file.string() + "-shm"), std::nullopt);

  EXPECT_NE(schema_version_in(environment_, directory_).error().message.find("99"), std::string::npos);
  EXPECT_EQ(*disk_.status(file.string() + "-wal"), std::nullopt) << "made by a look at it";
  EXPECT_EQ(*disk_.status(file.string() + "-shm"), std::nullopt) << "made by a look at it";
}

TEST_F(DatabaseTest, TheWalStaysBoundedAlsoWhileSomebodyReads) {
  const std::string large(200'000, 'x');
  const auto write_much = [&](int rounds) {
    for (int i = 0; i < rounds; ++i) {
      auto write = database_->write();
      ASSERT_TRUE(write);
      ASSERT_TRUE(write->execute("DELETE FROM teams"));
      add_team(*write, large + std::to_string(i));
      ASSERT_TRUE(write->commit());
    }
  };
  auto reader = database_->read();
  ASSERT_TRUE(reader);
  EXPECT_EQ(teams_seen_by(*reader), 0);
  write_much(30);  // cannot be checkpointed past the reader
  EXPECT_GT(wal_bytes(), 10'000'000u);
  reader = std::unexpected(Error{});
  write_much(30);
  EXPECT_LT(wal_bytes(), 10'000'000u);
}

TEST_F(DatabaseTest, ASchemaOfANewerProgramIsRefusedAndLeftAlone) {
  {
    auto write = database_->write();
    ASSERT_TRUE(write);
    ASSERT_TRUE(write->execute("INSERT INTO schema_version(version) VALUES(99)"));
    ASSERT_TRUE(write->commit());
  }
  database_.reset();
  const auto opened = Database::open(environment_, directory_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::failed);
  EXPECT_NE(opened.error().message.find("99"), std::string::npos);
}

TEST_F(DatabaseTest, AMigrationThatFailsLeavesTheVersionBeforeIt) {
  auto connection = sqlite::Connection::open(directory_ / "other.db", sqlite::Access::create);
  ASSERT_TRUE(connection);
  constexpr std::string_view kMeta = "CREATE TABLE hub_meta(epoch, created_at_ms)";
  const std::array broken{Migration{1, kMeta}, Migration{2, "CREATE TABLE half(a); CREATE TABLE half(a)"}};
  EXPECT_FALSE(migrate(*connection, environment_, broken));
  const std::array mended{Migration{1, kMeta}, Migration{2, "CREATE TABLE half(a)"}};
  EXPECT_TRUE(migrate(*connection, environment_, mended));
  EXPECT_TRUE(migrate(*connection, environment_, mended));
}

}  // namespace
}  // namespace pawprint::hub::store
