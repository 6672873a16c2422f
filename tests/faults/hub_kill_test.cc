// A hub that is killed while it takes events in. PAWPRINT_HUB_KILLS and PAWPRINT_KILL_SEED choose how often,
// and which moments.
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "faults/fault_fixture.h"
#include "harness/holdings.h"
#include "harness/size.h"

namespace pawprint::testing {
namespace {

constexpr std::chrono::seconds kReadyWithin{5};
constexpr std::uint64_t kRoundsBetweenChecks = 5;

class HubKills : public FaultTest {
 protected:
  // Sends batch after batch until there is no answer, and that last one again when the hub is back.
  struct Sender {
    Member member;
    std::uint64_t next;
    void send_until_it_ends(Ledger& ledger, std::atomic<int>& answered) {
      for (;; next += kEach) {
        const auto events = member_events(next, kEach, {.team_slug = member.team_slug()});
        const Verdicts verdicts = member.batch(events, ledger);
        if (verdicts.success + verdicts.duplicate == 0) return;
        ++answered;
        answered.notify_all();
      }
    }
    static constexpr std::uint64_t kEach = 20;
  };

  void expect_ready_in_time() {
    const auto begin = std::chrono::steady_clock::now();
    hub_.start();
    const auto answer = Member(senders_.front().member).send("GET", "/readyz");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, kReadyWithin);
  }

  // Kills it so long after the first answer of the round.
  void one_round(std::chrono::microseconds after) {
    std::atomic<int> answered = 0;
    std::vector<std::jthread> threads;
    for (Sender& sender : senders_) {
      threads.emplace_back([this, &sender, &answered] {
        sender.send_until_it_ends(ledger_, answered);
        answered += 1'000'000;  // nobody waits for a sender that has ended
        answered.notify_all();
      });
    }
    answered.wait(0);
    EXPECT_EQ(hub_.wait_or_kill(after), kKilled);
  }

  std::vector<Sender> senders_;
};

TEST_F(HubKills, LoseNothingThatWasAcknowledged) {
  const std::uint64_t rounds = from_variable("PAWPRINT_HUB_KILLS", 15);
  const std::uint64_t seed = from_variable("PAWPRINT_KILL_SEED", 1);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 choice(seed);
  senders_.push_back({kim(), 1});
  senders_.push_back({Member(senders_[0].member), 10'000'001});
  senders_.push_back({robin(), 1});  // the same ids in another team
  for (std::uint64_t round = 1; round <= rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    one_round(std::chrono::microseconds(choice() % 30'000));
    expect_ready_in_time();
    if (round % kRoundsBetweenChecks == 0) ledger_.expect_kept(hub_.data());
  }
  expect_laws();
  EXPECT_GE(ledger_.acknowledged(), rounds * Sender::kEach);
}

TEST_F(HubKills, BetweenTheCommitAndTheAnswerAreAnsweredByDuplicates) {
  Member member = kim();
  const auto events = member_events(1, 50);
  for (const auto& [step, again] :
       {std::pair("hub-append-before-commit", Verdicts{50, 0, 0}), {"hub-append-committed", {0, 50, 0}}}) {
    hub_.kill();
    hub_.start({{"PAWPRINT_FAILPOINT", step}});
    EXPECT_FALSE(member.batch(events)) << step;
    EXPECT_EQ(hub_.wait(), kKilled) << step;
    hub_.start();
    if (again.duplicate > 0) {
      // It was stored without an answer; the first that is told of it is told so.
      const Verdicts told = member.batch(events, ledger_);
      EXPECT_EQ(told.duplicate, again.duplicate) << step;
    } else {
      EXPECT_EQ(rows_of_log(hub_.data()).size(), 0U) << step;
    }
  }
  expect_laws();
  EXPECT_EQ(rows_of_log(hub_.data()).size(), 50U);
}

// The same through the client that people have: what its queue says is what the hub has.
TEST_F(HubKills, AClientWhoseHubDiesEveryTimeStillDeliversOnce) {
  const Machine machine(directory_.path() / "home", directory_.path() / "project");
  machine.git({"init", "-q"});
  ASSERT_EQ(machine.json({"init"}).exit_code, 0);
  ASSERT_EQ(
      machine
          .json({"auth", "login", "--server", hub_.url(), "--username", kUser, "--password-stdin", "--link"},
                std::string(kPassword) + "\n")
          .exit_code,
      0);
  Promised promised;
  for (const char* step : {"hub-append-before-commit", "hub-append-committed"}) {
    const auto emitted = machine.json({"emit", "Ping", "--aggregate", "A"});
    ASSERT_EQ(emitted.exit_code, 0) << emitted.err;
    promised[std::string(emitted.data().at("event_id").as_string())] =
        emitted.data().at("lamport_clock").to_number<std::uint64_t>();
    hub_.kill();
    hub_.start({{"PAWPRINT_FAILPOINT", step}});
    EXPECT_EQ(machine.json({"sync", "now"}).exit_code, 5) << step;
    EXPECT_EQ(hub_.wait(), kKilled) << step;
    expect_nothing_lost(machine.home, hub_.data(), promised);
    hub_.start();
  }
  const auto delivered = machine.json({"sync", "now"});
  ASSERT_EQ(delivered.exit_code, 0) << delivered.err;
  EXPECT_TRUE(holdings_of(machine.home).waiting.empty());
  EXPECT_EQ(log_of(hub_.data()).size(), promised.size());
  expect_nothing_lost(machine.home, hub_.data(), promised);
}

}  // namespace
}  // namespace pawprint::testing
