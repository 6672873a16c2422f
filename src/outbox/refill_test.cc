#include "outbox/refill.h"

#include <array>
#include <set>

#include "outbox/spill_for_test.h"

namespace pawprint::outbox {
namespace {

class RefillTest : public SpillHomeTest {
 protected:
  std::uint64_t spilled(Outbox& outbox) { return outbox.overflow().value().total(); }
  bool anything_left() { return !Spill(environment_, home_).files().value().empty(); }
};

TEST_F(RefillTest, WhatWasSpilledEntersTheQueueInItsOrderAndTheFileGoes) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 3));
  ASSERT_TRUE(spill(4, 4));
  EXPECT_EQ(spilled(outbox), 4U);
  EXPECT_EQ(outbox.refill(kRoomy).value().queued, 4U);
  EXPECT_EQ(queued(), from_to(1, 4));
  EXPECT_EQ(outbox.high_water().value(), 4U);
  EXPECT_EQ(outbox.snapshot({}).value().unlinked, 4U);
  EXPECT_EQ(spilled(outbox), 0U);
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, ManyTransactionsTakeALargeFile) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 1000));
  EXPECT_EQ(outbox.refill(kRoomy).value().queued, 1000U);
  EXPECT_EQ(queued(), from_to(1, 1000));
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, ADestinationIsKept) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  ASSERT_TRUE(spill(1, 1, mark(link)));
  ASSERT_TRUE(outbox.refill(kRoomy));
  const auto rows = outbox.sendable(link, 10, 1 << 20).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].data, event(1).data);
}

TEST_F(RefillTest, ALinkOfAnotherDatabaseLendsNobodyItsNumber) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  ASSERT_TRUE(spill(1, 1, LinkMark{link.link_id, link.linked_at_ms - 1}));
  EXPECT_EQ(outbox.refill(kRoomy).value().unlinked, 1U);
  EXPECT_TRUE(outbox.sendable(link, 10, 1 << 20).value().empty());
  EXPECT_EQ(outbox.snapshot({}).value().unlinked, 1U);
}

TEST_F(RefillTest, AnEventWhoseLinkIsNotKnownAnyMoreCanBeReleasedByItsOwnInstance) {
  Outbox outbox = open();
  NewRow of_copy = event(1);
  of_copy.repo_instance = "/copy/.git";
  NewRow ours = event(2);
  ours.repo_instance = "/repo/.git";
  const std::array rows{of_copy, ours};
  ASSERT_TRUE(Spill(environment_, home_).append(rows, LinkMark{77, kNow}, Durability::process));
  EXPECT_EQ(outbox.refill(kRoomy).value().unlinked, 2U);
  const auto linked = outbox.link(destination("/repo/.git"), true).value();
  EXPECT_EQ(linked.released, 1U);
  const auto sendable = outbox.sendable(linked.link, 10, 1 << 20).value();
  ASSERT_EQ(sendable.size(), 1U);
  EXPECT_EQ(sendable.front().event_id, ours.event_id);
}

TEST_F(RefillTest, LinesWhoseClassHasRoomPassThoseThatWaitAndNoneIsLost) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  ASSERT_TRUE(spill(1, 3));
  ASSERT_TRUE(spill(4, 5, mark(link)));
  ASSERT_TRUE(spill(6, 6));
  ASSERT_TRUE(spill(7, 7, mark(link)));
  EXPECT_EQ(outbox.refill(2).value().queued, 4U);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2, 4, 5}));
  EXPECT_EQ(spilled(outbox), 3U);
  EXPECT_EQ(outbox.refill(2).value().queued, 0U);
  EXPECT_EQ(spilled(outbox), 3U);
  EXPECT_EQ(outbox.refill(3).value().queued, 2U);
  ASSERT_TRUE(spill(8, 8));
  EXPECT_EQ(outbox.refill(kRoomy).value().queued, 2U);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2, 4, 5, 3, 7, 6, 8}));
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, AnEmitterTakesAFewAndStopsAtTheFirstThatHasToWait) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 70));
  EXPECT_EQ(outbox.refill_some(kRoomy).value().queued, 64U);
  EXPECT_EQ(spilled(outbox), 6U);
  EXPECT_EQ(outbox.refill_some(67).value().queued, 3U);
  EXPECT_EQ(outbox.refill_some(67).value().queued, 0U);
  EXPECT_EQ(spilled(outbox), 3U);
  EXPECT_EQ(outbox.refill_some(kRoomy).value().queued, 3U);
  EXPECT_EQ(queued(), from_to(1, 70));
}

TEST_F(RefillTest, AnEmitterDoesNotWaitForTheLock) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 1));
  const auto held = FileLock::acquire_blocking(home_ / "home.lock");
  const auto refused = outbox.refill_some(kRoomy);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::busy);
  EXPECT_EQ(spilled(outbox), 1U);
}

TEST_F(RefillTest, AnEventThatTheQueueHasIsPassedOver) {
  Outbox outbox = open();
  const std::array rows{event(2)};
  ASSERT_TRUE(outbox.append(rows, Durability::power));
  ASSERT_TRUE(spill(1, 3));
  EXPECT_EQ(outbox.refill(kRoomy).value().queued, 2U);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{2, 1, 3}));
}

TEST_F(RefillTest, ATornLineSwallowsNoLaterOneAndIsKept) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 2));
  const std::string whole = content(spill_path("events.jsonl"));
  std::filesystem::resize_file(spill_path("events.jsonl"), whole.size() - 10);
  ASSERT_TRUE(spill(3, 3));
  const auto count = outbox.refill(kRoomy).value();
  EXPECT_EQ(count.queued, 2U);
  EXPECT_EQ(count.rejected, 1U);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 3}));
  const std::string second = whole.substr(whole.size() / 2);
  EXPECT_EQ(content(spill_path("rejected.jsonl")), second.substr(0, second.size() - 10) + "\n");
  EXPECT_EQ(outbox.overflow().value().unreadable, 1U);
}

TEST_F(RefillTest, ADamagedLineIsReportedWithTheEventThatItStillNames) {
  ASSERT_TRUE(spill(1, 3));
  std::string lines = content(spill_path("events.jsonl"));
  lines[lines.find("\"payload\":{", lines.find(id(2))) + 10] = '[';
  lines += "of another program\n";
  std::ofstream(spill_path("events.jsonl"), std::ios::binary) << lines;
  EXPECT_EQ(count_spill(environment_, home_).value().unreadable_ids, std::set{id(2)});
  Outbox outbox = open();
  const auto count = outbox.refill(kRoomy).value();
  EXPECT_EQ(count.rejected, 2U);
  Warnings warnings;
  report(count, home_, warnings);
  ASSERT_EQ(warnings.all().size(), 1U);
  EXPECT_TRUE(warnings.all()[0].message.ends_with("rejected.jsonl; among them 1 event (" + id(2) + ")"))
      << warnings.all()[0].message;
  EXPECT_EQ(warnings.all()[0].hint, "pawprint sync diagnose");
  EXPECT_EQ(outbox.overflow().value().unreadable_ids, std::set{id(2)});
  ASSERT_TRUE(outbox.append(std::array{event(2)}, Durability::process));
  EXPECT_TRUE(outbox.overflow().value().unreadable_ids.empty()) << "the queue has it";
}

TEST_F(RefillTest, AnEventIsAsOldInTheQueueAsInTheOverflow) {
  ASSERT_TRUE(spill(1, 2));
  time_.advance_ms(3'600'000);
  Outbox outbox = open();
  EXPECT_EQ(outbox.overflow().value().oldest_ms, kNow);
  ASSERT_TRUE(outbox.refill(kRoomy));
  EXPECT_EQ(outbox.snapshot({}).value().oldest_queued_at_ms, kNow);
  EXPECT_EQ(outbox.overflow().value().oldest_ms, std::nullopt);
}

TEST_F(RefillTest, AnEventOfTheOverflowIsNotYoungerThanTheQueueTakesIt) {
  ASSERT_TRUE(spill(1, 1));
  time_.advance_ms(-1'000);
  Outbox outbox = open();
  ASSERT_TRUE(outbox.refill(kRoomy));
  EXPECT_EQ(outbox.snapshot({}).value().oldest_queued_at_ms, kNow - 1'000);
}

TEST_F(RefillTest, WhereverALineIsCutEveryWholeLineEntersTheQueue) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1'000'001, 1'000'002));
  const std::size_t line_bytes = content(spill_path("events.jsonl")).size() / 2;
  ASSERT_TRUE(outbox.refill(kRoomy));
  for (std::size_t length = line_bytes; length <= 2 * line_bytes; ++length) {
    const std::uint64_t first = 1'100'000 + 10 * length;
    ASSERT_TRUE(spill(first, first + 1));
    std::filesystem::resize_file(spill_path("events.jsonl"), length);
    if (length % 2 == 0) {
      ASSERT_TRUE(spill(first + 2, first + 2));
    }
    const std::size_t whole = (length + 1) / line_bytes + (length % 2 == 0 ? 1 : 0);
    const auto count = outbox.refill(kRoomy);
    ASSERT_TRUE(count) << length;
    ASSERT_EQ(count->queued, whole) << length;
    ASSERT_FALSE(anything_left());
  }
}

TEST_F(RefillTest, GarbageIsSetAsideAndStopsNothing) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 1));
  std::ofstream(spill_path("events.jsonl"), std::ios::app) << std::string(900'000, 'z') << "\n\n{}\n";
  ASSERT_TRUE(spill(2, 2));
  const auto count = outbox.refill(kRoomy);
  ASSERT_TRUE(count);
  EXPECT_EQ(count->queued, 2U);
  EXPECT_GE(count->rejected, 2U);
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, ZerosWhereAPowerCutLostAWriteHideNoLineBehindThem) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 1));
  const std::string whole = content(spill_path("events.jsonl"));
  std::ofstream(spill_path("events.jsonl")) << whole << std::string(200'000, '\0') << whole.substr(0, 30);
  std::ofstream(spill_path("events.jsonl"), std::ios::app) << std::string(500, '\0');
  ASSERT_TRUE(spill(2, 2));
  const auto count = outbox.refill(kRoomy);
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ(count->queued, 2U);
  EXPECT_EQ(count->rejected, 1U);
  EXPECT_EQ(queued(), from_to(1, 2));
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, ACrashAfterTheRenameLosesNothing) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 2));
  ASSERT_TRUE(Spill(environment_, home_).take_over(1));
  ASSERT_TRUE(spill(3, 3));
  EXPECT_EQ(spilled(outbox), 3U);
  EXPECT_EQ(outbox.refill(kRoomy).value().queued, 3U);
  EXPECT_EQ(queued(), from_to(1, 3));
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, AFileLeftBehindByACrashAfterTheCommitBringsNothingTwice) {
  Outbox outbox = open();
  ASSERT_TRUE(spill(1, 2));
  const std::string lines = content(spill_path("events.jsonl"));
  ASSERT_TRUE(outbox.refill(kRoomy));
  std::ofstream(spill_path("refill-1")) << lines;
  EXPECT_EQ(spilled(outbox), 0U);
  ASSERT_TRUE(spill(3, 3));
  EXPECT_EQ(outbox.refill_some(kRoomy).value().queued, 1U);
  EXPECT_EQ(queued(), from_to(1, 3));
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, AFileIsRemovedOnlyWhenItsLinesAreCommitted) {
  open();
  ASSERT_TRUE(spill(1, 5));
  ASSERT_TRUE(in_processes(1, [&](int) {
    SmallDisk dying(disk_, 1 << 20);
    dying.after_remove = [](const Path& path) {
      if (path.filename().string().starts_with("refill-")) ::_exit(0);
    };
    environment_.disk = &dying;
    Outbox outbox = open();
    return !outbox.refill(kRoomy).has_value();
  }));
  EXPECT_EQ(queued(), from_to(1, 5));
}

TEST_F(RefillTest, ANewDatabaseTakesUpWhatTheOldOneHadBegun) {
  {
    Outbox outbox = open();
    ASSERT_TRUE(spill(1, 1));
    ASSERT_TRUE(outbox.refill(kRoomy));
    ASSERT_TRUE(spill(2, 70));
    ASSERT_TRUE(outbox.refill_some(10));
  }
  for (const char* name : {"outbox.db", "outbox.db-wal", "outbox.db-shm"})
    std::filesystem::remove(home_ / name);
  Outbox outbox = open();
  ASSERT_TRUE(outbox.refill(kRoomy));
  EXPECT_EQ(queued(), from_to(2, 70));
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, ProcessesThatSpillAndRefillAtOnceLoseAndDoubleNothing) {
  constexpr int kProcesses = 4;
  constexpr std::uint64_t kEvents = 150;
  open();
  const bool all = in_processes(kProcesses, [&](int process) {
    Outbox outbox = open();
    Spill mine(environment_, home_);
    Warnings warnings;
    for (std::uint64_t i = 0; i < kEvents; ++i) {
      const auto value = clock().tick(1, mine.highest().value_or(0), warnings);
      if (!value) return false;
      const std::array rows{event(*value)};
      if (!mine.append(rows, std::nullopt, Durability::process)) return false;
      std::ofstream(directory_ / std::to_string(process), std::ios::app) << *value << "\n";
      const auto refilled = i % 10 == 9 ? outbox.refill(kRoomy) : outbox.refill_some(kRoomy);
      if (!refilled && refilled.error().kind != ErrorKind::busy) {
        std::cerr << refilled.error().message << "\n";
        return false;
      }
    }
    return true;
  });
  ASSERT_TRUE(all);
  ASSERT_TRUE(open().refill(kRoomy));
  const auto values = queued();
  EXPECT_EQ(values.size(), kProcesses * kEvents);
  EXPECT_EQ(std::set(values.begin(), values.end()).size(), values.size());
  for (int process = 0; process < kProcesses; ++process) {
    std::ifstream in(directory_ / std::to_string(process));
    auto from = values.begin();
    for (std::uint64_t value = 0; in >> value;) {
      from = std::find(from, values.end(), value);
      ASSERT_NE(from, values.end()) << "the order of process " << process << " does not hold at " << value;
    }
  }
  EXPECT_FALSE(anything_left());
}

TEST_F(RefillTest, AnUnlinkedProjectsEventsHoldNothingOfALinkedOneBack) {
  constexpr std::uint64_t kLimit = 10'000;
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  std::vector<NewRow> rows;
  for (std::uint64_t lamport = 1; lamport <= kLimit; ++lamport) rows.push_back(row(lamport));
  ASSERT_EQ(outbox.append(rows, Durability::process, kLimit).value(), Appended::stored);
  NewRow one_more = row(kLimit + 1);
  one_more.project_uuid = "22222222-2222-4222-8222-222222222222";
  EXPECT_EQ(outbox.append(std::span(&one_more, 1), Durability::process, kLimit).value(), Appended::full);
  const std::array linked{row(kLimit + 2, link.link_id)};
  EXPECT_EQ(outbox.append(linked, Durability::process, kLimit).value(), Appended::stored);
}

TEST_F(RefillTest, OnlyPendingRowsCountForTheLimit) {
  Outbox outbox = open();
  const Link link = outbox.link(destination(), false).value().link;
  const std::array first{row(1, link.link_id), row(2, link.link_id)};
  ASSERT_EQ(outbox.append(first, Durability::process, 2).value(), Appended::stored);
  const std::array next{row(3, link.link_id), row(4, link.link_id)};
  ASSERT_EQ(outbox.append(next, Durability::process, 2).value(), Appended::full);
  const auto waiting = outbox.sendable(link, 10, 1 << 20).value();
  const std::array settled{Settlement{waiting[0].id, RowState::sent, ""},
                           Settlement{waiting[1].id, RowState::parked, "schema_mismatch: no"}};
  ASSERT_TRUE(outbox.settle(settled));
  EXPECT_EQ(outbox.append(next, Durability::process, 2).value(), Appended::stored);
}

}  // namespace
}  // namespace pawprint::outbox
