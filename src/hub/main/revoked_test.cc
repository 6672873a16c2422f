// What an administrator takes from somebody is gone at once on the hub that runs, and after it was started
// anew.
#include <gtest/gtest.h>

#include "hub/main/hub_fixture.h"
#include "net/web_socket.h"
#include "net/web_socket_client.h"

namespace pawprint::hub {
namespace {

constexpr std::chrono::seconds kLessThanALookAtAll{20};

class RevokedTest : public HubFixture {
 protected:
  void SetUp() override {
    HubFixture::SetUp();
    add_ada();
    start();
    sign_in();
  }
  std::unique_ptr<net::WebSocketClient> watch() const {
    const auto ticket = send("POST", "/api/v1/ws-token/");
    EXPECT_TRUE(ticket && ticket->status == 200);
    const std::string token = boost::json::parse(ticket->body).at("ws_token").as_string().c_str();
    auto opened = net::open_web_socket(
        {.url = "ws" + url_.substr(4) + "/ws/v1/events/", .headers = {{"Authorization", "Bearer " + token}}});
    EXPECT_TRUE(opened && opened->socket);
    return opened ? std::move(opened->socket) : nullptr;
  }
  // What the hub closes it with; 0: it did not.
  static std::uint16_t read_to_end(net::WebSocketClient& socket) {
    for (;;) {
      const auto frame = socket.receive(kLessThanALookAtAll);
      if (!frame) return socket.close_code().value_or(0);
      if (!*frame) return 0;
      if ((*frame)->contains(R"("type":"ping")")) return 0;
    }
  }
  void administer(std::vector<std::string> words, std::string_view input = {}) const {
    words.insert(words.end(), {"--data", data_});
    const Ended ended = run_to_end(std::move(words), input);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
  }
};

TEST_F(RevokedTest, AnotherPasswordEndsSocketsAndAccessTokensAlsoOfAHubThatIsStartedAnew) {
  const auto socket = watch();
  ASSERT_NE(socket, nullptr);
  administer({"user", "password", "ada@example.org", "--password-stdin"}, "another one\n");
  EXPECT_EQ(read_to_end(*socket), net::kClosePolicy);
  EXPECT_EQ(send("GET", "/api/v1/events")->status, 401);
  EXPECT_TRUE(send_batch(1, 1).empty());
  hub_->signal(SIGKILL);
  hub_->wait();
  start();
  EXPECT_EQ(send("GET", "/api/v1/events")->status, 401);
}

TEST_F(RevokedTest, WhoLeavesTheTeamIsOutAtOnce) {
  const auto socket = watch();
  ASSERT_NE(socket, nullptr);
  administer({"user", "remove", "ada@example.org", "--team", "acme"});
  EXPECT_EQ(read_to_end(*socket), net::kClosePolicy);
  EXPECT_EQ(send("GET", "/api/v1/projects")->status, 401);
}

TEST_F(RevokedTest, AViewerGoesOnReadingAndWritesNothing) {
  administer({"user", "set-role", "ada@example.org", "--team", "acme", "--role", "viewer"});
  EXPECT_EQ(send("GET", "/api/v1/projects")->status, 200);
  EXPECT_EQ(send("POST", "/api/v1/events/batch/", protocol::write_batch(std::vector{event(1)}))->status, 403);
}

}  // namespace
}  // namespace pawprint::hub
