// What the running program says of itself at /metrics, and to whom.
#include <gtest/gtest.h>

#include <fstream>

#include "hub/main/hub_fixture.h"

namespace pawprint::hub {
namespace {

class HubMetricsTest : public HubFixture {
 protected:
  std::string metrics() const {
    const auto answer = send("GET", "/metrics");
    EXPECT_TRUE(answer && answer->status == 200);
    return answer ? answer->body : "";
  }

  std::string write_token(std::string_view text) const {
    const std::string file = root_ + "/metrics.token";
    std::ofstream(file) << text;
    return file;
  }
};

TEST_F(HubMetricsTest, CountWhatWasStoredAndSentAgain) {
  add_ada();
  start();
  sign_in();
  ASSERT_EQ(send_batch(1, 3).size(), 3U);
  ASSERT_EQ(send_batch(1, 3).size(), 3U);
  const std::string text = metrics();
  for (const char* line : {
           "pawprint_hub_events_total{category=\"\",verdict=\"success\"} 3\n",
           "pawprint_hub_events_total{category=\"\",verdict=\"duplicate\"} 3\n",
           "pawprint_hub_requests_total{route=\"/api/v1/events/batch/\",status=\"200\"} 2\n",
           "pawprint_hub_live_sockets 0\n",
       }) {
    EXPECT_TRUE(text.contains(line)) << line << "is not in\n" << text;
  }
  EXPECT_FALSE(text.contains("pawprint_hub_commit_seconds_count 0\n"));
}

TEST_F(HubMetricsTest, NamesAndPathsOfStrangersMakeNoSeries) {
  start();
  for (const char* path : {"/a", "/b", "/c?d=e"}) ASSERT_TRUE(send("GET", path));
  ASSERT_TRUE(send("BREW", "/healthz"));
  const std::string text = metrics();
  EXPECT_TRUE(text.contains("pawprint_hub_requests_total{route=\"none\",status=\"404\"} 3\n")) << text;
  for (const char* word : {"\"/a\"", "\"/b\"", "BREW"}) EXPECT_FALSE(text.contains(word)) << text;
}

TEST_F(HubMetricsTest, WithATokenTheyAreForItsOwnersAlone) {
  start({"--metrics-token-file", write_token("0123456789abcdef\n")});
  EXPECT_EQ(send("GET", "/metrics")->status, 401);
  token_ = "0123456789abcdeX";
  EXPECT_EQ(send("GET", "/metrics")->status, 401);
  token_ = "0123456789abcdef";
  EXPECT_EQ(send("GET", "/metrics")->status, 200);
}

TEST_F(HubMetricsTest, WithoutATokenTheyAreNotForThoseBehindAProxy) {
  start({"--public-url", "https://hub.example.org"});
  EXPECT_EQ(send("GET", "/metrics")->status, 401);
}

// Whose IPv4 address comes as ::ffff:127.0.0.1 then.
TEST_F(HubMetricsTest, OfAHubThatListensForIpv4AndIpv6AreForThisMachineByEither) {
  hub_ = std::make_unique<Program>(std::vector<std::string>{"serve", "--data", data_, "--listen", "[::]:0",
                                                            "--insecure", "--log-requests"},
                                   "");
  const std::string line = hub_->read_line();
  ASSERT_TRUE(line.starts_with("listening http://[::]:")) << line << hub_->rest_of_errors();
  url_ = "http://127.0.0.1" + line.substr(line.rfind(':'));
  EXPECT_EQ(send("GET", "/metrics")->status, 200);
  const std::string logged = hub_->read_error_line();
  EXPECT_TRUE(logged.contains(R"("remote":"127.0.0.1")")) << logged;
}

TEST_F(HubMetricsTest, AShortTokenIsRefusedAtTheStart) {
  const Ended ended = run_to_end(
      {"serve", "--data", data_, "--listen", "127.0.0.1:0", "--metrics-token-file", write_token("short")});
  EXPECT_EQ(ended.exit_code, 1);
  EXPECT_TRUE(ended.err.contains("less than 16 characters")) << ended.err;
}

}  // namespace
}  // namespace pawprint::hub
