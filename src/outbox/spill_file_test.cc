#include "outbox/spill_file.h"

#include "outbox/spill_for_test.h"

namespace pawprint::outbox {
namespace {

class SpillTest : public SpillHomeTest {};

TEST_F(SpillTest, ALineCarriesItsDestinationAndTheEventByteForByte) {
  const NewRow row = event(7);
  ASSERT_TRUE(Spill(environment_, home_).append(std::span(&row, 1), LinkMark{3, kNow}, Durability::power));
  const std::string line = content(spill_path("events.jsonl"));
  EXPECT_EQ(line, R"({"highest":7,"link":{"id":3,"linked_at":1780000000000},"event":)" + row.data + "}\n");
  const auto read = read_spill_line(line.substr(0, line.size() - 1));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->link->link_id, 3);
  EXPECT_EQ(read->row.data, row.data);
  EXPECT_EQ(read->row.event_id, row.event_id);
  EXPECT_EQ(read->row.lamport, 7U);
  EXPECT_EQ(read->row.project_uuid, row.project_uuid);
}

TEST_F(SpillTest, ALineNamesTheInstanceThatEmittedItWithAndWithoutADestination) {
  const std::string data = event(7).data;
  for (const std::optional<LinkMark> link : {std::optional<LinkMark>(), std::optional(LinkMark{3, kNow})}) {
    const std::string line = write_spill_line(7, link, "/a \"b\"/.git", data);
    const auto read = read_spill_line(std::string_view(line).substr(0, line.size() - 1));
    ASSERT_TRUE(read) << line;
    EXPECT_EQ(read->row.repo_instance, "/a \"b\"/.git");
    EXPECT_EQ(read->link.has_value(), link.has_value());
    EXPECT_EQ(read->row.data, data);
  }
}

TEST_F(SpillTest, ItIsForItsOwnerAlone) {
  ASSERT_TRUE(spill(1, 1));
  EXPECT_EQ(disk_.status(home_ / "spill").value()->mode, 0700U);
  EXPECT_EQ(disk_.status(spill_path("events.jsonl")).value()->mode, 0600U);
}

TEST_F(SpillTest, OnlyALineOfTheGrammarIsBelieved) {
  const std::string line = write_spill_line(7, LinkMark{3, kNow}, std::nullopt, event(7).data);
  ASSERT_TRUE(read_spill_line(std::string_view(line).substr(0, line.size() - 1)));
  for (const char* wrong :
       {"", "{}", "garbage", R"({"highest":7,"link":null,"event":{}})",
        R"({"highest":-1,"link":null,"event":{}})", R"({"highest":7,"link":3,"event":{}})"}) {
    EXPECT_FALSE(read_spill_line(wrong)) << wrong;
  }
  EXPECT_FALSE(read_spill_line(write_spill_line(7, LinkMark{-3, 1}, std::nullopt, event(7).data)));
}

TEST_F(SpillTest, TheHighestClockValueStandsInTheLastWholeLine) {
  const std::array rows{event(40), event(7)};
  Spill spill(environment_, home_);
  EXPECT_EQ(spill.highest().value(), 0U);
  ASSERT_TRUE(spill.append(rows, std::nullopt, Durability::process));
  EXPECT_EQ(spill.highest().value(), 40U);
  std::ofstream(spill_path("events.jsonl"), std::ios::app) << R"({"highest":99,"li)";
  EXPECT_EQ(spill.highest().value(), 40U);
  ASSERT_TRUE(spill.take_over(1));
  ASSERT_TRUE(this->spill(12, 12));
  EXPECT_EQ(spill.highest().value(), 40U);
}

TEST_F(SpillTest, TheHighestClockValueIsFoundBehindALongLine) {
  NewRow row = event(5);
  row.data = "{\"text\":\"" + std::string(100'000, 'x') + "\"}";
  Spill spill(environment_, home_);
  ASSERT_TRUE(this->spill(9, 9));
  ASSERT_TRUE(spill.append(std::span(&row, 1), std::nullopt, Durability::process));
  EXPECT_EQ(spill.highest().value(), 9U);
}

TEST_F(SpillTest, WhatDoesNotFitOnTheDiskIsCutBack) {
  ASSERT_TRUE(spill(1, 2));
  const std::string before = content(spill_path("events.jsonl"));
  for (std::uint64_t room_bytes = 0; room_bytes < before.size(); room_bytes += 50) {
    SmallDisk full(disk_, room_bytes);
    environment_.disk = &full;
    const auto refused = spill(3, 4);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::io);
    ASSERT_EQ(content(spill_path("events.jsonl")), before);
  }
  environment_.disk = &disk_;
  ASSERT_TRUE(spill(3, 4));
  EXPECT_TRUE(content(spill_path("events.jsonl")).starts_with(before));
}

TEST_F(SpillTest, NobodyWaitsForTheSyncOfAnother) {
  SmallDisk disk(disk_, 1 << 20);
  int syncs = 0;
  disk.at_sync = [&]() -> Result<void> {
    ++syncs;
    EXPECT_TRUE(FileLock::acquire(spill_path("spill.lock"), std::chrono::milliseconds{0}));
    return {};
  };
  environment_.disk = &disk;
  const std::array rows{event(1)};
  ASSERT_TRUE(Spill(environment_, home_).append(rows, std::nullopt, Durability::power));
  EXPECT_EQ(syncs, 3);  // of the home, the directory and the file
  ASSERT_TRUE(Spill(environment_, home_).append(rows, std::nullopt, Durability::power));
  EXPECT_EQ(syncs, 4);
}

TEST_F(SpillTest, AFileThatTookThePlaceOfTheOneWhoseNameWasSyncedIsSyncedToo) {
  SmallDisk disk(disk_, 1 << 20);
  int syncs = 0;
  disk.at_sync = [&]() -> Result<void> {
    if (++syncs != 1) return {};
    std::filesystem::rename(spill_path("events.jsonl"), spill_path("elsewhere"));
    return {};
  };
  environment_.disk = &disk;
  const std::array rows{event(1)};
  ASSERT_TRUE(Spill(environment_, home_).append(rows, std::nullopt, Durability::power));
  EXPECT_EQ(syncs, 5);
  EXPECT_EQ(content(spill_path("elsewhere")), "");
  EXPECT_EQ(Spill(environment_, home_).highest().value(), 1U);
}

TEST_F(SpillTest, WhatCannotBeSyncedIsTakenBackAndWhatOthersAppendedBehindItStays) {
  ASSERT_TRUE(spill(1, 1));
  SmallDisk disk(disk_, 1 << 20);
  disk.at_sync = [&]() -> Result<void> {
    environment_.disk = &disk_;
    EXPECT_TRUE(spill(3, 3));
    return fail(ErrorKind::io, "cannot sync the file: Input/output error");
  };
  environment_.disk = &disk;
  const std::array rows{event(2)};
  const auto refused = Spill(environment_, home_).append(rows, std::nullopt, Durability::power);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "cannot sync the file: Input/output error");
  EXPECT_EQ(open().refill(kRoomy).value().rejected, 0U);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 3}));
}

TEST_F(SpillTest, ARefillThatComesBeforeTheSyncTakesTheLinesOnce) {
  ASSERT_TRUE(spill(1, 1));
  SmallDisk disk(disk_, 1 << 20);
  bool refuse = false;
  disk.at_sync = [&]() -> Result<void> {
    environment_.disk = &disk_;
    EXPECT_TRUE(open().refill(kRoomy));
    if (refuse) return fail(ErrorKind::io, "cannot sync the file: Input/output error");
    return {};
  };
  environment_.disk = &disk;
  const std::array rows{event(2)};
  ASSERT_TRUE(Spill(environment_, home_).append(rows, std::nullopt, Durability::power));
  EXPECT_EQ(queued(), from_to(1, 2));

  ASSERT_TRUE(spill(3, 3));
  environment_.disk = &disk;
  refuse = true;
  const std::array next{event(4)};
  const auto refused = Spill(environment_, home_).append(next, std::nullopt, Durability::power);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("it may be sent all the same")) << refused.error().message;
  EXPECT_EQ(queued(), from_to(1, 4));
  EXPECT_TRUE(Spill(environment_, home_).files().value().empty());
}

}  // namespace
}  // namespace pawprint::outbox
