// A network that is slow, comes and goes, or creeps, between a client and its hub.
#include <thread>

#include "base/format.h"
#include "faults/fault_fixture.h"
#include "harness/holdings.h"
#include "harness/proxy.h"
#include "harness/raw_connection.h"

namespace pawprint::testing {
namespace {

using std::chrono::milliseconds;

constexpr int kUnreachable = 5;

// A client that knows the hub by the address of a proxy.
class BadNetwork : public FaultTest {
 protected:
  BadNetwork() : proxy_(hub_.url()), machine_(directory_.path() / "home", directory_.path() / "project") {
    machine_.git({"init", "-q"});
    machine_.json({"init"});
    const auto signed_in = machine_.json(
        {"auth", "login", "--server", proxy_.url(), "--username", kUser, "--password-stdin", "--link"},
        std::string(kPassword) + "\n");
    EXPECT_EQ(signed_in.exit_code, 0) << signed_in.err;
  }

  void emit() {
    const auto emitted = machine_.json({"emit", "Ping", "--aggregate", "A"});
    ASSERT_EQ(emitted.exit_code, 0) << emitted.err;
    promised_[std::string(emitted.data().at("event_id").as_string())] =
        emitted.data().at("lamport_clock").to_number<std::uint64_t>();
  }
  int deliver() { return machine_.json({"sync", "now"}).exit_code; }

  void expect_all_delivered() {
    EXPECT_TRUE(holdings_of(machine_.home).waiting.empty());
    EXPECT_EQ(log_of(hub_.data()).size(), promised_.size());
    expect_nothing_lost(machine_.home, hub_.data(), promised_);
    expect_laws();
  }

  Proxy proxy_;
  Machine machine_;
  Promised promised_;
};

TEST_F(BadNetwork, ThatIsSlowOrCreepsDeliversAllTheSame) {
  for (const Weather& weather :
       {Weather{.latency = milliseconds(300)}, Weather{.latency = milliseconds(1), .bytes_at_once = 3}}) {
    proxy_.set(weather);
    for (int i = 0; i < 3; ++i) emit();
    EXPECT_EQ(deliver(), 0);
  }
  expect_all_delivered();
}

TEST_F(BadNetwork, ThatComesAndGoesLosesNothingAndStoresNothingTwice) {
  emit();
  for (const std::size_t bytes : {1, 200, 500, 700, 900}) {
    proxy_.set({.cut_after_bytes = bytes});
    emit();
    const int cut_request = deliver();
    EXPECT_TRUE(cut_request == 0 || cut_request == kUnreachable) << bytes << ": " << cut_request;
    expect_nothing_lost(machine_.home, hub_.data(), promised_);
    // The hub has it, and the answer is lost on the way.
    proxy_.set({.cut_answer_after_bytes = bytes});
    emit();
    const int cut_answer = deliver();
    EXPECT_TRUE(cut_answer == 0 || cut_answer == kUnreachable) << bytes << ": " << cut_answer;
    expect_nothing_lost(machine_.home, hub_.data(), promised_);
  }
  proxy_.set({.refuses = true});
  EXPECT_EQ(deliver(), kUnreachable);
  proxy_.set({});
  EXPECT_EQ(deliver(), 0);
  expect_all_delivered();
}

// Two seconds each way, and of every second connection the hub's answer to a batch is lost, behind its
// health.
TEST_F(BadNetwork, ThatTakesTwoSecondsAndLosesEverySecondConnectionDeliversAllTheSame) {
  for (int i = 0; i < 3; ++i) emit();
  const std::size_t before = proxy_.connections();
  proxy_.set({.latency = milliseconds(2000), .cut_answer_after_bytes = 600, .spares_every_second = true});
  EXPECT_EQ(deliver(), 0);
  EXPECT_EQ(proxy_.connections() - before, 2U) << "nothing was lost, or it was tried too often";
  expect_all_delivered();
}

// Nothing of a request that creeps is in a worker's way, and in the end it is told.
TEST_F(BadNetwork, RequestsThatCreepAreAnswered408AndKeepNobodyWaiting) {
  constexpr std::size_t kCreeping = 60;
  proxy_.set({.latency = milliseconds(1000), .bytes_at_once = 1});
  Member member = kim();
  std::vector<std::unique_ptr<RawConnection>> creeping;
  for (std::size_t i = 0; i < kCreeping; ++i) {
    const bool whole_head = i % 2 == 0;  // and a body of which there is a part; the others come by the proxy
    creeping.push_back(std::make_unique<RawConnection>(whole_head ? hub_.url() : proxy_.url()));
    ASSERT_TRUE(creeping.back()->send(
        fmt::format("POST /api/v1/token/ HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
                    "Content-Length: 100\r\n\r\n{{\"username\":")));
  }
  for (std::uint64_t i = 1; i <= 200; ++i) {  // more than could wait, many times what could work
    ASSERT_EQ(member.batch(member_events(i, 1), ledger_).success, 1U);
  }
  std::size_t told = 0;
  std::size_t ended = 0;
  for (const auto& connection : creeping) {
    RawAnswer answer = connection->read_answer();
    if (answer.status == 0 && connection->has_ended()) answer = connection->read_answer();  // it took longer
    told += answer.status == 408 ? 1U : 0U;
    ended += connection->has_ended() ? 1U : 0U;
  }
  EXPECT_GE(told, kCreeping / 2);
  EXPECT_EQ(ended, kCreeping);
  EXPECT_EQ(member.batch(member_events(1000, 1), ledger_).success, 1U);
  expect_laws();
}

}  // namespace
}  // namespace pawprint::testing
