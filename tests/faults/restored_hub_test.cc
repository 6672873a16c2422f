// A hub that comes back from yesterday's backup gets the day again, from the machines that sent it.
#include <csignal>

#include "faults/fault_fixture.h"
#include "harness/holdings.h"

namespace pawprint::testing {
namespace {

constexpr int kYesterday = 5;
constexpr int kToday = 7;

class RestoredHub : public FaultTest {
 protected:
  RestoredHub() : machine_(directory_.path() / "home", directory_.path() / "project") {
    machine_.git({"init", "-q"});
    EXPECT_EQ(machine_.json({"init"}).exit_code, 0);
    sign_in();
    emit(kYesterday);
    EXPECT_EQ(count(deliver(), "success"), kYesterday);
    hub_.run({"backup", backup().string()}, "");
    emit(kToday);
    EXPECT_EQ(count(deliver(), "success"), kToday);
  }

  fs::path backup() const { return directory_.path() / "backup.db"; }

  // A hub made of the backup, at the address of the one that was there.
  Hub restored(const std::string& name) {
    const fs::path data = directory_.path() / name;
    Hub hub(data, hub_.url());
    hub.run({"restore", backup().string()}, "");
    hub.start();
    return hub;
  }

  void sign_in() {
    const auto outcome = machine_.json(
        {"auth", "login", "--server", hub_.url(), "--username", kUser, "--password-stdin", "--link"},
        std::string(kPassword) + "\n");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  void emit(int events) {
    for (int i = 0; i < events; ++i) {
      const auto receipt = machine_.json({"emit", "Ping", "--aggregate", "A"});
      ASSERT_EQ(receipt.exit_code, 0) << receipt.err;
      promised_[std::string(receipt.data().at("event_id").as_string())] =
          receipt.data().at("lamport_clock").to_number<std::uint64_t>();
    }
  }
  JsonOutcome deliver() const { return machine_.json({"sync", "now"}); }
  static int count(const JsonOutcome& outcome, const char* what) {
    return outcome.data().at(what).to_number<int>();
  }
  int waiting(const char* what) const {
    return machine_.json({"sync", "status"}).data().at("queue").at(what).to_number<int>();
  }

  Machine machine_;
  Promised promised_;
};

TEST_F(RestoredHub, GetsTheDayAgainFromTheMachineThatSentIt) {
  hub_.kill();
  const Hub hub = restored("restored");
  EXPECT_EQ(log_of(hub.data()).size(), std::size_t{kYesterday});

  const auto signed_out = deliver();  // no session is restored
  EXPECT_EQ(signed_out.exit_code, 4) << signed_out.err;
  EXPECT_EQ(waiting("again"), kYesterday + kToday);
  const Outcome status = machine_.run({"pawprint", "sync", "status"});
  EXPECT_NE(status.out.find("sending 12 events again: " + hub.url() + " came back from a backup"),
            std::string::npos)
      << status.out;

  sign_in();
  const auto again = deliver();
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(count(again, "success"), kToday);
  EXPECT_EQ(count(again, "duplicate"), kYesterday);
  EXPECT_EQ(waiting("again"), 0);
  EXPECT_EQ(log_of(hub.data()).size(), promised_.size());
  expect_nothing_lost(machine_.home, hub.data(), promised_);
  expect_whole(hub);
  EXPECT_EQ(count(deliver(), "attempted"), 0) << "it is sent again once";
}

TEST_F(RestoredHub, GetsTheDayWhereverTheAgentIsKilledOnTheWay) {
  hub_.kill();
  for (const char* step : {"epoch-before-commit", "epoch-committed", "again-before-commit", "again-committed",
                           "deliver-before-request", "deliver-answered", "settle-committed"}) {
    SCOPED_TRACE(step);
    Hub hub = restored(step);
    sign_in();
    Launch launch = machine_.launch({"pawprint-agent", "deliver"});
    launch.variables["PAWPRINT_FAILPOINT"] = step;
    EXPECT_EQ(run(launch).exit_code, kKilled);
    EXPECT_EQ(deliver().exit_code, 0);
    EXPECT_EQ(log_of(hub.data()).size(), promised_.size());
    expect_nothing_lost(machine_.home, hub.data(), promised_);
    hub.kill();
  }
}

}  // namespace
}  // namespace pawprint::testing
