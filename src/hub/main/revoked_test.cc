// What an administrator takes from somebody, or they give up themselves, is gone at once on the hub that
// runs, and after it was started anew.
#include <gtest/gtest.h>

#include <utility>

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
  std::string ticket() const {
    const auto ticket = send("POST", "/api/v1/ws-token/");
    EXPECT_TRUE(ticket && ticket->status == 200);
    return boost::json::parse(ticket->body).at("ws_token").as_string().c_str();
  }
  net::Opened open_with(const std::string& ticket) const {
    auto opened = net::open_web_socket({.url = "ws" + url_.substr(4) + "/ws/v1/events/",
                                        .headers = {{"Authorization", "Bearer " + ticket}}});
    EXPECT_TRUE(opened);
    return opened ? std::move(*opened) : net::Opened{};
  }
  std::unique_ptr<net::WebSocketClient> watch() const {
    auto opened = open_with(ticket());
    EXPECT_TRUE(opened.socket);
    return std::move(opened.socket);
  }
  // Whether the hub says that it has stored it.
  static bool takes(net::WebSocketClient& socket, std::uint64_t number) {
    if (!socket.send(event(number), kLessThanALookAtAll)) return false;
    for (;;) {
      const auto frame = socket.receive(kLessThanALookAtAll);
      if (!frame || !*frame || (*frame)->contains(R"("type":"ping")")) return false;
      if ((*frame)->contains(R"("type":"ack")")) return true;
    }
  }
  // As a form of the hub's page sends it.
  net::HttpAnswer submit(std::string_view path, std::string form) const {
    net::HttpRequest request;
    request.method = "POST";
    request.url = url_ + std::string(path);
    request.headers = {
        {"Origin", url_}, {"Cookie", cookie_}, {"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = std::move(form);
    const auto answer = net::make_http_client()->send(request);
    EXPECT_TRUE(answer && answer->status == 303);
    return answer.value_or(net::HttpAnswer{});
  }
  void sign_in_on_page() {
    const auto answer = submit("/sign-in", "username=ada%40example.org&password=correct+horse");
    const std::string* set = answer.header("Set-Cookie");
    ASSERT_NE(set, nullptr);
    cookie_ = set->substr(0, set->find(';'));
  }
  void sign_out_on_page() const {
    net::HttpRequest request;
    request.url = url_ + "/device";
    request.headers = {{"Cookie", cookie_}};
    const auto shown = net::make_http_client()->send(request);
    ASSERT_TRUE(shown && shown->status == 200);
    constexpr std::string_view kField = R"(name="form_token" value=")";
    const auto at = shown->body.find(kField) + kField.size();
    submit("/sign-out", "form_token=" + shown->body.substr(at, shown->body.find('"', at) - at));
  }
  // As a script of that page does.
  std::unique_ptr<net::WebSocketClient> watch_on_page() const {
    auto opened = net::open_web_socket({.url = "ws" + url_.substr(4) + "/ws/v1/events/",
                                        .headers = {{"Origin", url_}, {"Cookie", cookie_}}});
    EXPECT_TRUE(opened && opened->socket);
    return opened ? std::move(opened->socket) : nullptr;
  }
  static std::string next(net::WebSocketClient& socket) {
    const auto frame = socket.receive(kLessThanALookAtAll);
    return frame && *frame ? **frame : std::string();
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

  std::string cookie_;
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

TEST_F(RevokedTest, WhoWatchesOnAPageIsOutOnceThatSessionEnds) {
  sign_in_on_page();
  const auto signed_out = watch_on_page();
  ASSERT_NE(signed_out, nullptr);
  EXPECT_TRUE(next(*signed_out).starts_with(R"({"type":"snapshot",)"));
  EXPECT_EQ(send_batch(1, 1).size(), 1U);
  EXPECT_TRUE(next(*signed_out).starts_with(R"({"type":"event","seq":1,)"));
  sign_out_on_page();
  EXPECT_EQ(read_to_end(*signed_out), net::kClosePolicy);
  EXPECT_EQ(send_batch(2, 1).size(), 1U) << "the other session goes on";
  sign_in_on_page();
  const auto other_password = watch_on_page();
  administer({"user", "password", "ada@example.org", "--password-stdin"}, "correct horse\n");
  EXPECT_EQ(read_to_end(*other_password), net::kClosePolicy);
  sign_in_on_page();
  const auto removed = watch_on_page();
  administer({"user", "remove", "ada@example.org", "--team", "acme"});
  EXPECT_EQ(read_to_end(*removed), net::kClosePolicy);
}

TEST_F(RevokedTest, AViewerWatchesOnAPageAndWritesNothing) {
  administer({"user", "set-role", "ada@example.org", "--team", "acme", "--role", "viewer"});
  sign_in_on_page();
  const auto socket = watch_on_page();
  ASSERT_NE(socket, nullptr);
  EXPECT_TRUE(next(*socket).starts_with(R"({"type":"snapshot",)"));
  ASSERT_TRUE(socket->send(event(1), kLessThanALookAtAll));
  EXPECT_TRUE(next(*socket).contains(R"("error_category":"forbidden")"));
}

TEST_F(RevokedTest, ARetiredKeyEndsWhatItsTokensHaveOpenedAndNothingElse) {
  const auto socket = watch();
  const std::string unused = ticket();
  ASSERT_NE(socket, nullptr);
  const Ended keys = run_to_end({"key", "list", "--data", data_});
  const std::string kid = keys.out.substr(0, keys.out.find(' '));
  administer({"key", "rotate"});
  EXPECT_TRUE(takes(*socket, 1)) << "what the former key has signed holds";
  const std::string of_former_key = std::exchange(token_, "");
  sign_in();
  const auto of_new_key = watch();
  ASSERT_NE(of_new_key, nullptr);
  sign_in_on_page();
  const auto of_password = watch_on_page();
  ASSERT_NE(of_password, nullptr);
  administer({"key", "retire", kid});
  EXPECT_FALSE(takes(*socket, 2));
  EXPECT_EQ(read_to_end(*socket), net::kClosePolicy);
  EXPECT_EQ(open_with(unused).status, 401);
  EXPECT_TRUE(takes(*of_new_key, 3));
  EXPECT_NE(watch_on_page(), nullptr);
  EXPECT_EQ(stored_ids(), (std::multiset<std::string>{id_of(1), id_of(3)}));
  token_ = of_former_key;
  EXPECT_EQ(send("GET", "/api/v1/me")->status, 401);
}

TEST_F(RevokedTest, AViewerGoesOnReadingAndWritesNothing) {
  administer({"user", "set-role", "ada@example.org", "--team", "acme", "--role", "viewer"});
  EXPECT_EQ(send("GET", "/api/v1/projects")->status, 200);
  EXPECT_EQ(send("POST", "/api/v1/events/batch/", protocol::write_batch(std::vector{event(1)}))->status, 403);
}

}  // namespace
}  // namespace pawprint::hub
