// Those who watch a team's log at the real hub: what each of them sees is the log, whoever writes, comes and
// goes or reads slowly meanwhile. PAWPRINT_WATCHERS chooses how many watch beside the slow ones.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <mutex>
#include <thread>

#include "base/format.h"
#include "faults/fault_fixture.h"
#include "faults/preloaded.h"
#include "harness/size.h"
#include "harness/subscriber.h"

namespace pawprint::testing {
namespace {

class Watchers : public FaultTest {
 protected:
  // An event of a work package that several write to: it is made, or it moves.
  static std::string event(std::uint64_t number, std::size_t padding) {
    if (number % 3 == 0) return member_event({.number = number, .padding = padding});
    return member_move({.number = number, .wp = number % 20});
  }
  static std::vector<std::string> events(std::uint64_t first, std::uint64_t count, std::size_t padding) {
    std::vector<std::string> all;
    for (std::uint64_t i = 0; i < count; ++i) all.push_back(event(first + i, padding));
    return all;
  }

  std::uint64_t resident_bytes() const {
    std::ifstream status(fmt::format("/proc/{}/status", hub_.pid()));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("VmRSS:")) return std::stoull(line.substr(6)) * 1024;
    }
    return 0;
  }

  // What the board of another team shows that got the log of this one up to there, in its order.
  std::string fold_up_to(std::uint64_t seq, Member& other) {
    const auto log = rows_of_log(hub_.data());
    std::vector<std::string> same;
    for (const LogRow& row : log) {
      if (row.team_slug != "acme" || row.seq <= folded_ || row.seq > seq) continue;
      constexpr std::string_view kTheirs = R"("team_slug":"acme")";
      std::string body = row.body;
      body.replace(body.find(kTheirs), kTheirs.size(), fmt::format(R"("team_slug":"{}")", kOtherTeam));
      same.push_back(std::move(body));
    }
    folded_ = seq;
    for (std::size_t at = 0; at < same.size(); at += 500) {
      const std::size_t count = std::min<std::size_t>(500, same.size() - at);
      EXPECT_EQ(other.batch(std::span(same).subspan(at, count), ledger_).success, count);
    }
    Subscriber watching;
    watching.connect(other);
    return boost::json::serialize(watching.snapshot().at("work_packages"));
  }

  std::uint64_t folded_ = 0;
};

// Long transactions beside short ones, by batch and live, and snapshots in between.
TEST_F(Watchers, SeeTheLogFromTheirSnapshotOnWhileManyWriteAndSomeComeBack) {
  constexpr std::uint64_t kLong = 250, kLongOnes = 5, kShortOnes = 100, kLiveOnes = 100;
  constexpr std::uint64_t kAll = 2 * kLong * kLongOnes + kShortOnes + kLiveOnes;
  const Member first = kim();
  std::mutex mutex;
  std::vector<Subscriber> seen;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t writer = 0; writer < 2; ++writer) {
      threads.emplace_back([&, writer] {
        Member member(first);
        for (std::uint64_t i = 0; i < kLongOnes; ++i) {
          const auto batch = events(1 + (writer * kLongOnes + i) * kLong, kLong, 1500);
          EXPECT_EQ(member.batch(batch, ledger_).success, kLong);
        }
      });
    }
    threads.emplace_back([&] {
      Member member(first);
      for (std::uint64_t i = 0; i < kShortOnes; ++i) {
        EXPECT_EQ(member.batch(events(100'000 + i, 1, 0), ledger_).success, 1U);
      }
    });
    threads.emplace_back([&] {
      Member member(first);
      RawConnection socket(hub_.url());
      ASSERT_EQ(open_live_channel(socket, member.ws_token(), "?stream=clock").status, 101);
      for (std::uint64_t i = 0; i < kLiveOnes; ++i) {
        ASSERT_TRUE(socket.send_text_frame(event(200'000 + i, 0)));
        for (;;) {
          const auto frame = next_frame_of(socket);
          ASSERT_FALSE(frame.empty());
          if (frame.at("type").as_string() == "ack") break;
        }
      }
    });
    for (int reader = 0; reader < 6; ++reader) {
      threads.emplace_back([&, reader] {
        Member member(first);
        for (std::uint64_t begun = 0; begun < kAll && !HasFailure();) {
          Subscriber subscriber;
          subscriber.connect(member);
          begun = subscriber.began();
          subscriber.read_until(std::min(begun + 200, kAll));
          if (reader % 2 == 0) subscriber.connect(member);  // and goes on from where it was
          subscriber.read_until(std::min(begun + 700, kAll));
          const std::lock_guard lock(mutex);
          seen.push_back(std::move(subscriber));
        }
      });
    }
  }
  expect_laws();
  std::ranges::sort(seen, {}, &Subscriber::began);
  EXPECT_LT(seen.front().began(), kAll) << "nobody came while anybody wrote";
  Member other = robin();
  for (std::size_t i = 0; i < seen.size() && !HasFailure(); i += std::max<std::size_t>(1, seen.size() / 10)) {
    EXPECT_EQ(boost::json::serialize(seen[i].snapshot().at("work_packages")),
              fold_up_to(seen[i].began(), other))
        << "O5: the snapshot at " << seen[i].began() << " of " << kAll << " is not the fold of the log";
  }
}

// Ten who read nothing and ten who take a byte now and then, each with more waiting than the kernel keeps: to
// the hub the latter stand still too, as their kernels make no room that is worth telling of.
TEST_F(Watchers, WhoStandStillAreCutOffAloneAndCostTheHubNoMemory) {
  constexpr std::uint64_t kPadded = 120, kEach = 4, kSlow = 20;
  constexpr std::size_t kPadding = 60'000;
  constexpr std::uint64_t kRoom = 64U << 20;  // what waits for the slow ones has more than twice as much
  constexpr int kLagged = 4008;
  const fs::path passed = directory_.path() / "passed";
  write_text(passed, "0");
  hub_.kill();
  hub_.start(preloaded({{"PAW_TIME_PASSED", passed}}));
  Member writer = kim();
  std::vector<Subscriber> quick(from_variable("PAWPRINT_WATCHERS", 200)), slow(kSlow);
  for (Subscriber& each : quick) each.connect(writer);
  for (Subscriber& each : slow) each.connect(writer, {.receive_buffer_bytes = 4096});
  const std::uint64_t before = resident_bytes();

  std::uint64_t last = 0;
  const auto write_and_have_it_read = [&](std::uint64_t count, std::size_t padding) {
    EXPECT_EQ(writer.batch(member_events(last + 1, count, {.padding = padding}), ledger_).success, count);
    last += count;
    for (Subscriber& each : quick) EXPECT_TRUE(each.read_until(last));
  };
  while (last < kPadded && !HasFailure()) {
    write_and_have_it_read(kEach, kPadding);
    for (std::size_t i = 0; i < slow.size(); i += 2) slow[i].connection().take_some(1);
  }
  const std::uint64_t taken = resident_bytes() - std::min(before, resident_bytes());
  EXPECT_LT(taken, kRoom);
  write_text(passed, "3");
  for (int i = 0; i < 3; ++i) write_and_have_it_read(1, 0);  // by then the hub has looked after all of them
  for (Subscriber& each : slow) {
    EXPECT_EQ(each.read_to_end(), kLagged);
    EXPECT_LT(each.reached(), kPadded);
    each.connect(writer);
    EXPECT_TRUE(each.read_until(last));
  }
  write_and_have_it_read(1, 0);
  expect_laws();
}

// As far behind as those, but some of what waits is taken in every second: far less than the kernel keeps.
// The pings stand behind all that, for longer than an answer to one may take. No other time passes.
TEST_F(Watchers, WhoTakesALittleEverySecondKeepsItsPlaceHoweverFarBehind) {
  constexpr std::uint64_t kPadded = 160, kEach = 4;
  constexpr std::size_t kTakenInASecond = 100'000;
  const fs::path passed = directory_.path() / "passed";
  write_text(passed, "0");
  hub_.kill();
  hub_.start(preloaded({{"PAW_TIME_PASSED", passed}, {"PAW_TIME_STANDS", "1"}}));
  Member writer = kim();
  Subscriber quick, slow;
  quick.connect(writer);
  slow.connect(writer, {.receive_buffer_bytes = 65'536});
  std::uint64_t last = 0;
  const auto write_and_have_it_read = [&](std::uint64_t count, std::size_t padding) {
    EXPECT_EQ(writer.batch(member_events(last + 1, count, {.padding = padding}), ledger_).success, count);
    last += count;
    EXPECT_TRUE(quick.read_until(last));
  };
  while (last < kPadded && !HasFailure()) write_and_have_it_read(kEach, 60'000);
  for (int second = 1; second <= 65; ++second) {
    for (std::size_t taken = 0; taken < kTakenInASecond;) {
      const std::size_t now = slow.connection().take_some();
      ASSERT_GT(now, 0U) << "nothing more came";
      taken += now;
    }
    const fs::path next = directory_.path() / "next";
    write_text(next, std::to_string(second));
    fs::rename(next, passed);  // at no moment is it empty, which would be far in the past
    for (int i = 0; i < 3; ++i) write_and_have_it_read(1, 0);  // by then the hub has looked after both
    EXPECT_TRUE(quick.connection().send_text_frame(R"({"type":"pong","timestamp":"now"})"));
  }
  EXPECT_TRUE(slow.read_until(last));
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
