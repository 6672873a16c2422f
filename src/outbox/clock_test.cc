#include "outbox/clock.h"

#include <sys/stat.h>

#include <fstream>
#include <set>

#include "outbox/clock_file.h"
#include "outbox/home_for_test.h"
#include "protocol/limits.h"

namespace pawprint::outbox {
namespace {

class ClockTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    ASSERT_TRUE(disk_.make_directories(home_, 0700));
  }
  void put(std::string_view content) { std::ofstream(home_ / "clock.json", std::ios::binary) << content; }
  std::string content() { return read_file(disk_, home_ / "clock.json").value().value_or(""); }
  Warnings warnings_;
};

TEST_F(ClockTest, TheFileIsAlways128BytesOfJson) {
  ASSERT_TRUE(clock().tick(1, 0, warnings_));
  EXPECT_EQ(content().size(), kClockFileBytes);
  EXPECT_TRUE(content().starts_with(R"({"value": 1, "node_id": "a1b2c3d4e5f6", "updated_at": "2026-)"))
      << content();
  EXPECT_EQ(content().back(), '\n');
  EXPECT_TRUE(warnings_.all().empty());
}

TEST_F(ClockTest, EightProcessesNeverGetTheSameValue) {
  constexpr int kProcesses = 8;
  constexpr int kTicks = 2000;  // for so long that they run side by side, also on a loaded machine
  const bool all = in_processes(kProcesses, [&](int process) {
    std::ofstream out(directory_ / std::to_string(process));
    Warnings warnings;
    for (int i = 0; i < kTicks; ++i) {
      auto value = clock().tick(1, 0, warnings);
      // On a loaded machine a turn may not come within the time that a command waits.
      while (!value && value.error().kind == ErrorKind::busy) value = clock().tick(1, 0, warnings);
      if (!value) return false;
      out << *value << "\n";
    }
    return out.flush().good();
  });
  ASSERT_TRUE(all);
  std::set<std::uint64_t> values;
  for (int process = 0; process < kProcesses; ++process) {
    std::ifstream in(directory_ / std::to_string(process));
    for (std::uint64_t value = 0; in >> value;) values.insert(value);
  }
  EXPECT_EQ(values.size(), std::size_t{kProcesses * kTicks});
}

TEST_F(ClockTest, AFileThatAnotherProgramPutInItsPlaceIsTheClockFromThenOn) {
  LamportClock running = clock();
  ASSERT_EQ(running.tick(1, 0, warnings_).value(), 1U);
  std::ofstream(home_ / "other", std::ios::binary) << R"({"value": 41, "node_id": "a1b2c3d4e5f6"})";
  std::filesystem::rename(home_ / "other", home_ / "clock.json");
  EXPECT_EQ(running.tick(1, 0, warnings_).value(), 42U);
  EXPECT_TRUE(content().starts_with(R"({"value": 42,)")) << content();
}

// That program knows no lock: it read the clock before these ticks, and writes it after them. Nothing may
// have been stored yet of the events that took the values.
TEST_F(ClockTest, AValueIsNotGivenTwiceWhereAnotherProgramPutsAnOlderClockBack) {
  LamportClock running = clock();
  ASSERT_EQ(running.tick(1, 0, warnings_).value(), 1U);
  const std::string older = R"({"value": 2})";
  ASSERT_EQ(running.tick(3, 0, warnings_).value(), 2U);
  ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", older, 0600));
  EXPECT_EQ(clock().value(0).value(), 4U);
  EXPECT_EQ(clock().tick(1, 0, warnings_).value(), 5U);
  ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", older, 0600));
  EXPECT_EQ(running.tick(1, 0, warnings_).value(), 6U);
  std::filesystem::remove(home_ / "clock.json");
  EXPECT_EQ(running.tick(1, 0, warnings_).value(), 7U);
  EXPECT_EQ(warnings_.all().size(), 1U) << "for the file that is missing";
}

TEST_F(ClockTest, WhatWasTakenIsBelievedOnlyInItsForm) {
  for (const char* wrong : {"7\n", "00000000000000000007", "99999999999999999999\n", "0000000000000000007x\n",
                            "09007199254740993000\n"}) {
    std::ofstream(home_ / "clock.lock", std::ios::binary) << wrong;
    put(R"({"value": 4})");
    EXPECT_EQ(clock().tick(1, 0, warnings_).value(), 5U) << wrong;
  }
}

TEST_F(ClockTest, WhereTheLockIsNoFileNothingIsKnownToBeTaken) {
  const auto expect_goes_on = [&](std::uint64_t last) {
    EXPECT_EQ(clock().value(0).value_or(0), last);
    EXPECT_EQ(clock().tick(1, 0, warnings_).value_or(0), last + 1);
  };
  put(R"({"value": 4})");
  ASSERT_EQ(::mkfifo((home_ / "clock.lock").c_str(), 0600), 0);
  expect_goes_on(4);
  std::filesystem::remove(home_ / "clock.lock");
  std::filesystem::create_directory(home_ / "clock.lock");
  expect_goes_on(5);
}

TEST_F(ClockTest, SeveralEventsTakeOneTickOfSeveralValues) {
  EXPECT_EQ(clock().tick(3, 0, warnings_).value(), 1U);
  EXPECT_EQ(clock().tick(1, 0, warnings_).value(), 4U);
}

TEST_F(ClockTest, ALostFileIsHealedFromTheQueueAndNeverRestartsAtZero) {
  EXPECT_EQ(clock().tick(1, 41, warnings_).value(), 42U);
  ASSERT_EQ(warnings_.all().size(), 1U);
  EXPECT_EQ(warnings_.all()[0].cause, "clock-healed");
}

TEST_F(ClockTest, ADamagedFileIsHealedWhereverItWasCut) {
  const std::string whole = write_clock_file(1000, "a1b2c3d4e5f6", kNow);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put(whole.substr(0, length));
    const auto value = clock().tick(1, 1000, warnings_);
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, 1001U + length) << length;
    EXPECT_EQ(content().size(), kClockFileBytes);
  }
}

TEST_F(ClockTest, AWrongValueIsHealed) {
  std::uint64_t next = 11;
  for (const char* wrong : {"{\"value\": -5}", "{\"value\": \"7\"}", "{\"value\": 1.5}", "{\"value\": true}",
                            "[]", "{\"value\": 99999999999999999999}", "{\"value\": 9007199254740993000}"}) {
    put(wrong);
    EXPECT_EQ(clock().tick(1, 10, warnings_).value(), next++) << wrong;
  }
}

TEST_F(ClockTest, ReadsWhatTheOlderProgramWrote) {
  put("{\n  \"value\": 77,\n  \"node_id\": \"a1b2c3d4e5f6\",\n  \"updated_at\": "
      "\"2026-02-03T12:00:00+00:00\"\n}");
  EXPECT_EQ(clock().tick(1, 0, warnings_).value(), 78U);
  EXPECT_TRUE(warnings_.all().empty());
}

TEST_F(ClockTest, ReceivingGoesBeyondWhatWasSeen) {
  ASSERT_TRUE(clock().receive(500, 0, warnings_));
  EXPECT_EQ(clock().tick(1, 0, warnings_).value(), 502U);
}

TEST_F(ClockTest, APoisonedValueIsIgnoredAndReported) {
  ASSERT_TRUE(clock().tick(1, 0, warnings_));
  const auto ceiling = protocol::lamport_ceiling(kNow / 1000);
  ASSERT_TRUE(clock().receive(ceiling + 1, 0, warnings_));
  EXPECT_EQ(clock().tick(1, 0, warnings_).value(), 2U);
  ASSERT_EQ(warnings_.all().size(), 1U);
  EXPECT_EQ(warnings_.all()[0].cause, "clock-out-of-range");
}

TEST_F(ClockTest, WhatWasReceivedAtTheCeilingIsNotForgotten) {
  const auto ceiling = protocol::lamport_ceiling(kNow / 1000);
  ASSERT_TRUE(clock().receive(ceiling, 5, warnings_));
  EXPECT_EQ(clock().tick(1, 5, warnings_).value(), ceiling + 2);
  EXPECT_EQ(warnings_.all().size(), 1U) << "only the one for the file that was missing";
}

TEST_F(ClockTest, AFileThatTheOlderProgramMadeLongerIsCutToItsLength) {
  put(R"({"value": 77, "node_id": "a1b2c3d4e5f6"})" + std::string(500, ' '));
  ASSERT_TRUE(clock().tick(1, 0, warnings_));
  EXPECT_EQ(content().size(), kClockFileBytes);
  EXPECT_EQ(clock().value(0).value(), 78U);
}

TEST_F(ClockTest, AReplacedFileIsReadByItsName) {
  LamportClock one = clock();
  ASSERT_TRUE(one.tick(1, 0, warnings_));
  ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", R"({"value": 900})", 0600));
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 901U);
}

// The old file lives on under the backup's name.
TEST_F(ClockTest, AReplacedFileThatABackupKeepsIsNotGoneOnIn) {
  LamportClock one = clock();
  ASSERT_TRUE(one.tick(1, 0, warnings_));
  std::filesystem::create_hard_link(home_ / "clock.json", home_ / "backup");
  ASSERT_EQ(one.tick(1, 0, warnings_).value(), 2U);
  ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", R"({"value": 900})", 0600));
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 901U);
}

TEST_F(ClockTest, AFileThatWasKeptAndReplacedBetweenTwoTicksIsNotGoneOnInLater) {
  LamportClock one = clock();
  ASSERT_TRUE(one.tick(1, 0, warnings_));
  std::filesystem::create_hard_link(home_ / "clock.json", home_ / "backup");
  ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", R"({"value": 900})", 0600));
  time_.advance_ms(5'000);
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 901U);
}

TEST_F(ClockTest, AReplacedFileThatHasAnotherNameNowIsNoticedWithinASecond) {
  LamportClock one = clock();
  ASSERT_TRUE(one.tick(1, 0, warnings_));
  std::filesystem::rename(home_ / "clock.json", home_ / "backup");
  ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", R"({"value": 900})", 0600));
  time_.advance_ms(600);
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 2U);
  time_.advance_ms(600);
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 901U);
}

TEST_F(ClockTest, WhatIsWrittenIntoItInAnotherLengthCountsAtOnceAndInOursAfterASecond) {
  LamportClock one = clock();
  ASSERT_EQ(one.tick(1, 0, warnings_).value(), 1U);
  put(R"({"value": 40})");
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 41U);
  put(write_clock_file(900, "a1b2c3d4e5f6", kNow));
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 42U);
  time_.advance_ms(1'000);
  put(write_clock_file(900, "a1b2c3d4e5f6", kNow));
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 901U);
}

TEST_F(ClockTest, WhatAnotherProcessTookIsNotTakenAgain) {
  LamportClock one = clock(), other = clock();
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 1U);
  EXPECT_EQ(other.tick(2, 0, warnings_).value(), 2U);
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 4U);
  std::filesystem::remove(home_ / "clock.lock");
  EXPECT_EQ(other.tick(1, 0, warnings_).value(), 5U);
  EXPECT_EQ(one.tick(1, 0, warnings_).value(), 6U);
}

TEST_F(ClockTest, LocalTicksAreNotRefusedAboveTheCeiling) {
  const auto ceiling = protocol::lamport_ceiling(kNow / 1000);
  EXPECT_EQ(clock().tick(1, ceiling + 10, warnings_).value(), ceiling + 11);
  EXPECT_EQ(clock().tick(1, ceiling + 11, warnings_).value(), ceiling + 12);
}

TEST_F(ClockTest, ReadingTheValueWritesNothing) {
  EXPECT_EQ(clock().value(12).value(), 12U);
  EXPECT_FALSE(std::filesystem::exists(home_ / "clock.json"));
}

}  // namespace
}  // namespace pawprint::outbox
