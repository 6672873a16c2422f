#include "kill/kill_fixture.h"

#include <boost/json/parse.hpp>
#include <regex>

namespace pawprint::testing {

KillTest::KillTest()
    : hub_data_(directory_.path() / "hub"),
      hub_(hub_data_),
      machine_(directory_.path() / "home", directory_.path() / "project") {
  machine_.git({"init", "-q"});
  EXPECT_EQ(machine_.json({"init"}).exit_code, 0);
  EXPECT_EQ(sign_in(), 0);
}

KillTest::Ended KillTest::run(Launch launch, const Death& death) const {
  if (!death.step.empty()) launch.variables["PAWPRINT_FAILPOINT"] = death.step;
  launch.errors = errors_;
  Background program(launch);
  const int exit_code = program.wait_or_kill(death.after.value_or(std::chrono::seconds(50)));
  return {exit_code, program.next_line()};
}

int KillTest::emit(const Death& death) {
  const std::string payload = "{\"n\":" + std::to_string(++emitted_) + "}";
  const Ended ended =
      run(machine_.launch({"pawprint", "emit", "Ping", "--aggregate", "A", "--payload", payload, "--json"}),
          death);
  boost::json::error_code unreadable;
  const boost::json::value answer = boost::json::parse(ended.first_line, unreadable);
  if (!unreadable && answer.as_object().at("ok").as_bool()) {
    const auto& receipt = answer.at("data").as_object();
    promised_[std::string(receipt.at("event_id").as_string())] =
        receipt.at("lamport_clock").to_number<std::uint64_t>();
  }
  return ended.exit_code;
}

int KillTest::deliver(const Death& death) {
  return run(machine_.launch({"pawprint-agent", "deliver"}), death).exit_code;
}

int KillTest::sign_in(const Death& death) {
  Launch launch = machine_.launch({"pawprint", "auth", "login", "--server", hub_.url(), "--username", kUser,
                                   "--password-stdin", "--link", "--json"},
                                  std::string(kPassword) + "\n");
  if (!death.step.empty()) launch.variables["PAWPRINT_FAILPOINT"] = death.step;
  return testing::run(launch).exit_code;
}

int KillTest::init(const Machine& machine, const Death& death) const {
  return run(machine.launch({"pawprint", "init", "--json"}), death).exit_code;
}

// What was killed may have left locks to wait for, but nothing else in the way.
void KillTest::deliver_everything() {
  for (int attempt = 0; attempt < 20; ++attempt) {
    const auto delivered = machine_.json({"sync", "now"});
    if (delivered.exit_code == 0 && delivered.data().at("remaining").to_number<int>() == 0 &&
        holdings_of(machine_.home).waiting.empty())
      return;
  }
  ADD_FAILURE() << "something is left over: " << machine_.run({"pawprint", "sync", "status"}).out;
}

void KillTest::let_access_token_expire() {
  const fs::path file = machine_.home / "sessions.toml";
  write_text(file, std::regex_replace(read_text(file), std::regex("access_expires_at = [^\\n]+"),
                                      "access_expires_at = 2020-01-01T00:00:00Z"));
}

void KillTest::set_queue_limit(int events) {
  write_text(machine_.home / "pawprint.toml", "[sync]\nqueue_limit = " + std::to_string(events) + "\n");
}

}  // namespace pawprint::testing
