// A hub's database that is not what was written, and the way back from a backup. PAWPRINT_HUB_FLIPS chooses
// how many bits are flipped, one at a time.
#include <algorithm>
#include <csignal>
#include <random>
#include <regex>

#include "faults/fault_fixture.h"
#include "harness/holdings.h"
#include "harness/size.h"

namespace pawprint::testing {
namespace {

constexpr std::uint64_t kEvents = 60;
constexpr std::size_t kPageBytes = 4096;

// What a member is shown.
struct Shown {
  std::string log;
  std::string board;
  std::string machines;
  bool operator==(const Shown&) const = default;
};

// Where they begin to differ; "" if they do not.
std::string difference(const std::string& now, const std::string& before) {
  const auto [at, there] = std::ranges::mismatch(now, before);
  if (at == now.end() && there == before.end()) return "";
  const auto begin = static_cast<std::size_t>(at - now.begin());
  const std::size_t from = begin < 60 ? 0 : begin - 60;
  return now.substr(from, 120) + " instead of " + before.substr(from, 120);
}

class Damage : public FaultTest {
 protected:
  Damage() : member_(kim()), events_(member_events(1, kEvents)) {
    EXPECT_EQ(member_.batch(events_, ledger_).success, kEvents);
  }

  void end_hub() {
    hub_.signal(SIGTERM);
    EXPECT_EQ(hub_.wait(), 0);
    whole_ = read_text(hub_.data() / "hub.db");
  }

  // nullopt: the hub says that it cannot.
  std::optional<Shown> shown() {
    const auto log = member_.send("GET", "/api/v1/events?limit=1000");
    const auto board =
        member_.send("GET", "/api/v1/projects/" + std::string(kMembersProject) + "/features/032-sync");
    const auto machines = member_.send("GET", "/api/v1/nodes");
    for (const auto* answer : {&log, &board, &machines}) {
      if (!*answer || (*answer)->status != 200) return std::nullopt;
    }
    // When an event came is the hub's word alone, which nothing can be held against.
    const std::regex arrival(R"re("(received_at|last_seen)":"[^"]*"|"clock_ahead_ms":\d+)re");
    return Shown{std::regex_replace(log->body, arrival, ""), board->body,
                 std::regex_replace(machines->body, arrival, "")};
  }

  // Puts `bytes` into the place of the database; true: the hub or its `verify` says that something is wrong.
  // Otherwise what it shows and what it takes for known is what it was.
  bool is_noticed(const std::string& bytes, const Shown& before) {
    for (const char* suffix : {"-wal", "-shm"}) fs::remove(hub_.data() / ("hub.db" + std::string(suffix)));
    write_text(hub_.data() / "hub.db", bytes);
    if (hub_.try_to_start()) return true;
    bool noticed = hub_.try_to_run({"verify"}).exit_code != 0;
    const auto now = shown();
    noticed = noticed || !now;
    if (!noticed) {
      EXPECT_EQ(difference(now->log, before.log), "") << "a changed log is served as good";
      EXPECT_EQ(difference(now->board, before.board), "") << "a changed board is served as good";
      EXPECT_EQ(difference(now->machines, before.machines), "") << "a changed list is served as good";
      EXPECT_EQ(member_.batch(events_, ledger_).duplicate, kEvents) << "what is stored is not known any more";
    }
    hub_.kill();
    return noticed;
  }

  void expect_an_earlier_moment_restored() {
    Hub restored(directory_.path() / "restored", hub_.url());
    restored.run({"restore", (hub_.data() / "hub.db").string()}, "");
    restored.start();
    expect_whole(restored);
    EXPECT_LT(rows_of_log(restored.data()).size(), kEvents);
  }

  Member member_;
  std::vector<std::string> events_;
  std::string whole_;
};

TEST_F(Damage, OfOneBitIsNoticedOrChangesNothingThatIsShown) {
  const auto before = shown();
  ASSERT_TRUE(before);
  end_hub();
  const std::uint64_t flips = from_variable("PAWPRINT_HUB_FLIPS", 24);
  std::mt19937_64 choice(from_variable("PAWPRINT_KILL_SEED", 1));
  std::uint64_t noticed = 0;
  for (std::uint64_t i = 0; i < flips && !HasFailure(); ++i) {
    std::string bytes = whole_;
    const std::size_t at = choice() % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << choice() % 8));
    SCOPED_TRACE("byte " + std::to_string(at) + " of " + std::to_string(bytes.size()));
    noticed += is_noticed(bytes, *before) ? 1U : 0U;
  }
  EXPECT_GT(noticed, 0U);
}

// Wherever the text of an event lies.
TEST_F(Damage, OfAnEventIsNoticed) {
  const auto before = shown();
  ASSERT_TRUE(before);
  end_hub();
  for (const std::string_view text : {"First", "032-sync", "a1b2c3d4e5f6", "WPCreated"}) {
    std::string bytes = whole_;
    const std::size_t at = bytes.rfind(text);
    ASSERT_NE(at, std::string::npos) << text;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    EXPECT_TRUE(is_noticed(bytes, *before)) << text;
  }
}

TEST_F(Damage, OfATruncatedFileIsNoticed) {
  const auto before = shown();
  ASSERT_TRUE(before);
  end_hub();
  for (const std::size_t size : {whole_.size() - 1, whole_.size() - kPageBytes, whole_.size() / 2, kPageBytes,
                                 std::size_t{100}, std::size_t{0}}) {
    EXPECT_TRUE(is_noticed(whole_.substr(0, size), *before)) << size << " of " << whole_.size();
  }
}

// To SQLite it is a new database, whose WAL it removes.
TEST_F(Damage, OfADatabaseThatIsGoneLeavesItsWal) {
  ASSERT_EQ(hub_.wait_or_kill(std::chrono::seconds(0)), kKilled);
  const fs::path wal = hub_.data() / "hub.db-wal";
  const std::string before = read_text(wal);
  write_text(hub_.data() / "hub.db", "");
  ASSERT_TRUE(hub_.try_to_start());
  fs::remove(hub_.data() / "hub.db");
  ASSERT_TRUE(hub_.try_to_start());
  EXPECT_TRUE(read_text(wal) == before);
}

// A WAL ends where its checksums end: what remains is the log of an earlier moment, whole, and who has seen
// more than that is told so. Without its index nothing tells the hub.
TEST_F(Damage, OfACutWalLeavesAnEarlierMomentThatIsWhole) {
  const std::string last = member_.get("/api/v1/events?limit=1000").at("next").as_string().c_str();
  ASSERT_EQ(hub_.wait_or_kill(std::chrono::seconds(0)), kKilled);
  const fs::path wal = hub_.data() / "hub.db-wal";
  const std::string whole_wal = read_text(wal);
  ASSERT_GT(whole_wal.size(), 10 * kPageBytes);
  write_text(wal, whole_wal.substr(0, whole_wal.size() / 2));
  fs::remove(hub_.data() / "hub.db-shm");
  hub_.start();
  expect_whole(hub_);
  EXPECT_LT(rows_of_log(hub_.data()).size(), kEvents);
  const auto further = member_.send("GET", "/api/v1/events?after=" + last);
  ASSERT_TRUE(further) << further.error().message;
  EXPECT_GE(further->status, 400) << further->body;
}

// As above; the second start still finds what the first one refused.
TEST_F(Damage, OfAWalThatWasCutOffIsNoticedByItsIndex) {
  ASSERT_EQ(hub_.wait_or_kill(std::chrono::seconds(0)), kKilled);
  const fs::path wal = hub_.data() / "hub.db-wal";
  fs::resize_file(wal, fs::file_size(wal) / 2);
  ASSERT_TRUE(hub_.try_to_start());
  ASSERT_TRUE(hub_.try_to_start());
  expect_an_earlier_moment_restored();
}

// Neither it nor its index is there: only that the hub was not ended tells.
TEST_F(Damage, OfAWalThatIsMissingIsNoticed) {
  ASSERT_EQ(hub_.wait_or_kill(std::chrono::seconds(0)), kKilled);
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(hub_.data() / ("hub.db" + std::string(suffix)));
  ASSERT_TRUE(hub_.try_to_start());
  ASSERT_TRUE(hub_.try_to_start());
  expect_an_earlier_moment_restored();
}

// What stands behind it was acknowledged; a hub that went on would give its numbers to other events.
TEST_F(Damage, OfOneBitOfAWalIsNoticedAndWhatStandsBeforeItIsRestored) {
  ASSERT_EQ(hub_.wait_or_kill(std::chrono::seconds(0)), kKilled);
  const fs::path wal = hub_.data() / "hub.db-wal";
  std::string flipped = read_text(wal);
  ASSERT_GT(flipped.size(), 10 * kPageBytes);
  flipped[100] = static_cast<char>(flipped[100] ^ 1);  // of the first of its commits
  write_text(wal, flipped);
  ASSERT_TRUE(hub_.try_to_start());
  EXPECT_TRUE(read_text(wal) == flipped);

  Hub restored(directory_.path() / "restored", hub_.url());
  restored.run({"restore", (hub_.data() / "hub.db").string()}, "");
  restored.start();
  ledger_.forget();
  expect_whole(restored);
  EXPECT_LT(rows_of_log(restored.data()).size(), kEvents);
  Member again(restored);
  again.batch(events_, ledger_);
  EXPECT_EQ(rows_of_log(restored.data()).size(), kEvents);
  ledger_.expect_kept(restored.data());
}

// Yesterday's backup takes the hub's place, and today comes again.
TEST_F(Damage, IsMendedByABackupAndTheDayIsSentAgain) {
  const fs::path backup = directory_.path() / "backup.db";
  hub_.run({"backup", backup.string()}, "");
  const auto today = member_events(kEvents + 1, 40);
  EXPECT_EQ(member_.batch(today, ledger_).success, 40U);
  const std::string cursor = member_.get("/api/v1/events?limit=1000").at("next").as_string().c_str();
  const auto before = member_.batch({});
  end_hub();
  write_text(hub_.data() / "hub.db", whole_.substr(0, whole_.size() / 2));

  Hub restored(directory_.path() / "restored", hub_.url());
  restored.run({"restore", backup.string()}, "");
  restored.start();
  ledger_.forget();
  Member again(restored);
  EXPECT_EQ(rows_of_log(restored.data()).size(), kEvents);
  const auto after = again.batch({});
  ASSERT_TRUE(before && after);
  EXPECT_NE(*before->header("X-Pawprint-Epoch"), *after->header("X-Pawprint-Epoch"));
  const auto refused = again.send("GET", "/api/v1/events?after=" + cursor);
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_GE(refused->status, 400) << "a cursor of the lost log was continued";
  EXPECT_EQ(again.batch(events_, ledger_).duplicate, kEvents);
  EXPECT_EQ(again.batch(today, ledger_).success, 40U) << "what was lost is taken once more";
  ledger_.expect_kept(restored.data());
  expect_whole(restored);
}

}  // namespace
}  // namespace pawprint::testing
