#include <cstdlib>
#include <fstream>

#include "outbox/home_for_test.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

// A database of another program, with one row, lies where the queue is to be.
class ForeignTest : public HomeTest {
 protected:
  void given_foreign(const std::string& table, int format) {
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
    auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::create);
    ASSERT_TRUE(connection);
    ASSERT_TRUE(connection->no_checkpoint_on_close());
    ASSERT_TRUE(connection->execute(
        fmt::format("PRAGMA journal_mode = WAL; CREATE TABLE {0}(mine); INSERT INTO {0} VALUES(42); "
                    "PRAGMA user_version = {1}",
                    table, format)));
    before_ = read_file(disk_, home_ / kDatabase).value();
    wal_before_ = read_file(disk_, home_ / kWal).value();
  }
  void expect_refused(const Error& error) const {
    EXPECT_EQ(error.kind, ErrorKind::failed);
    EXPECT_NE(error.message.find("another program's database"), std::string::npos) << error.message;
    EXPECT_TRUE(error.hint.starts_with("mkdir ")) << error.hint;
  }

  std::optional<std::string> before_, wal_before_;
};

TEST_F(ForeignTest, IsNamedAndLeftAsItIsWhateverIsInIt) {
  for (const std::string table : {"notes", "queue", "meta"}) {
    for (const int format : {0, 1, 7}) {
      std::filesystem::remove_all(home_);
      given_foreign(table, format);
      auto written = Outbox::open(environment_, home_);
      if (written) {
        const auto looked = written->high_water();
        ASSERT_FALSE(looked) << table << format;
        expect_refused(looked.error());
      } else {
        expect_refused(written.error());
      }
      auto read = Outbox::open_existing(environment_, home_);
      if (read) {
        ASSERT_TRUE(*read) << table << format;
        expect_refused((*read)->high_water().error());
      } else {
        expect_refused(read.error());
      }
      EXPECT_EQ(read_file(disk_, home_ / kDatabase).value(), before_) << table << format;
      EXPECT_EQ(read_file(disk_, home_ / kWal).value(), wal_before_) << table << format;
    }
  }
}

TEST_F(ForeignTest, IsMovedAwayWholeByTheCommandThatIsNamed) {
  given_foreign("notes", 0);
  const std::string command = Outbox::open(environment_, home_).error().hint;
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  EXPECT_EQ(open().high_water().value(), 0U);
  auto moved = sqlite::Connection::open(home_ / "outbox.db.other/outbox.db", sqlite::Access::read_write);
  ASSERT_TRUE(moved) << moved.error().message;
  auto query = moved->prepare("SELECT mine FROM notes");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_TRUE(query->step().value());
  EXPECT_EQ(query->integer(0), 42);
}

TEST_F(ForeignTest, ASecondOneIsMovedAwayBesideTheFirst) {
  for (const std::string name : {"outbox.db.other", "outbox.db.other-2", "outbox.db.other-3"}) {
    std::filesystem::remove(home_ / kDatabase);
    std::filesystem::remove(home_ / kWal);
    given_foreign("notes", 0);
    const std::string command = Outbox::open(environment_, home_).error().hint;
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    EXPECT_TRUE(std::filesystem::exists(home_ / name / "outbox.db")) << command;
  }
}

TEST_F(ForeignTest, ADiskThatFailsMakesNoDatabaseForeign) {
  {
    const Outbox made = open();
  }
  std::filesystem::remove(home_ / "outbox.db-wal");
  std::filesystem::create_directory(home_ / "outbox.db-wal");
  auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write);
  ASSERT_TRUE(connection);
  const auto checked = check_is_ours(disk_, home_ / kDatabase, *connection);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::io) << checked.error().message;
  EXPECT_EQ(checked.error().hint, "");
  EXPECT_FALSE(connection->damaged());
}

TEST_F(ForeignTest, AQueueOfWhichOneTableIsNotKnownIsDamagedAndItsEventsStay) {
  {
    auto outbox = open();
    ASSERT_TRUE(outbox.append(std::vector{row(1)}, Durability::process, 10));
  }
  {
    auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("SELECT count(*) FROM sqlite_schema"));
    ASSERT_TRUE(connection->checkpoint_truncate());
  }
  std::string bytes = *read_file(disk_, home_ / kDatabase).value();
  const std::size_t at = bytes.find("link_id INTEGER PRIMARY KEY");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'm';
  std::ofstream(home_ / kDatabase, std::ios::binary | std::ios::trunc) << bytes;
  auto outbox = open();
  const auto seen = outbox.glance({destination().project_uuid, "/repo/.git", {}});
  ASSERT_TRUE(seen) << seen.error().message;
  Warnings warnings;
  outbox.report_to(warnings);
  ASSERT_EQ(warnings.all().size(), 1U);
  EXPECT_TRUE(warnings.all().front().cause.starts_with("outbox-salvaged ")) << warnings.all().front().cause;
  EXPECT_EQ(outbox.known_ids(std::vector{row(1).event_id}).value(), std::vector{row(1).event_id});
}

}  // namespace
}  // namespace pawprint::outbox
