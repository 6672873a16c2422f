#include "outbox/outbox.h"

#include <array>
#include <csignal>
#include <fstream>
#include <set>

#include "outbox/home_for_test.h"

namespace pawprint::outbox {
namespace {

class OutboxTest : public HomeTest {
 protected:
  std::string integrity() {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    auto check = connection->prepare("PRAGMA integrity_check");
    return check->step() ? check->text(0) : "no answer";
  }
  Outbox::Snapshot snapshot(Outbox& outbox) {
    const std::array sessions{session()};
    return outbox.snapshot(sessions).value();
  }
};

TEST_F(OutboxTest, WhatIsAppendedIsThereForTheNextProcess) {
  const std::array rows{row(1), row(2)};
  ASSERT_TRUE(open().append(rows, Durability::power));
  Outbox again = open();
  EXPECT_EQ(again.high_water().value(), 2U);
  EXPECT_EQ(snapshot(again).unlinked, 2U);
  const std::array asked{row(1).event_id, row(9).event_id};
  EXPECT_EQ(again.known_ids(asked).value(), std::vector{row(1).event_id});
}

TEST_F(OutboxTest, HomeAndDatabaseAreForTheirOwnerAlone) {
  open();
  EXPECT_EQ(disk_.status(home_).value()->mode, 0700U);
  EXPECT_EQ(disk_.status(home_ / "outbox.db").value()->mode, 0600U);
}

TEST_F(OutboxTest, AppendIsAllOrNone) {
  Outbox outbox = open();
  const std::array rows{row(1), row(2), row(1)};
  const auto refused = outbox.append(rows, Durability::power);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  EXPECT_EQ(snapshot(outbox).unlinked, 0U);
  EXPECT_EQ(outbox.high_water().value(), 0U);
  EXPECT_TRUE(outbox.append(std::span(rows).first(2), Durability::power));
}

TEST_F(OutboxTest, AnAppendWorksAgainAfterOneThatFailed) {
  Outbox outbox = open();
  for (std::uint64_t i = 1; i <= 50; ++i) {
    const std::array rows{row(i)};
    ASSERT_TRUE(outbox.append(rows, Durability::process)) << i;
    ASSERT_FALSE(outbox.append(rows, Durability::process)) << i;
  }
  EXPECT_EQ(snapshot(outbox).unlinked, 50U);
}

TEST_F(OutboxTest, AHeldLockIsReportedAndNothingIsWritten) {
  Outbox outbox = open();
  const std::array rows{row(1)};
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    const auto refused = outbox.append(rows, Durability::process);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::busy);
  }
  EXPECT_TRUE(outbox.append(rows, Durability::process));
  EXPECT_EQ(snapshot(outbox).unlinked, 1U);
}

// Who has the file of the old lock open would else write beside those who lock the new one.
TEST_F(OutboxTest, WhereAHomeWasMovedAndCopiedBackTheLockOfTheCopyIsTaken) {
  Outbox outbox = open();
  LamportClock one = clock();
  Warnings warnings;
  ASSERT_TRUE(outbox.append(std::array{row(1)}, Durability::process));
  ASSERT_EQ(one.tick(1, 0, warnings).value(), 1U);
  std::filesystem::rename(home_, directory_ / "moved");
  std::filesystem::copy(directory_ / "moved", home_);
  time_.advance_ms(1'000);
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    const auto held_clock = FileLock::acquire_blocking(home_ / "clock.lock");
    const auto refused = outbox.append(std::array{row(2)}, Durability::process);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::busy);
    const auto none = one.tick(1, 0, warnings);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().kind, ErrorKind::busy);
  }
  ASSERT_TRUE(outbox.append(std::array{row(2)}, Durability::process));
  EXPECT_EQ(snapshot(outbox).unlinked, 2U);
  EXPECT_EQ(one.tick(1, 0, warnings).value(), 2U);
  EXPECT_EQ(open().snapshot({}).value().unlinked, 2U);
}

TEST_F(OutboxTest, ANewerFormatIsRefusedByName) {
  open();
  {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 99"));
  }
  const auto refused = Outbox::open(environment_, home_);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("99"), std::string::npos);
}

TEST_F(OutboxTest, RowsGoOutInTheOrderOfTheClockWithinABudget) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  const std::array rows{row(30, link.link_id), row(10, link.link_id), row(20, link.link_id)};
  ASSERT_TRUE(outbox.append(rows, Durability::process));
  std::vector<std::uint64_t> order;
  const auto all = outbox.sendable(link, 100, 1 << 20).value();
  for (const SendableRow& sendable : all) order.push_back(sendable.lamport);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{10, 20, 30}));
  EXPECT_EQ(outbox.sendable(link, 2, 1 << 20).value().size(), 2U);
  EXPECT_EQ(outbox.sendable(link, 100, 1).value().size(), 1U);
}

TEST_F(OutboxTest, ADestinationIsStampedOnceAndUnlinkingOrRelinkingChangesNoRow) {
  Outbox outbox = open();
  const Link first = outbox.link(destination(), false).value().link;
  const std::array rows{row(1, first.link_id)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  ASSERT_TRUE(outbox.unlink(first.project_uuid, first.repo_instance).value());
  EXPECT_TRUE(outbox.sendable(first, 10, 1 << 20).value().empty());

  const auto second = outbox.link(destination("/repo/.git", "team-2"), true).value();
  EXPECT_TRUE(second.changed);
  EXPECT_EQ(second.released, 0U);
  EXPECT_TRUE(outbox.sendable(second.link, 10, 1 << 20).value().empty());
}

TEST_F(OutboxTest, OnlyReleaseGivesWaitingRowsADestination) {
  Outbox outbox = open();
  const std::array rows{row(1), row(2)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  const auto linked = outbox.link(destination(), false).value();
  EXPECT_EQ(linked.released, 0U);
  EXPECT_EQ(outbox.unlinked_pending(linked.link.project_uuid, linked.link.repo_instance).value(), 2U);
  const auto released = outbox.link(destination(), true).value();
  EXPECT_FALSE(released.changed);
  EXPECT_EQ(released.released, 2U);
  EXPECT_EQ(outbox.sendable(released.link, 10, 1 << 20).value().size(), 2U);
  EXPECT_EQ(snapshot(outbox).unlinked, 0U);
  EXPECT_EQ(snapshot(outbox).pending, 2U);
}

TEST_F(OutboxTest, ACopyOfTheProjectIsNotLinked) {
  Outbox outbox = open();
  ASSERT_TRUE(outbox.link(destination(), false));
  EXPECT_TRUE(outbox.active_link(destination().project_uuid, "/repo/.git").value());
  EXPECT_FALSE(outbox.active_link(destination().project_uuid, "/copy/.git").value());
  EXPECT_TRUE(outbox.linked_elsewhere(destination().project_uuid, "/copy/.git").value());
  EXPECT_FALSE(outbox.linked_elsewhere(destination().project_uuid, "/repo/.git").value());
}

TEST_F(OutboxTest, OnlyASessionOfTheSameOriginTeamAndUserDelivers) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  const std::array rows{row(1, link.link_id)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  const std::array right{session()};
  const std::array wrong{session("team-2"), SessionKey{"http://127.0.0.1:2", "team-1", "user-1"},
                         SessionKey{"http://127.0.0.1:1", "team-1", "user-2"}};
  EXPECT_EQ(outbox.snapshot(right).value().sendable, 1U);
  EXPECT_EQ(outbox.snapshot(wrong).value().sendable, 0U);
}

TEST_F(OutboxTest, SettlingFollowsTheTableOfStates) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  const std::array rows{row(1, link.link_id), row(2, link.link_id)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  const auto queued = outbox.sendable(link, 10, 1 << 20).value();
  const std::array settlements{
      Settlement{queued[0].id, RowState::sent, ""},
      Settlement{queued[1].id, RowState::parked, "schema_mismatch: payload.wp_id: missing"}};
  ASSERT_TRUE(outbox.settle(settlements));
  const auto counts = snapshot(outbox);
  EXPECT_EQ(counts.pending, 0U);
  ASSERT_EQ(counts.parked.size(), 1U);
  EXPECT_EQ(counts.parked[0].reason, "schema_mismatch: payload.wp_id: missing");
  EXPECT_EQ(counts.last_delivery_ms, kNow);
  const std::array backwards{Settlement{queued[0].id, RowState::parked, ""}};
  EXPECT_FALSE(outbox.settle(backwards));
  const std::array nowhere{Settlement{4711, RowState::sent, ""}};
  EXPECT_FALSE(outbox.settle(nowhere));
}

TEST_F(OutboxTest, SentRowsAreForgottenAfterThreeDays) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  const auto send = [&](std::uint64_t lamport) {
    const std::array rows{row(lamport, link.link_id)};
    ASSERT_TRUE(outbox.append(rows, Durability::power));
    const std::array settled{
        Settlement{outbox.sendable(link, 1, 1 << 20).value().at(0).id, RowState::sent, ""}};
    ASSERT_TRUE(outbox.settle(settled));
  };
  const auto known = [&](std::uint64_t lamport) {
    const std::array ids{row(lamport).event_id};
    return outbox.known_ids(ids).value().size() == 1;
  };
  send(1);
  time_.advance_ms(71LL * 3600 * 1000);
  send(2);
  EXPECT_TRUE(known(1));
  time_.advance_ms(2LL * 3600 * 1000);
  send(3);
  EXPECT_FALSE(known(1));
  EXPECT_TRUE(known(2));
}

TEST_F(OutboxTest, EightProcessesEmitAtOnceInANewHomeAndNothingIsLostOrNumberedTwice) {
  constexpr int kProcesses = 8;
  constexpr int kEvents = 200;
  const bool all = in_processes(kProcesses, [&](int process) {
    auto outbox = Outbox::open(environment_, home_);
    while (!outbox && outbox.error().kind == ErrorKind::busy) outbox = Outbox::open(environment_, home_);
    if (!outbox) return false;
    Warnings warnings;
    for (int i = 0; i < kEvents; ++i) {
      const auto high_water = outbox->high_water();
      const auto value = high_water ? clock().tick(1, *high_water, warnings) : high_water;
      if (!value) return false;
      NewRow made = row(*value);
      made.event_id = fmt::format("01HX{:02}{:020}", process, i);
      auto appended = outbox->append(std::span(&made, 1), Durability::process);
      while (!appended && appended.error().kind == ErrorKind::busy)
        appended = outbox->append(std::span(&made, 1), Durability::process);
      if (!appended) return false;
    }
    return warnings.all().empty();
  });
  ASSERT_TRUE(all);

  Outbox outbox = open();
  const Link link = outbox.link(destination(), true).value().link;
  std::set<std::uint64_t> values;
  const auto rows = outbox.sendable(link, 10'000, 1 << 30).value();
  for (const SendableRow& sendable : rows) values.insert(sendable.lamport);
  EXPECT_EQ(rows.size(), std::size_t{kProcesses * kEvents});
  EXPECT_EQ(values.size(), rows.size());
  EXPECT_EQ(outbox.high_water().value(), *values.rbegin());
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(OutboxTest, AKilledProcessLosesNoAppendThatReturned) {
  for (int round = 0; round < 10; ++round) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto outbox = Outbox::open(environment_, home_);
      for (std::uint64_t i = 1; outbox && i < 100'000; ++i) {
        const std::uint64_t lamport = static_cast<std::uint64_t>(round) * 100'000 + i;
        const std::array rows{row(lamport)};
        if (!outbox->append(rows, Durability::process)) ::_exit(1);
        if (::write(ends[1], &lamport, sizeof(lamport)) != sizeof(lamport)) ::_exit(1);
      }
      ::_exit(1);
    }
    ::close(ends[1]);
    std::vector<std::string> reported;
    std::uint64_t lamport = 0;
    while (reported.size() < 20 && ::read(ends[0], &lamport, sizeof(lamport)) == sizeof(lamport)) {
      reported.push_back(row(lamport).event_id);
    }
    ::kill(child, SIGKILL);
    while (::read(ends[0], &lamport, sizeof(lamport)) == sizeof(lamport))
      reported.push_back(row(lamport).event_id);
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_GE(reported.size(), 20U);
    EXPECT_EQ(open().known_ids(reported).value().size(), reported.size());
  }
  EXPECT_EQ(integrity(), "ok");
}

TEST_F(OutboxTest, TheWalStaysSmallWithoutAnyAgent) {
  const auto wal_bytes = [&] { return disk_.status(home_ / "outbox.db-wal").value()->size_bytes; };
  const std::string data = "{\"text\":\"" + std::string(900, 'x') + "\"}";
  for (std::uint64_t process = 0; process < 250; ++process) {
    Outbox outbox = open();
    for (std::uint64_t i = 1; i <= 20; ++i) {
      NewRow made = row(process * 20 + i);
      made.data = data;
      ASSERT_TRUE(outbox.append(std::span(&made, 1), Durability::process));
    }
    ASSERT_LT(wal_bytes(), 1U << 20);
  }
  Outbox outbox = open();
  EXPECT_EQ(snapshot(outbox).unlinked, 5000U);
}

}  // namespace
}  // namespace pawprint::outbox
