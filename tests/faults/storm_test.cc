// Everybody comes back at once, to the hub that was killed or to the backup in its place, and a hub that has
// little memory. PAWPRINT_STORM_SOCKETS chooses how many.
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/format.h"
#include "faults/fault_fixture.h"
#include "harness/raw_connection.h"
#include "harness/size.h"
#include "harness/subscriber.h"

namespace pawprint::testing {
namespace {

class Storm : public FaultTest {
 protected:
  static constexpr std::size_t kThreads = 4;
  const std::vector<std::string> kRoomForAll{"--team-live-sockets", "6000"};

  Storm() : subscribers_(from_variable("PAWPRINT_STORM_SOCKETS", 500)) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    hub_.kill();
    hub_.start({}, kRoomForAll);
  }

  template <class Work>
  void for_everybody(const Work& work) {
    std::vector<std::jthread> threads;
    for (std::size_t first = 0; first < kThreads; ++first) {
      threads.emplace_back([&, first] {
        Member member(*member_);
        for (std::size_t i = first; i < subscribers_.size(); i += kThreads) work(subscribers_[i], member);
      });
    }
  }
  void connect_everybody() {
    for_everybody([](Subscriber& each, Member& member) { each.connect(member); });
  }
  void expect_everybody_at(std::uint64_t seq) {
    for_everybody([seq](Subscriber& each, Member&) { EXPECT_TRUE(each.read_until(seq)); });
  }

  std::unique_ptr<Member> member_ = std::make_unique<Member>(hub_);
  std::vector<Subscriber> subscribers_;
};

TEST_F(Storm, OfAllWhoComeBackToAHubThatWasKilledLosesNoFrame) {
  connect_everybody();
  EXPECT_EQ(member_->batch(member_events(1, 50), ledger_).success, 50U);
  expect_everybody_at(50);
  hub_.kill();
  hub_.start({}, kRoomForAll);
  std::jthread writing([this] {
    Member writer(*member_);
    for (std::uint64_t i = 51; i <= 150; i += 10) {
      EXPECT_EQ(writer.batch(member_events(i, 10), ledger_).success, 10U);
    }
  });
  connect_everybody();
  writing.join();
  expect_everybody_at(150);
  expect_laws();
}

TEST_F(Storm, OfAllWhoComeBackToABackupIsToldToBeginAnew) {
  connect_everybody();
  member_->batch(member_events(1, 20), ledger_);
  const fs::path backup = directory_.path() / "backup.db";
  hub_.run({"backup", backup.string()}, "");
  member_->batch(member_events(21, 20), ledger_);
  expect_everybody_at(40);
  hub_.kill();
  Hub restored(directory_.path() / "restored", hub_.url());
  restored.run({"restore", backup.string()}, "");
  restored.start({}, kRoomForAll);
  member_ = std::make_unique<Member>(restored);
  // The log grows beyond where they were: their cursors are of another one all the same.
  member_->batch(member_events(101, 40));
  connect_everybody();
  for_everybody([](Subscriber& each, Member&) { EXPECT_FALSE(each.read_until(41)) << "not told to resync"; });
}

// What bounds the load: so many are in at one time, and who is not is told when to ask again.
TEST_F(Storm, OfMoreThanATeamMayHaveLeavesThoseWhoAreInWhatTheyCameForAndTellsTheOthersToComeBack) {
  constexpr std::size_t kMost = 40;
  hub_.kill();
  hub_.start({}, {"--team-live-sockets", std::to_string(kMost)});
  std::mutex mutex;
  std::vector<std::unique_ptr<RawConnection>> inside;
  std::size_t told = 0;
  for_everybody([&](Subscriber&, Member& member) {
    auto connection = std::make_unique<RawConnection>(hub_.url());
    const RawAnswer answer = open_live_channel(*connection, member.ws_token());
    const std::lock_guard lock(mutex);
    if (answer.status == 101) return inside.push_back(std::move(connection));
    EXPECT_EQ(answer.status, 503) << answer.head;
    EXPECT_NE(answer.header("Retry-After"), "") << answer.head;
    ++told;
  });
  EXPECT_EQ(inside.size(), kMost);
  EXPECT_EQ(told, subscribers_.size() - kMost);
  for (const auto& each : inside) EXPECT_EQ(next_frame_of(*each)["type"], "snapshot");
  EXPECT_EQ(member_->batch(member_events(1, 10), ledger_).success, 10U);
  for (const auto& each : inside) {
    for (std::uint64_t seq = 1; seq <= 10; ++seq) {
      EXPECT_EQ(next_frame_of(*each).at("seq").to_number<std::uint64_t>(), seq);
    }
  }
  inside.clear();
  for (int status = 503; status != 101;) {  // as soon as the hub has seen that they are gone
    RawConnection connection(hub_.url());
    status = open_live_channel(connection, member_->ws_token()).status;
    ASSERT_TRUE(status == 101 || status == 503) << status;
  }
  expect_laws();
}

class SmallMemory : public FaultTest {
 protected:
  // Of /proc/PID/status, in bytes.
  std::uint64_t memory(std::string_view name) const {
    std::ifstream status(fmt::format("/proc/{}/status", hub_.pid()));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(name)) return std::stoull(line.substr(name.size() + 1)) * 1024;
    }
    return 0;
  }
};

// More bodies than the hub takes in at once: it says so before it has no memory, and goes on.
TEST_F(SmallMemory, IsNotUsedUpByBodiesThatAreTurnedAwayInstead) {
  constexpr std::size_t kMany = 160;
  constexpr std::size_t kBodyBytes = 1U << 20;
  constexpr std::uint64_t kRoom = 128U << 20;
  Member member = kim();
  const std::uint64_t data = memory("VmData:") + kRoom;
  const rlimit limit{data, data};
  ASSERT_EQ(::prlimit(hub_.pid(), RLIMIT_DATA, &limit, nullptr), 0);
  const std::string head = fmt::format(
      "POST /api/v1/events/batch/ HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
      "Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
      member.access(), kBodyBytes);
  const std::string most_of_it(kBodyBytes - 1, ' ');
  std::vector<std::unique_ptr<RawConnection>> connections;
  std::size_t turned_away = 0;
  for (std::size_t i = 0; i < kMany; ++i) {
    connections.push_back(std::make_unique<RawConnection>(hub_.url()));
    ASSERT_TRUE(connections.back()->send(head));
    connections.back()->send(most_of_it);
  }
  for (const auto& each : connections) {
    each->send("x");
    const RawAnswer answer = each->read_answer();
    const bool is_turned_away = answer.status == 429 || answer.status == 503;
    turned_away += is_turned_away ? 1U : 0U;
    if (is_turned_away) {
      EXPECT_NE(answer.header("Retry-After"), "") << answer.head;
    } else {
      EXPECT_EQ(answer.status, 400) << answer.head;
    }
  }
  EXPECT_GT(turned_away, 0U);
  EXPECT_LT(turned_away, kMany);
  EXPECT_EQ(member.batch(member_events(1, 100), ledger_).success, 100U);
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
