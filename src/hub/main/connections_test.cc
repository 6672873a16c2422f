// How many may be connected to the running program at one time, in all and of one team.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>

#include "hub/main/hub_fixture.h"
#include "net/scripted_peer_for_test.h"
#include "net/web_socket_client.h"

namespace pawprint::hub {
namespace {

using std::chrono::seconds;

class ConnectionsTest : public HubFixture {
 protected:
  // For the programs started from now on.
  static void limit_open_files(rlim_t soft, rlim_t hard) {
    const rlimit limit{soft, hard};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

  net::Opened watch(const std::string& token) const {
    net::HttpRequest request;
    request.method = "POST";
    request.url = url_ + "/api/v1/ws-token/";
    request.headers = {{"Authorization", "Bearer " + token}};
    const auto answer = net::make_http_client()->send(request);
    EXPECT_TRUE(answer && answer->status == 200);
    const std::string ticket = boost::json::parse(answer->body).at("ws_token").as_string().c_str();
    auto opened = net::open_web_socket({.url = "ws" + url_.substr(4) + "/ws/v1/events/?stream=clock",
                                        .headers = {{"Authorization", "Bearer " + ticket}}});
    EXPECT_TRUE(opened) << opened.error().message;
    return opened ? std::move(*opened) : net::Opened{};
  }

  // Once what was closed has been noticed.
  bool comes_true(const std::function<bool()>& wanted) const {
    const auto end = std::chrono::steady_clock::now() + seconds{20};
    while (!wanted()) {
      if (std::chrono::steady_clock::now() > end) return false;
    }
    return true;
  }
};

TEST_F(ConnectionsTest, AboveTheLimitAreToldToComeBackLaterAndTakenInOnceThereIsRoom) {
  start({"--max-connections", "4", "--trusted-proxies", "127.0.0.1"});
  std::vector<std::unique_ptr<net::HttpClient>> kept;
  net::HttpRequest request;
  request.url = url_ + "/healthz";
  for (int i = 0; i < 4; ++i) {
    kept.push_back(net::make_http_client());
    const auto answer = kept.back()->send(request);
    ASSERT_TRUE(answer && answer->status == 200) << i;
  }
  const auto refused = send("GET", "/healthz");
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->status, 503);
  EXPECT_NE(refused->header("Retry-After"), nullptr);
  EXPECT_TRUE(kept[0]->send(request)->status == 200) << "who is connected goes on";
  request.url = url_ + "/metrics";
  const auto counted = kept[1]->send(request);
  EXPECT_TRUE(counted->body.contains("pawprint_hub_connections_limit 4\n")) << counted->body;
  EXPECT_TRUE(counted->body.contains("pawprint_hub_connections_turned_away_total 1\n")) << counted->body;
  const std::string line = hub_->read_error_line();
  EXPECT_TRUE(line.contains(R"("method":"GET","route":"/healthz","status":503,)")) << line;
  EXPECT_TRUE(line.ends_with(R"("failure":"too many connections are open already"})")) << line;
  kept.clear();
  EXPECT_TRUE(comes_true([&] { return send("GET", "/healthz")->status == 200; }));
}

// Of an answer without a body; "" if the connection was closed.
std::string head_of_answer(const net::Socket& socket, const std::string& more = {}) {
  socket.send("HEAD /api/v1/me HTTP/1.1\r\nHost: hub\r\n" + more + "\r\n");
  return socket.receive_until("\r\n\r\n");
}

TEST_F(ConnectionsTest, OfStrangersAtOneAddressLeaveHalfOfThemToOthers) {
  add_ada();
  start({"--max-connections", "12"});
  sign_in();
  const auto port = static_cast<std::uint16_t>(std::stoul(url_.substr(url_.rfind(':') + 1)));
  const auto from = [&](const char* address) { return net::Socket::connected_to(port, address); };
  std::vector<net::Socket> strangers;
  for (int i = 0; i < 6; ++i) {
    strangers.push_back(from("127.0.0.2"));
    EXPECT_TRUE(head_of_answer(strangers.back()).contains(" 401 ")) << i;
  }
  EXPECT_EQ(head_of_answer(from("127.0.0.2")), "");
  EXPECT_TRUE(head_of_answer(from("127.0.0.3")).contains(" 401 "));
  EXPECT_TRUE(head_of_answer(strangers[0], "Authorization: Bearer " + token_ + "\r\n").contains(" 200 "));
  EXPECT_TRUE(head_of_answer(from("127.0.0.2")).contains(" 401 ")) << "who has signed in is no stranger";
  EXPECT_TRUE(send("GET", "/metrics")->body.contains("pawprint_hub_connections_turned_away_total 1\n"));
}

TEST_F(ConnectionsTest, OfOneTeamAboveItsLimitLeaveTheOthersTheirs) {
  add_ada();
  ASSERT_EQ(run_to_end({"team", "add", "other", "--data", data_}).exit_code, 0);
  const auto token_for = [&](const char* team) {
    const Ended issued = run_to_end({"token", "issue", "--team", team, "--name", "ci", "--data", data_});
    return issued.out.substr(0, issued.out.find('\n'));
  };
  const std::string acme = token_for("acme"), other = token_for("other");
  start({"--team-live-sockets", "2"});
  auto first = watch(acme), second = watch(acme);
  EXPECT_TRUE(first.socket && second.socket);
  EXPECT_EQ(watch(acme).status, 503);
  EXPECT_NE(watch(other).socket, nullptr);
  first.socket.reset();
  EXPECT_TRUE(comes_true([&] { return watch(acme).socket != nullptr; }));
}

TEST_F(ConnectionsTest, ThatTheProcessCannotHaveAreSaidAtTheStart) {
  const auto with_few_files = [&] {  // in a process of its own, as the limit may not be raised again
    limit_open_files(100, 600);
    std::vector<std::string> words = serve_words();
    words.insert(words.end(), {"--max-connections", "1000"});
    const Ended refused = run_to_end(words);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_TRUE(refused.err.contains("1000 connections take 1320 open files, and this process may have 600"))
        << refused.err;
    start();  // its own number is lowered, and the soft limit raised
    EXPECT_TRUE(hub_->read_error_line().contains("there may be 280 (LimitNOFILE)"));
    EXPECT_TRUE(send("GET", "/metrics")->body.contains("pawprint_hub_connections_limit 280\n"));
    hub_.reset();
    std::_Exit(HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(with_few_files(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace pawprint::hub
