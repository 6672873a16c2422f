// Files of the home cut, or changed by one bit, at every byte: never a crash, never the loss of an event that
// can still be read. Of the WAL, which is large, every byte of the frame heads and some of the pages between
// them; with PAWPRINT_EVERY_BYTE in the environment, all of them.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "outbox/clock_file.h"
#include "outbox/line_reader.h"
#include "outbox/readable.h"
#include "outbox/schema.h"
#include "outbox/spill_for_test.h"

namespace pawprint::outbox {
namespace {

constexpr std::size_t kWalHeadBytes = 32;
constexpr std::size_t kFrameHeadBytes = 24;
constexpr std::size_t kFrameBytes = kFrameHeadBytes + 4096;

// In memory where that is possible: thousands of homes, none of which has to last.
class DamageTest : public SpillHomeTest {
 protected:
  DamageTest() : SpillHomeTest(::access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : testing::TempDir()) {}
  void overwrite(const Path& path, std::string_view text) {
    auto file = disk_.open(path, OpenMode::create, 0600);
    ASSERT_TRUE(file && (*file)->truncate(text.size()) && (*file)->write_at(0, text));
  }
  static std::string flipped(std::string text, std::size_t at, std::size_t bit) {
    text[at] = static_cast<char>(static_cast<unsigned char>(text[at]) ^ (1U << bit));
    return text;
  }
  // The last bytes of the name of the state that the row has.
  void spoil_state(const NewRow& row, RowState state, std::size_t bytes) {
    {
      auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write);
      ASSERT_TRUE(connection->execute("SELECT * FROM meta") && connection->checkpoint_truncate());
    }
    std::string text = read_file(disk_, home_ / kDatabase).value().value();
    const std::string before = *row.project_uuid + std::string(name_of(state));
    for (auto at = text.find(before); at != std::string::npos; at = text.find(before)) {
      for (std::size_t back = 1; back <= bytes; ++back)
        text = flipped(std::move(text), at + before.size() - back, 0);
    }
    overwrite(home_ / kDatabase, text);
  }
  static std::vector<std::size_t> places_of_wal(std::size_t size) {
    const bool every_byte = std::getenv("PAWPRINT_EVERY_BYTE") != nullptr;
    std::vector<std::size_t> places;
    for (std::size_t at = 0; at < size; ++at) {
      const std::size_t in_frame = at < kWalHeadBytes ? 0 : (at - kWalHeadBytes) % kFrameBytes;
      if (every_byte || in_frame <= kFrameHeadBytes + 4 || in_frame % 509 == 0) places.push_back(at);
    }
    return places;
  }
  // Of the spill's lines those that can be read: the ids of their events.
  std::set<std::string> readable_lines() {
    std::set<std::string> ids;
    auto file = disk_.open(spill_path("events.jsonl"), OpenMode::read, 0600);
    LineReader reader(**file, 0);
    for (auto line = reader.next(); line && *line; line = reader.next()) {
      if (const auto read = read_spill_line((*line)->text)) ids.insert(read->row.event_id);
    }
    return ids;
  }
  static std::set<std::string> arrived(Outbox& outbox, const std::set<std::string>& ids) {
    const auto known = outbox.known_ids(std::vector(ids.begin(), ids.end())).value();
    return {known.begin(), known.end()};
  }
};

TEST_F(DamageTest, AClockWithAFlippedBitNeverGoesBehindTheQueue) {
  const std::string whole = write_clock_file(1000, "a1b2c3d4e5f6", kNow);
  Warnings warnings;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      overwrite(home_ / "clock.json", flipped(whole, at, bit));
      const auto value = clock().tick(1, 1000, warnings);
      ASSERT_TRUE(value) << at << " " << value.error().message;
      EXPECT_GT(*value, 1000U) << at;
      EXPECT_EQ(content(home_ / "clock.json").size(), whole.size()) << at;
    }
  }
}

TEST_F(DamageTest, ADamagedWalCostsAtMostItsLastCommitAndTheDatabaseStaysSound) {
  std::vector<std::size_t> ends;
  {
    Outbox outbox = open();
    const std::array first{event(1)};
    ASSERT_TRUE(outbox.append(first, Durability::power));
    auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write);
    ASSERT_TRUE(connection->no_checkpoint_on_close() && connection->execute("SELECT * FROM queue") &&
                connection->checkpoint_truncate());
    for (std::uint64_t lamport = 2; lamport <= 4; ++lamport) {
      const std::array rows{event(lamport)};
      ASSERT_TRUE(outbox.append(rows, Durability::power));
      ends.push_back(disk_.status(home_ / "outbox.db-wal").value()->size_bytes);
    }
  }
  const Path wal = home_ / "outbox.db-wal";
  const std::string whole = content(wal);
  const std::string database = content(home_ / kDatabase);
  ASSERT_EQ(whole.size(), ends.back());
  const auto look = [&](std::size_t at, bool cut) {
    std::filesystem::remove_all(home_);
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
    overwrite(home_ / kDatabase, database);
    overwrite(wal, cut ? whole.substr(0, at) : flipped(whole, at, at % 8));
    Outbox outbox = open();
    const auto there = std::ranges::count_if(ends, [&](std::size_t end) { return end <= at; });
    const auto values = queued();
    // Each commit writes the page with the events before it once more.
    const std::uint64_t expected = cut || at >= ends[1] ? 1 + static_cast<std::uint64_t>(there) : 4;
    ASSERT_GE(values.size(), expected) << at << (cut ? " cut" : " flipped");
    EXPECT_EQ(values, from_to(1, values.size())) << at;
    EXPECT_GE(outbox.high_water().value(), values.size()) << at;
    auto connection = sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_only);
    auto check = connection->prepare("PRAGMA integrity_check");
    ASSERT_TRUE(check && check->step());
    EXPECT_EQ(check->text(0), "ok") << at;
  };
  for (const std::size_t at : places_of_wal(whole.size())) {
    look(at, true);
    look(at, false);
  }
}

TEST_F(DamageTest, ASpillKeepsEveryLineThatTheDamageDoesNotTouch) {
  ASSERT_TRUE(spill(1, 4));
  const Path file = spill_path("events.jsonl");
  const std::string whole = content(file);
  std::vector<std::size_t> ends;  // where each line's newline stands
  for (std::size_t at = whole.find('\n'); at != std::string::npos; at = whole.find('\n', at + 1))
    ends.push_back(at);
  ASSERT_EQ(ends.size(), 4U);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    overwrite(file, whole.substr(0, at));
    auto there = readable_lines();
    for (std::uint64_t line = 1; line <= 4; ++line)
      EXPECT_EQ(there.contains(event(line).event_id), ends[line - 1] <= at) << line << " cut at " << at;
    overwrite(file, flipped(whole, at, at % 7));
    there = readable_lines();
    for (std::uint64_t line = 1; line <= 4; ++line) {
      const std::size_t begin = line == 1 ? 0 : ends[line - 2];  // with the newline before it
      EXPECT_TRUE(there.contains(event(line).event_id) || (begin <= at && at <= ends[line - 1]))
          << line << " " << at;
    }
    EXPECT_TRUE(Spill(environment_, home_).highest());
  }
}

TEST_F(DamageTest, ADamagedSpillIsRefilledWithEveryLineThatCanBeReadAndTheRestIsKept) {
  Outbox outbox = open();
  const Path file = spill_path("events.jsonl");
  std::uint64_t next = 1'000'000;  // so that all lines are equally long
  ASSERT_TRUE(spill(next, next + 1));
  const std::size_t bytes = content(file).size();
  for (std::size_t at = 0; at < bytes; ++at) {
    for (const bool cut : {true, false}) {
      ASSERT_TRUE(outbox.refill(kRoomy));
      next += 10;
      ASSERT_TRUE(spill(next, next + 1)) << at;
      const std::string whole = content(file);
      overwrite(file, cut ? whole.substr(0, at) : flipped(whole, at, at % 7));
      ASSERT_TRUE(spill(next + 2, next + 2)) << at;
      const auto readable = readable_lines();
      EXPECT_TRUE(readable.contains(event(next + 2).event_id)) << at;
      const bool first_is_whole = cut ? at + 1 >= bytes / 2 : at >= bytes / 2;
      EXPECT_TRUE(!first_is_whole || readable.contains(event(next).event_id)) << at;
      ASSERT_TRUE(outbox.refill(kRoomy)) << at;
      EXPECT_EQ(arrived(outbox, readable), readable) << at << (cut ? " cut" : " flipped");
    }
  }
  EXPECT_GT(count_spill(environment_, home_).value().rejected, 0U);
}

// An index goes on to name the row under the state that it had, so a delivery comes across it.
TEST_F(DamageTest, AStateWithAFlippedBitIsNamedAndMendedByWhoeverMovesTheRow) {
  const NewRow damaged = row(1, 1);
  for (const auto& [state, next] :
       {std::pair{RowState::pending, RowState::sent}, std::pair{RowState::parked, RowState::pending}}) {
    {
      Outbox outbox = open();
      ASSERT_EQ(outbox.link(destination(), false).value().link.link_id, damaged.link_id);
      ASSERT_TRUE(outbox.append(std::array{damaged}, Durability::power));
      const std::array refused{Settlement{.id = 1, .to = RowState::parked, .reason = "malformed: x"}};
      ASSERT_TRUE(state == RowState::pending || outbox.settle(refused));
    }
    spoil_state(damaged, state, 1);

    Outbox outbox = open();
    const auto named = outbox.rows_of_no_state().value();
    ASSERT_EQ(named.size(), 1U);
    EXPECT_EQ(named[0].first, damaged.event_id);
    const std::array moved{Settlement{.id = 1, .to = next, .reason = {}}};
    ASSERT_TRUE(outbox.settle(moved));
    EXPECT_EQ(outbox.row(damaged.event_id).value()->state, next);
    EXPECT_TRUE(outbox.rows_of_no_state().value().empty());
    std::filesystem::remove_all(home_);
  }
}

// No page of the file is wrong then, and no delivery begins with what is counted as nothing.
TEST_F(DamageTest, AnEventThatACounterHidesIsFoundByWhoReadsEveryPage) {
  for (const char* damage : {"UPDATE meta SET value = 0 WHERE key = 'pending'",
                             "UPDATE meta SET key = 'qending' WHERE key = 'pending'",
                             "UPDATE meta SET scope = '9' WHERE key = 'pending'",
                             "UPDATE meta SET value = value - 2 WHERE key = 'unlinked'"}) {
    NewRow unlinked = row(2, 2);
    unlinked.link_id.reset();
    Outbox outbox = open();
    ASSERT_TRUE(outbox.link(destination(), false));
    ASSERT_TRUE(outbox.append(std::array{row(1, 1), unlinked}, Durability::power));
    ASSERT_TRUE(outbox.mend_if_damaged());
    Warnings warnings;
    outbox.report_to(warnings);
    ASSERT_TRUE(warnings.all().empty());
    ASSERT_TRUE(sqlite::Connection::open(home_ / kDatabase, sqlite::Access::read_write)->execute(damage));
    ASSERT_TRUE(outbox.mend_if_damaged());
    EXPECT_EQ(outbox.waiting_links().value().size(), 1U) << damage;
    EXPECT_EQ(outbox.snapshot({})->pending, 1U) << damage;
    EXPECT_EQ(outbox.snapshot({})->unlinked, 1U) << damage;
    EXPECT_TRUE(database_facts(environment_, home_).value()->damage.empty()) << damage;
    std::filesystem::remove_all(home_);
  }
}

TEST_F(DamageTest, ARowWhoseStateCannotBeToldIsParkedForAPersonToDecide) {
  const NewRow damaged = row(1, 1);
  {
    Outbox outbox = open();
    ASSERT_EQ(outbox.link(destination(), false).value().link.link_id, damaged.link_id);
    ASSERT_TRUE(outbox.append(std::array{damaged}, Durability::power));
  }
  spoil_state(damaged, RowState::pending, 2);

  Outbox outbox = open();
  ASSERT_TRUE(outbox.mend_if_damaged());
  const auto row = outbox.row(damaged.event_id).value();
  ASSERT_TRUE(row);
  EXPECT_EQ(row->state, RowState::parked);
  EXPECT_EQ(row->data, damaged.data);
  ASSERT_EQ(outbox.snapshot({}).value().parked.size(), 1U);
  EXPECT_EQ(outbox.snapshot({}).value().parked[0].reason, "damaged: its state could not be read");
  Warnings warnings;
  outbox.report_to(warnings);
  EXPECT_NE(warnings.all().at(0).message.find("carried over: 1 event and 1 link, no event"),
            std::string::npos)
      << warnings.all().at(0).message;
}

}  // namespace
}  // namespace pawprint::outbox
