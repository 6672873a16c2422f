#include "outbox/salvage.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/disk_above_for_test.h"
#include "outbox/carried_rows.h"
#include "outbox/home_for_test.h"
#include "outbox/schema.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr std::uint64_t kRows = 60;

class SalvageTest : public HomeTest {
 protected:
  Path file() const { return home_ / kDatabase; }
  std::string content(const Path& path) { return read_file(disk_, path).value().value_or(""); }

  static NewRow long_row(std::uint64_t lamport, std::optional<std::int64_t> link_id) {
    NewRow made = row(lamport, link_id);
    // Some do not fit into a page, and go on in pages of their own.
    const std::size_t length = lamport % 10 == 0 ? 9000 : 600;
    made.data = fmt::format(R"({{"n":{},"text":"{}"}})", lamport, std::string(length, 'x'));
    return made;
  }

  // Events, half of them for a link; one is parked and one is sent. `in_wal`: none is in the database yet.
  void given_events(bool in_wal, std::uint64_t events = kRows) {
    Outbox outbox = open();
    link_ = outbox.link(destination(), false).value().link;
    if (in_wal) checkpoint();
    for (std::uint64_t i = 1; i <= events; ++i) {
      const std::array rows{long_row(i, i % 2 == 0 ? std::optional(link_.link_id) : std::nullopt)};
      ASSERT_TRUE(outbox.append(rows, Durability::process));
    }
    const auto sendable = outbox.sendable(link_, 2, 1 << 20).value();
    const std::array settlements{Settlement{sendable.at(0).id, RowState::sent, ""},
                                 Settlement{sendable.at(1).id, RowState::parked, "bad: no"}};
    ASSERT_TRUE(outbox.settle(settlements));
    if (!in_wal) checkpoint();
  }
  void checkpoint() {
    auto connection = sqlite::Connection::open(file(), sqlite::Access::read_write);
    ASSERT_TRUE(connection->no_checkpoint_on_close());
    ASSERT_TRUE(connection->execute("SELECT count(*) FROM queue"));
    ASSERT_TRUE(connection->checkpoint_truncate());
    ASSERT_EQ(content(home_ / "outbox.db-wal"), "");
  }
  void overwrite(std::size_t offset, std::string_view bytes) {
    auto opened = disk_.open(file(), OpenMode::read_write, 0600);
    ASSERT_TRUE((*opened)->write_at(offset, bytes));
  }

  // One bit, a half or a third of the way into it; returns what it is then.
  std::string flip_in_wal(std::size_t part) {
    const Path wal = home_ / "outbox.db-wal";
    std::string damaged = content(wal);
    damaged[damaged.size() / part] = static_cast<char>(damaged[damaged.size() / part] ^ 1);
    EXPECT_TRUE(replace_file(disk_, wal, damaged, 0600));
    return damaged;
  }

  // What every process does with the queue, ending with an append of the value `lamport`.
  Result<void> use(Outbox& outbox, std::uint64_t lamport) {
    const std::array known{row(1).event_id};
    PAW_TRY(ids, outbox.known_ids(known));
    PAW_TRY(rows, outbox.sendable(link_, 1000, 1 << 30));
    const std::array more{long_row(lamport, std::nullopt)};
    PAW_TRY(appended, outbox.append(more, Durability::process));
    const std::array sessions{session()};
    PAW_TRY(counts, outbox.snapshot(sessions));
    outbox.report_to(warnings_);
    return {};
  }

  std::set<std::uint64_t> queued() {
    std::set<std::uint64_t> all;
    auto connection = sqlite::Connection::open(file(), sqlite::Access::read_write);
    EXPECT_TRUE(connection->no_checkpoint_on_close());
    auto query = connection->prepare("SELECT lamport FROM queue NOT INDEXED");
    for (auto row = query->step(); row && *row; row = query->step())
      all.insert(static_cast<std::uint64_t>(query->integer(0)));
    return all;
  }
  std::string integrity() {
    auto connection = sqlite::Connection::open(file(), sqlite::Access::read_write);
    EXPECT_TRUE(connection->no_checkpoint_on_close());
    auto check = connection->prepare("PRAGMA integrity_check");
    const auto row = check->step();
    return row ? check->text(0) : row.error().message;
  }
  std::vector<Path> set_aside() {
    std::vector<Path> found;
    for (const auto& entry : std::filesystem::directory_iterator(home_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with("outbox.db.corrupt-") && !name.ends_with("-wal") && !name.ends_with("-shm"))
        found.push_back(entry.path());
    }
    return found;
  }
  std::string report() { return warnings_.all().empty() ? "" : warnings_.all().back().message; }

  Link link_;
  Warnings warnings_;
};

TEST_F(SalvageTest, ADamagedHeaderCostsNothing) {
  given_events(false);
  overwrite(0, std::string(100, 'Z'));
  const std::string damaged = content(file());
  Outbox outbox = open();
  ASSERT_TRUE(use(outbox, kRows + 1));
  EXPECT_EQ(queued().size(), kRows + 1);
  EXPECT_EQ(integrity(), "ok");
  EXPECT_EQ(outbox.high_water().value(), kRows + 1);
  ASSERT_EQ(set_aside().size(), 1U);
  EXPECT_EQ(content(set_aside()[0]), damaged);
  ASSERT_EQ(warnings_.all().size(), 1U);
  EXPECT_TRUE(warnings_.all()[0].cause.starts_with("outbox-salvaged ")) << warnings_.all()[0].cause;
  EXPECT_NE(report().find(set_aside()[0].filename().string()), std::string::npos) << report();
  EXPECT_NE(report().find("carried over: 60 events and 1 link"), std::string::npos) << report();
}

TEST_F(SalvageTest, AFileOfWhichNothingCanBeReadIsNotSaidToMissNothing) {
  given_events(false);
  overwrite(0, std::string(content(file()).size(), 'Z'));
  Outbox outbox = open();
  ASSERT_TRUE(use(outbox, kRows + 1));
  EXPECT_EQ(queued().size(), 1U);
  EXPECT_TRUE(report().ends_with("what else it held cannot be read")) << report();
}

TEST_F(SalvageTest, StatesCountersDestinationsAndBytesAreThoseOfBefore) {
  given_events(false);
  const std::array sessions{session()};
  const auto before = open().snapshot(sessions).value();
  const auto rows_before = open().sendable(link_, 100, 1 << 30).value();
  overwrite(0, std::string(kPageBytes, 'Z'));
  Outbox outbox = open();
  const auto after = outbox.snapshot(sessions).value();
  EXPECT_EQ(after.pending, before.pending);
  EXPECT_EQ(after.unlinked, before.unlinked);
  EXPECT_EQ(after.sendable, before.sendable);
  EXPECT_EQ(after.parked.at(0).reason, "bad: no");
  EXPECT_EQ(after.oldest_queued_at_ms, before.oldest_queued_at_ms);
  EXPECT_EQ(after.last_delivery_ms, before.last_delivery_ms);
  const auto rows_after = outbox.sendable(link_, 100, 1 << 30).value();
  ASSERT_EQ(rows_after.size(), rows_before.size());
  for (std::size_t i = 0; i < rows_after.size(); ++i) {
    EXPECT_EQ(rows_after[i].id, rows_before[i].id);
    EXPECT_EQ(rows_after[i].data, rows_before[i].data);
  }
}

TEST_F(SalvageTest, OneDamagedPageCostsAtMostTheEventsOnItAndNamesHowMany) {
  given_events(false);
  const std::string whole = content(file());
  for (std::size_t page = 0; page < whole.size() / kPageBytes; ++page) {
    std::filesystem::remove_all(home_);
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(disk_, file(), whole, 0600));
    overwrite(page * kPageBytes, std::string(kPageBytes, '\x5a'));
    warnings_ = {};
    auto outbox = Outbox::open(environment_, home_);
    ASSERT_TRUE(outbox) << page << outbox.error().message;
    const auto used = use(*outbox, kRows + 1);
    ASSERT_TRUE(used) << page << used.error().message;
    ASSERT_TRUE(outbox->mend_if_damaged()) << page;
    outbox->report_to(warnings_);
    EXPECT_EQ(integrity(), "ok") << page;
    const auto events = queued();
    EXPECT_GE(events.size(), kRows + 1 - 8) << page;
    EXPECT_EQ(outbox->high_water().value(), kRows + 1) << page;
    if (events.size() == kRows + 1) continue;
    const std::size_t lost = kRows + 1 - events.size();
    const std::string missing =
        fmt::format(", could not be read: {} event{} (01HX", lost, lost == 1 ? "" : "s");
    EXPECT_NE(report().find(missing), std::string::npos) << page << report();
    const std::string all = report();
    EXPECT_EQ(std::count(all.begin(), all.end(), ','), static_cast<std::ptrdiff_t>(lost)) << page << all;
  }
}

TEST_F(SalvageTest, ACutDatabaseKeepsWhatStandsBeforeTheCut) {
  given_events(false);
  const std::string whole = content(file());
  // Of the events that fit into a page: where theirs ends.
  std::map<std::uint64_t, std::size_t> ends;
  for (std::uint64_t i = 1; i <= kRows; ++i) {
    const std::size_t at = whole.rfind(long_row(i, std::nullopt).data);  // a page that was split keeps a copy
    if (at != std::string::npos) ends[i] = (at / kPageBytes + 1) * kPageBytes;
  }
  ASSERT_EQ(ends.size(), 54U);
  for (std::size_t size = 1; size < whole.size(); size += 5 * kPageBytes / 2 + 1) {
    std::filesystem::remove_all(home_);
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(disk_, file(), whole.substr(0, size), 0600));
    std::set<std::uint64_t> before_the_cut{kRows + 1};
    for (const auto& [lamport, end] : ends)
      if (end <= size) before_the_cut.insert(lamport);
    auto outbox = Outbox::open(environment_, home_);
    ASSERT_TRUE(outbox) << size << outbox.error().message;
    ASSERT_TRUE(use(*outbox, kRows + 1)) << size;
    ASSERT_TRUE(outbox->mend_if_damaged()) << size;
    EXPECT_TRUE(std::ranges::includes(queued(), before_the_cut)) << size;
    EXPECT_EQ(integrity(), "ok") << size;
  }
}

TEST_F(SalvageTest, EventsThatAreInTheWalAloneAreCarriedOver) {
  given_events(true, 15);
  ASSERT_TRUE(disk_.remove(file()));
  Outbox outbox = open();
  ASSERT_TRUE(use(outbox, kRows + 1));
  EXPECT_EQ(queued().size(), 16U);
}

// SQLite takes such a database for a new one, and removes the WAL of a former one.
TEST_F(SalvageTest, AnEmptyDatabaseTakesNoWalWithItWhoeverOpensIt) {
  given_events(true, 15);
  const std::string wal = content(home_ / "outbox.db-wal");
  const std::string database = content(file());
  for (const std::size_t size : {0U, 1U, 50U, 99U}) {
    std::filesystem::remove_all(home_);
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(disk_, file(), database.substr(0, size), 0600));
    ASSERT_TRUE(replace_file(disk_, home_ / "outbox.db-wal", wal, 0600));
    EXPECT_FALSE(Outbox::open_existing(environment_, home_)) << size;
    EXPECT_EQ(content(home_ / "outbox.db-wal"), wal) << size;
    Outbox outbox = open();
    EXPECT_EQ(queued().size(), 15U) << size;
    EXPECT_EQ(set_aside().size(), 1U) << size;
    outbox.report_to(warnings_);
    EXPECT_NE(report().find("15 events"), std::string::npos) << report();
  }
}

TEST_F(SalvageTest, AWalCutAtAnyPlaceKeepsTheCommitsBeforeTheCut) {
  given_events(true);
  const std::string database = content(file());
  const std::string wal = content(home_ / "outbox.db-wal");
  std::size_t last = 0;
  for (std::size_t size = 0; size <= wal.size(); size += 14'999) {
    std::filesystem::remove_all(home_);
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
    ASSERT_TRUE(replace_file(disk_, file(), database, 0600));
    ASSERT_TRUE(replace_file(disk_, home_ / "outbox.db-wal", wal.substr(0, size), 0600));
    const std::size_t carried = read_carried(database, wal.substr(0, size)).rows.size();
    Outbox outbox = open();
    EXPECT_EQ(queued().size(), carried) << size;
    EXPECT_GE(carried, last) << size;
    last = carried;
    EXPECT_EQ(integrity(), "ok") << size;
  }
  EXPECT_GE(last, kRows - 5);
}

// To SQLite it ends there, and the next writer would go over what stands behind.
TEST_F(SalvageTest, AWalDamagedInItsMiddleKeepsTheCommitsBehindTheDamage) {
  given_events(true, 15);
  const std::string damaged = flip_in_wal(2);
  Outbox outbox = open();
  outbox.report_to(warnings_);
  ASSERT_TRUE(use(outbox, kRows + 1));
  EXPECT_EQ(queued().size(), 16U);
  EXPECT_EQ(integrity(), "ok");
  ASSERT_EQ(set_aside().size(), 1U);
  EXPECT_EQ(content(set_aside()[0].string() + "-wal"), damaged);
  EXPECT_NE(report().find("carried over: 15 events and 1 link,"), std::string::npos) << report();
}

// No emission and no delivery reads the page of an event that has no destination.
TEST_F(SalvageTest, DamageThatOnlyALinkMeetsIsMendedByIt) {
  given_events(false);
  const std::size_t page = content(file()).find(R"("n":31,)") / kPageBytes * kPageBytes;
  ASSERT_GT(page, 0U);
  overwrite(page, "Z");
  Outbox outbox = open();
  const auto linked = outbox.link(destination("/repo/.git", "team-2"), true);
  ASSERT_TRUE(linked) << linked.error().message;
  outbox.report_to(warnings_);
  EXPECT_EQ(set_aside().size(), 1U);
  EXPECT_GT(linked->released, 0U);
  EXPECT_EQ(outbox.sendable(linked->link, 100, 1 << 20).value().size(), linked->released);
}

// Who has it open has found the end before, and those who come later believe that.
TEST_F(SalvageTest, ADamagedWalIsNoticedByAWriterAlsoWhileAReaderHasIt) {
  given_events(true, 15);
  flip_in_wal(2);
  auto reader = sqlite::Connection::open(file(), sqlite::Access::read_only);
  ASSERT_TRUE(reader && reader->execute("SELECT count(*) FROM queue"));
  {
    Outbox outbox = open();
    outbox.report_to(warnings_);
    ASSERT_TRUE(use(outbox, kRows + 1));
  }
  EXPECT_EQ(set_aside().size(), 1U);
  EXPECT_EQ(queued().size(), 16U);
}

// As a program did that knew nothing of it: what it wrote is newer than what stands behind.
TEST_F(SalvageTest, WhatWasWrittenOverTheDamageIsNotTakenBackByWhatStandsBehind) {
  given_events(true, 15);
  flip_in_wal(3);
  {
    auto other = sqlite::Connection::open(file(), sqlite::Access::read_write);
    ASSERT_TRUE(other && other->no_checkpoint_on_close());
    for (const int lamport : {100, 101, 102}) {
      ASSERT_TRUE(
          other->execute(fmt::format("INSERT INTO queue(event_id, lamport, state, queued_at, data) "
                                     "VALUES('{}', {}, 'pending', 0, '{{}}')",
                                     row(static_cast<std::uint64_t>(lamport)).event_id, lamport)));
    }
  }
  Outbox outbox = open();
  outbox.report_to(warnings_);
  EXPECT_EQ(set_aside().size(), 1U);
  const auto left = queued();
  EXPECT_TRUE(left.contains(100) && left.contains(101) && left.contains(102));
  EXPECT_GE(left.size(), 3U + 14U) << report();
}

TEST_F(SalvageTest, AnEventWhoseLinkIsLostGoesNowhere) {
  given_events(false);
  const std::size_t links = content(file()).find("http://127.0.0.1:1");
  ASSERT_NE(links, std::string::npos);
  overwrite(links / kPageBytes * kPageBytes, std::string(kPageBytes, '\0'));
  Outbox outbox = open();
  ASSERT_TRUE(outbox.mend());
  outbox.report_to(warnings_);
  EXPECT_NE(report().find("lost: 1 link, "), std::string::npos) << report();
  const Link other = outbox.link(destination("/repo/.git", "team-2"), false).value().link;
  EXPECT_TRUE(outbox.sendable(other, 100, 1 << 20).value().empty());
  const std::array sessions{session()};
  EXPECT_EQ(outbox.snapshot(sessions).value().unlinked, kRows - 2);
}

TEST_F(SalvageTest, AProcessThatHasTheOldFileOpenGoesOnInTheNewOne) {
  given_events(false);
  Outbox mine = open();
  Outbox other = open();
  Outbox third = open();
  ASSERT_TRUE(mine.mend());
  const std::array rows{long_row(kRows + 1, std::nullopt)};
  ASSERT_TRUE(other.append(rows, Durability::process));
  EXPECT_TRUE(queued().contains(kRows + 1));
  // Two have met the damage: the second one to mend finds it done.
  ASSERT_TRUE(third.mend());
  EXPECT_EQ(third.high_water().value(), kRows + 1);
  EXPECT_EQ(set_aside().size(), 1U);
}

TEST_F(SalvageTest, AnOutboxThatWasDeletedUnderUsIsMadeAnew) {
  Outbox outbox = open();
  std::filesystem::remove(file());
  const std::array rows{row(1)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  EXPECT_EQ(queued(), std::set<std::uint64_t>{1});
}

TEST_F(SalvageTest, AnInterruptedSalvageIsFinishedByTheNextOpen) {
  given_events(false);
  const std::string whole = content(file());
  ASSERT_TRUE(disk_.rename(file(), home_ / "outbox.db.corrupt-01HX0000000000000000000000"));
  ASSERT_TRUE(replace_file(disk_, home_ / "outbox.db.salvaged", whole, 0600));
  ASSERT_TRUE(replace_file(disk_, home_ / "outbox.db-wal", "of the old one", 0600));
  Outbox outbox = open();
  ASSERT_TRUE(use(outbox, kRows + 1));
  EXPECT_EQ(queued().size(), kRows + 1);
  EXPECT_EQ(warnings_.all().size(), 1U);
}

// Everything that comes after the nth renaming does not happen.
class DiskUntilRename final : public DiskAbove {
 public:
  DiskUntilRename(Disk& below, int renames) : DiskAbove(below), left_(renames) {}
  Result<void> rename(const Path& from, const Path& to) override {
    if (left_-- > 0) return below_.rename(from, to);
    return fail(ErrorKind::io, "the program was killed");
  }

 private:
  int left_;
};

TEST_F(SalvageTest, WhereverItIsInterruptedTheNextOpenNamesWhatItWouldHaveNamed) {
  for (int renames = 0;; ++renames) {
    SCOPED_TRACE(renames);
    std::filesystem::remove_all(home_);
    warnings_ = {};
    given_events(false);
    overwrite(kPageBytes * 8, std::string(kPageBytes * 8, '\7'));
    ASSERT_TRUE(replace_file(disk_, home_ / "outbox.db-wal", "of the damaged one", 0600));
    DiskUntilRename disk(disk_, renames);
    Environment interrupted = environment_;
    interrupted.disk = &disk;
    const auto done = salvage(interrupted, home_);
    ASSERT_TRUE(done || done.error().message == "the program was killed");
    Outbox outbox = open();
    ASSERT_TRUE(outbox.mend_if_damaged());
    outbox.report_to(warnings_);
    ASSERT_EQ(set_aside().size(), 1U);
    const std::string name = set_aside().front().filename().string();
    EXPECT_TRUE(report().contains("is now " + name + "; carried over: ")) << report();
    EXPECT_TRUE(report().contains("could not be read: ")) << report();
    EXPECT_EQ(content(home_ / (name + "-wal")), "of the damaged one");
    Outbox later = open();
    Warnings again;
    later.report_to(again);
    EXPECT_TRUE(again.all().empty());
    if (done) return;
  }
}

TEST_F(SalvageTest, WhoHadItOpenMakesNoneInThePlaceOfWhatIsCarriedOver) {
  given_events(false);
  Outbox running = open();
  DiskUntilRename disk(disk_, 3);
  Environment interrupted = environment_;
  interrupted.disk = &disk;
  ASSERT_FALSE(salvage(interrupted, home_));
  ASSERT_FALSE(std::filesystem::exists(file()));
  const std::array rows{long_row(kRows + 1, std::nullopt)};
  if (!running.append(rows, Durability::process)) {
    Outbox later = open();
    ASSERT_TRUE(later.append(rows, Durability::process));
  }
  EXPECT_EQ(queued().size(), kRows + 1);
}

TEST_F(SalvageTest, AFormatThatIsNewerIsNoDamage) {
  open();
  {
    auto connection = sqlite::Connection::open(file(), sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 99"));
  }
  EXPECT_FALSE(Outbox::open(environment_, home_));
  EXPECT_TRUE(set_aside().empty());
}

}  // namespace
}  // namespace pawprint::outbox
