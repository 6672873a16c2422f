// The real program, started, used over its socket, and ended in every way.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

#include "base/format.h"
#include "hub/main/hub_fixture.h"

namespace pawprint::hub {
namespace {

namespace json = boost::json;

using ServeTest = HubFixture;

TEST_F(ServeTest, FromTheFirstTeamToTheBoardAndDownAgain) {
  add_ada();
  start();
  sign_in();
  EXPECT_EQ(send_batch(1, 3), (std::vector<std::string>{id_of(1), id_of(2), id_of(3)}));
  const auto projects = send("GET", "/api/v1/projects");
  ASSERT_TRUE(projects) << projects.error().message;
  EXPECT_EQ(json::parse(projects->body).at("projects").as_array()[0].at("uuid").as_string(), kProject);
  hub_->signal(SIGTERM);
  EXPECT_EQ(hub_->wait(), 0);
  EXPECT_EQ(hub_->rest_of_output(), "");
  EXPECT_EQ(hub_->rest_of_errors(), "");
}

TEST_F(ServeTest, InterruptedAtTheTerminalItEndsTheSameWay) {
  start();
  hub_->signal(SIGINT);
  EXPECT_EQ(hub_->wait(), 0);
}

TEST_F(ServeTest, ABatchAboveTheLimitIs413WithTheLimits) {
  add_ada();
  start();
  sign_in();
  const auto answer = send("POST", "/api/v1/events/batch/", std::string((1U << 20) + 1, ' '));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 413);
  EXPECT_TRUE(json::parse(answer->body).as_object().contains("limits")) << answer->body;
}

// A stranger who asks for more password checks than there is time for keeps nobody else from working.
TEST_F(ServeTest, AFloodOfSignInsIsTurnedAwayAndTheOthersAreAnsweredMeanwhile) {
  add_ada();
  start();
  sign_in();
  constexpr int kFlood = 80;  // more than the 24 that one address may have run or wait
  std::atomic<int> turned_away = 0, checked = 0, ended = 0;
  std::vector<std::thread> strangers;
  for (int i = 0; i < kFlood; ++i) {
    strangers.emplace_back([&, i] {
      const std::string body = fmt::format(R"({{"username":"eve{}","password":"guess"}})", i);
      const auto answer = send("POST", "/api/v1/token/", body);
      checked += answer && answer->status == 401 ? 1 : 0;
      turned_away += answer && answer->status == 429 && answer->header("Retry-After") != nullptr ? 1 : 0;
      ++ended;
      ended.notify_all();
    });
  }
  for (int seen = ended; seen < kFlood && turned_away == 0; seen = ended) ended.wait(seen);
  const auto healthy = send("GET", "/healthz");
  EXPECT_TRUE(healthy && healthy->status == 200);
  for (std::thread& stranger : strangers) stranger.join();
  EXPECT_EQ(turned_away + checked, kFlood);
  EXPECT_GT(turned_away, 0);
  EXPECT_GE(checked, 24);
}

TEST_F(ServeTest, KilledInTheMiddleItHasEveryEventThatItAcknowledged) {
  add_ada();
  std::set<std::string> acknowledged;
  std::uint64_t next = 1;
  for (int round = 0; round < 3; ++round) {
    start();
    if (round == 0) sign_in();  // the token outlives the process
    std::atomic<int> batches = 0;
    std::thread sender([&] {
      for (auto ids = send_batch(next, 50); !ids.empty(); ids = send_batch(next, 50)) {
        acknowledged.insert(ids.begin(), ids.end());
        next += 50;
        ++batches;
        batches.notify_all();
      }
      batches += 1000;  // nobody has to wait for a sender that has ended
      batches.notify_all();
    });
    for (int seen = batches; seen < 5; seen = batches) batches.wait(seen);
    hub_->signal(SIGKILL);
    sender.join();
    EXPECT_EQ(hub_->wait(), -SIGKILL);
  }
  start();
  const auto stored = stored_ids();
  EXPECT_GE(acknowledged.size(), 3U * 5 * 50);
  for (const std::string& id : acknowledged) EXPECT_EQ(stored.count(id), 1U) << id;
  const auto again = send_batch(next, 50);  // what was sent last, and perhaps never answered
  EXPECT_EQ(again.size(), 50U);
  EXPECT_EQ(stored_ids().count(id_of(next)), 1U);
}

TEST_F(ServeTest, TheSameBatchFromManyClientsAtOnceIsStoredOnce) {
  add_ada();
  start();
  sign_in();
  std::vector<std::string> events;
  for (std::uint64_t number = 1; number <= 100; ++number) events.push_back(event(number));
  const std::string body = protocol::write_batch(events);
  std::atomic<int> stored = 0, known = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&] {
      const auto answer = send("POST", "/api/v1/events/batch/", body);
      const auto verdicts = protocol::read_verdicts(answer ? answer->body : "");
      if (!verdicts) return;
      for (const auto& verdict : *verdicts) {
        stored += verdict.status == protocol::VerdictStatus::success ? 1 : 0;
        known += verdict.status == protocol::VerdictStatus::duplicate ? 1 : 0;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(stored, 100);
  EXPECT_EQ(known, 700);
  EXPECT_EQ(stored_ids().size(), 100U);
}

TEST_F(ServeTest, AHubRestoredFromABackupTakesWhatItHasLostOnceMore) {
  add_ada();
  start();
  sign_in();
  ASSERT_EQ(send_batch(1, 3).size(), 3U);
  const std::string file = root_ + "/backup.db";
  ASSERT_EQ(run_to_end({"backup", file, "--data", data_}).exit_code, 0);
  ASSERT_EQ(send_batch(4, 2).size(), 2U);
  const auto before = send("POST", "/api/v1/events/batch/", R"({"events":[]})");
  hub_.reset();
  data_ = root_ + "/restored";
  ASSERT_EQ(run_to_end({"restore", file, "--data", data_}).exit_code, 0);
  start();
  token_.clear();
  sign_in();
  EXPECT_EQ(stored_ids().size(), 3U);
  EXPECT_EQ(send_batch(1, 5).size(), 5U);
  EXPECT_EQ(stored_ids().size(), 5U);
  const auto after = send("POST", "/api/v1/events/batch/", R"({"events":[]})");
  ASSERT_TRUE(before && after);
  EXPECT_NE(*before->header("X-Pawprint-Epoch"), *after->header("X-Pawprint-Epoch"));
}

TEST_F(ServeTest, ASecondHubOnTheSameDirectoryIsRefusedWithTheWayOut) {
  add_ada();
  start();
  const Ended second = run_to_end(serve_words());
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_EQ(second.out, "");
  EXPECT_TRUE(second.err.starts_with("pawprint-hub: ")) << second.err;
  EXPECT_TRUE(second.err.contains("a running pawprint-hub has it open")) << second.err;
  EXPECT_TRUE(second.err.contains("\n  try: stop that hub first")) << second.err;
  sign_in();  // the first one goes on
}

TEST_F(ServeTest, WhoIsRemovedOrGetsAnotherPasswordIsSignedOutWhileTheHubRuns) {
  start();
  add_ada();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"user", "password", "ada@example.org", "--password-stdin"},
        std::vector<std::string>{"user", "remove", "ada@example.org", "--team", "acme"}}) {
    const auto answer = send("POST", "/api/v1/token/", kCredentials);
    ASSERT_TRUE(answer && answer->status == 200) << answer->body;
    const std::string refresh = json::parse(answer->body).at("refresh").as_string().c_str();
    std::vector<std::string> with_data = words;
    with_data.insert(with_data.end(), {"--data", data_});
    EXPECT_EQ(run_to_end(with_data, "correct horse\n").exit_code, 0);
    const auto refused =
        send("POST", "/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", refresh));
    ASSERT_TRUE(refused) << refused.error().message;
    EXPECT_EQ(refused->status, 401) << refused->body;
  }
  EXPECT_EQ(send("POST", "/api/v1/token/", kCredentials)->status, 401);  // of no team now
}

TEST_F(ServeTest, WhatTheHubKeepsIsForItsUserAlone) {
  add_ada();
  start();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    struct stat status{};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0077U, 0U) << entry.path();
  }
}

TEST_F(ServeTest, ADirectoryThatOthersMayEnterIsRefusedWithTheChmodToType) {
  ASSERT_EQ(::mkdir(data_.c_str(), 0755), 0);
  ASSERT_EQ(::chmod(data_.c_str(), 0755), 0);
  const Ended refused = run_to_end(serve_words());
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.contains("\n  try: chmod 700 " + data_ + "\n")) << refused.err;
}

TEST_F(ServeTest, MistakesOnTheCommandLineAre2AndSayWhatToType) {
  for (const auto& words : {std::vector<std::string>{}, std::vector<std::string>{"fly"},
                            std::vector<std::string>{"serve", "--data", data_, "--listen", "0.0.0.0:0"}}) {
    const Ended refused = run_to_end(words);
    EXPECT_EQ(refused.exit_code, 2) << refused.err;
    EXPECT_EQ(refused.out, "");
    EXPECT_TRUE(refused.err.contains("\n  try: pawprint-hub ")) << refused.err;
  }
  EXPECT_FALSE(std::filesystem::exists(data_));
}

TEST_F(ServeTest, HelpAndVersionGoToStdout) {
  for (const char* word : {"--help", "--version"}) {
    const Ended shown = run_to_end({word});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_TRUE(shown.out.contains("pawprint-hub")) << shown.out;
    EXPECT_EQ(shown.err, "");
  }
}

TEST_F(ServeTest, APortThatIsTakenIsSaidAndNothingIsServed) {
  start();
  const std::string port = url_.substr(url_.rfind(':') + 1);
  const Ended refused = run_to_end({"serve", "--data", root_ + "/other", "--listen", "127.0.0.1:" + port});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_TRUE(refused.err.contains(port)) << refused.err;
}

}  // namespace
}  // namespace pawprint::hub
