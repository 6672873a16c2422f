// Deliveries that cannot go on say so with their exit code, whatever the program was started with.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <csignal>

#include "harness/sandbox.h"

namespace pawprint::testing {
namespace {

constexpr const char* kOtherUser = "bo@example.com";

class DeliveryFaults : public ::testing::Test {
 protected:
  DeliveryFaults() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
  }

  void sign_in(const Hub& hub, const char* user, const char* link) {
    const auto outcome =
        machine_.json({"auth", "login", "--server", hub.url(), "--username", user, "--password-stdin", link},
                      std::string(kPassword) + "\n");
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  }
  void emit_one() { ASSERT_EQ(machine_.json({"emit", "T", "--aggregate", "A"}).exit_code, 0); }

  std::string pawprint() const { return machine_.launch({"pawprint"}).words.front(); }

  // `pawprint` beside an agent that is this shell script, started by `starter`.
  JsonOutcome with_agent(const std::string& script, std::vector<std::string> words,
                         const std::vector<std::string>& starter = {}) const {
    const fs::path bin = directory_.path() / "bin";
    fs::create_directories(bin);
    fs::copy_file(pawprint(), bin / "pawprint", fs::copy_options::overwrite_existing);
    write_text(bin / "pawprint-agent", "#!/bin/sh\n" + script + "\n");
    fs::permissions(bin / "pawprint-agent", fs::perms::owner_all);
    words.insert(words.begin(), (bin / "pawprint").string());
    words.insert(words.begin(), starter.begin(), starter.end());
    words.emplace_back("--json");
    const Outcome outcome = machine_.run(words);
    return {outcome.exit_code, boost::json::parse(outcome.out).as_object(), outcome.err};
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(DeliveryFaults, EventsOfAUserWhoSignedOutAreNotCalledDelivered) {
  const Hub hub(directory_.path() / "hub");
  hub.run({"user", "add", kOtherUser, "--team", "acme", "--password-stdin"}, std::string(kPassword) + "\n");
  sign_in(hub, kUser, "--link");
  emit_one();
  ASSERT_EQ(machine_.json({"auth", "logout"}).exit_code, 0);
  sign_in(hub, kOtherUser, "--no-link");
  const auto outcome = machine_.json({"sync", "now"});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_EQ(outcome.data().at("stopped_by").as_string(), "not_signed_in");
  EXPECT_EQ(outcome.data().at("remaining").to_number<int>(), 1);
  EXPECT_NE(outcome.error("message").find(hub.url()), std::string::npos) << outcome.error("message");
  EXPECT_NE(outcome.error("message").find("acme"), std::string::npos) << outcome.error("message");
}

TEST_F(DeliveryFaults, WhatTheLatestDeliveryFailedForIsSeenUntilOneSucceeds) {
  Hub hub(directory_.path() / "hub");
  sign_in(hub, kUser, "--link");
  emit_one();
  const auto why_not_now = [&] { return machine_.json({"sync", "status"}).data().at("why_not_now"); };
  EXPECT_TRUE(why_not_now().is_null());
  hub.kill();
  const auto failed = machine_.json({"sync", "now"});
  EXPECT_EQ(failed.exit_code, 5);
  const auto found = [&] {
    const auto examined = machine_.json({"doctor"});
    std::string said;
    for (const auto& finding : examined.data().at("findings").as_array()) {
      said += std::string(finding.at("message").as_string()) + ": " +
              std::string(finding.at("command").as_string()) + "\n";
    }
    return said;
  };
  const std::string why(why_not_now().as_string());
  EXPECT_TRUE(why.starts_with("the latest delivery to acme failed at 2")) << why;
  EXPECT_TRUE(found().starts_with(hub.url() + " does not answer: ")) << found();
  EXPECT_FALSE(found().contains("the latest delivery")) << "one cause was told twice";
  EXPECT_TRUE(why.ends_with(": " + failed.error("message") + ": pawprint sync now")) << why;
  EXPECT_NE(machine_.run({"pawprint", "sync", "status"}).out.find("next      " + why), std::string::npos);
  hub.start();
  EXPECT_EQ(found(), why + "\n") << "it answers, and what failed has not been sent";
  EXPECT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  emit_one();
  EXPECT_TRUE(why_not_now().is_null()) << why_not_now();
  EXPECT_EQ(found(), "");
}

TEST_F(DeliveryFaults, ASignInThatTheHubEndedIsSeenUntilSomebodySignsInAgain) {
  const Hub hub(directory_.path() / "hub");
  sign_in(hub, kUser, "--link");
  emit_one();
  hub.run({"user", "password", kUser, "--password-stdin"}, std::string(kPassword) + "\n");
  ASSERT_EQ(machine_.json({"sync", "now"}).exit_code, 4);
  ASSERT_EQ(machine_.json({"sync", "now"}).exit_code, 4);
  const auto why_not_now = [&] { return machine_.json({"sync", "status"}).data().at("why_not_now"); };
  const std::string why(why_not_now().as_string());
  const std::string command = "pawprint auth login --server " + hub.url() + " --team acme";
  EXPECT_TRUE(why.starts_with("the latest delivery to acme failed at 2")) << why;
  EXPECT_TRUE(why.ends_with(": the sign-in to " + hub.url() + " has ended: " + command)) << why;
  const auto findings = machine_.json({"doctor"}).data().at("findings").as_array();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(std::string(findings[0].at("message").as_string()) + ": " + command, why);
  EXPECT_EQ(findings[0].at("command").as_string(), command);
  sign_in(hub, kUser, "--no-link");
  EXPECT_TRUE(why_not_now().is_null()) << why_not_now();
  EXPECT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  ASSERT_EQ(machine_.json({"auth", "logout"}).exit_code, 0);
  emit_one();
  EXPECT_EQ(why_not_now().as_string(), "not signed in: " + command);
}

TEST_F(DeliveryFaults, TwoUsersOfOneTeamAreToldApart) {
  const Hub hub(directory_.path() / "hub");
  hub.run({"user", "add", kOtherUser, "--team", "acme", "--password-stdin"}, std::string(kPassword) + "\n");
  sign_in(hub, kUser, "--no-link");
  sign_in(hub, kOtherUser, "--link");
  emit_one();
  const auto unclear = machine_.json({"sync", "link"});
  EXPECT_EQ(unclear.exit_code, 2);
  EXPECT_NE(unclear.error("message").find(std::string("--username ") + kOtherUser), std::string::npos);
  EXPECT_EQ(machine_.json({"sync", "link", "--username", kOtherUser}).data().at("changed").as_bool(), false);
  EXPECT_EQ(machine_.json({"auth", "logout"}).exit_code, 2);
  EXPECT_EQ(machine_.json({"auth", "logout", "--username", kUser}).exit_code, 0);
  EXPECT_EQ(machine_.json({"sync", "now"}).data().at("success").to_number<int>(), 1);
}

TEST_F(DeliveryFaults, WhatWaitsWithoutALinkIsSaid) {
  emit_one();
  EXPECT_EQ(machine_.json({"sync", "now"}).data().at("unlinked").to_number<int>(), 1);
  const Outcome outcome = machine_.run({"pawprint", "sync", "now"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.out.find("1 event without a link that sends (try: pawprint sync status)"),
            std::string::npos);
}

TEST_F(DeliveryFaults, AnInheritedIgnoredSigchldHidesNoFailure) {
  const Outcome outcome = machine_.run({"/usr/bin/env", "--ignore-signal=CHLD", pawprint(), "auth", "logout",
                                        "--server", "http://127.0.0.1:1", "--json"});
  EXPECT_EQ(outcome.exit_code, 4) << outcome.out << outcome.err;
}

TEST_F(DeliveryFaults, TheExitCodeIsThatOfTheReportedError) {
  const auto outcome = with_agent(R"(echo '{"ok":false,"error":{"kind":"not_signed_in","message":"no"}}')",
                                  {"auth", "logout"});
  EXPECT_EQ(outcome.exit_code, 4);
}

TEST_F(DeliveryFaults, AnAgentThatASignalEndedWasInterrupted) {
  for (const char* script : {"kill -INT $$", "kill -TERM $$", "exit 130"}) {
    const auto outcome = with_agent(script, {"sync", "now"});
    EXPECT_EQ(outcome.exit_code, 130) << script;
    EXPECT_EQ(outcome.error("kind"), "interrupted") << script;
  }
  EXPECT_EQ(with_agent("exit 3", {"sync", "now"}).exit_code, 1);
}

TEST_F(DeliveryFaults, ASignalThatIsBlockedForUsIsNotBlockedForTheAgent) {
  const auto outcome = with_agent("kill -TERM $$", {"sync", "now"}, {"/usr/bin/env", "--block-signal=TERM"});
  EXPECT_EQ(outcome.exit_code, 130);
}

TEST_F(DeliveryFaults, AReaderThatHasGoneAwayIsExitCodeOne) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  const Outcome outcome =
      machine_.run({"/usr/bin/env", "--default-signal=PIPE", "/bin/sh", "-c",
                    "exec \"$0\" emit T --aggregate A >&" + std::to_string(ends[1]), pawprint()});
  ::close(ends[1]);
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
}

// Takes connections on the port of a hub that is gone, and says nothing.
class SilentHub {
 public:
  explicit SilentHub(const std::string& url) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int yes = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 4), 0);
  }
  SilentHub(const SilentHub&) = delete;
  ~SilentHub() {
    ::close(connection_);
    ::close(socket_);
  }
  void wait_for_somebody() { connection_ = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC); }

 private:
  int socket_;
  int connection_ = -1;
};

TEST_F(DeliveryFaults, AnInterruptionEndsADeliveryToASilentHub) {
  Hub hub(directory_.path() / "hub");
  sign_in(hub, kUser, "--link");
  emit_one();
  hub.kill();
  SilentHub silent(hub.url());
  Background agent(machine_.launch({"pawprint-agent", "deliver"}));
  silent.wait_for_somebody();
  agent.send_signal(SIGINT);
  EXPECT_NE(agent.next_line().find(R"("stopped_by":"interrupted")"), std::string::npos);
  EXPECT_EQ(agent.wait(), 130);
}

TEST_F(DeliveryFaults, AnInterruptionEndsDoctorAsItEndsEveryCommand) {
  Hub hub(directory_.path() / "hub");
  hub.kill();
  SilentHub silent(hub.url());
  Background agent(machine_.launch({"pawprint-agent", "reach", "--server", hub.url()}));
  silent.wait_for_somebody();
  agent.send_signal(SIGINT);
  EXPECT_EQ(agent.wait(), 130);
  const auto examined = with_agent("exit 130", {"doctor"});
  EXPECT_EQ(examined.exit_code, 130);
  EXPECT_EQ(examined.error("kind"), "interrupted");
  EXPECT_TRUE(examined.data().contains("findings"));
}

}  // namespace
}  // namespace pawprint::testing
