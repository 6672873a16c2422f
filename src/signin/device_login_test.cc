#include "signin/device_login.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <deque>

namespace pawprint::signin {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kOrigin = "https://hub.example.com";
constexpr std::string_view kGrant =
    R"({"device_code":"pdc_1","user_code":"BCDF-GHJK","verification_uri":"https://hub.example.com/device",)"
    R"("verification_uri_complete":"https://hub.example.com/device?user_code=BCDF-GHJK","expires_in":900,"interval":5})";
constexpr std::string_view kPending = R"({"error":"authorization_pending"})";
constexpr std::string_view kTokens =
    R"({"access_token":"a-1","refresh_token":"r-1","token_type":"Bearer","expires_in":900,)"
    R"("refresh_expires_in":604800,"session_id":"s-1","team_slug":"acme"})";
constexpr std::string_view kMe =
    R"({"user_id":"u-1","email":"ann@example.com","name":"Ann","teams":[{"id":"t-1","slug":"acme"}]})";

// Answers from a script; without a line, as a hub that is down.
class ScriptedHttp final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> send(const net::HttpRequest& request) override {
    asked.push_back(request);
    if (script.empty()) return fail(ErrorKind::unreachable, "nobody answers");
    net::HttpAnswer answer = script.front();
    script.pop_front();
    if (answer.status == 0) return fail(ErrorKind::unreachable, "nobody answers");
    return answer;
  }
  void will_answer(int status, std::string_view body) {
    script.push_back({.status = status, .headers = {}, .body = std::string(body)});
  }
  std::vector<net::HttpRequest> asked;
  std::deque<net::HttpAnswer> script;
};

class DeviceLogin : public ::testing::Test {
 protected:
  DeviceLogin() {
    std::string pattern = ::testing::TempDir() + "device-XXXXXX";
    home = ::mkdtemp(pattern.data());
    environment.disk = &disk;
    environment.clock = &clock;
  }
  ~DeviceLogin() override { std::filesystem::remove_all(home); }

  Result<credentials::Session> login() {
    credentials::SessionStore sessions(environment, home);
    return login_by_device(environment, http, sessions, {std::string(kOrigin), "ann@lap top", "acme"},
                           {[this](const DeviceCode& code) { shown.push_back(code.user_code); },
                            [this](milliseconds time) {
                              waits.push_back(time.count() / 1000);
                              clock.advance_ms(time.count());
                              return waits.size() < interrupted_at;
                            }});
  }
  ErrorKind kind_after(int status, std::string_view body) {
    http.will_answer(200, kGrant);
    http.will_answer(status, body);
    const auto session = login();
    EXPECT_FALSE(session);
    return session ? ErrorKind::failed : session.error().kind;
  }

  PosixDisk disk;
  ManualClock clock{1'770'120'000'000};
  Environment environment;
  Path home;
  ScriptedHttp http;
  std::vector<std::string> shown;
  std::vector<std::int64_t> waits;
  std::size_t interrupted_at = 1000;
};

TEST_F(DeviceLogin, SomebodyApprovesAndTheSessionIsKept) {
  http.will_answer(200, kGrant);
  http.will_answer(400, kPending);
  http.will_answer(200, kTokens);
  http.will_answer(200, kMe);
  const auto session = login();
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->username, "ann@example.com");
  EXPECT_EQ(session->team_id, "t-1");
  EXPECT_EQ(shown, std::vector<std::string>{"BCDF-GHJK"});
  EXPECT_EQ(http.asked[0].body, "client_id=pawprint&machine=ann%40lap%20top&team_slug=acme");
  EXPECT_EQ(credentials::SessionStore(environment, home).load().value().at(0).refresh, "r-1");
}

TEST_F(DeviceLogin, TheHubIsAskedAsSeldomAsItWants) {
  http.will_answer(200, kGrant);
  http.will_answer(400, kPending);
  http.will_answer(400, R"({"error":"slow_down"})");
  http.will_answer(0, "");
  http.will_answer(503, "");
  http.will_answer(400, R"({"error":"access_denied"})");
  EXPECT_EQ(login().error().kind, ErrorKind::not_signed_in);
  EXPECT_EQ(waits, (std::vector<std::int64_t>{5, 5, 10, 20, 40}));
}

TEST_F(DeviceLogin, EveryEndHasItsReason) {
  EXPECT_EQ(kind_after(400, R"({"error":"access_denied"})"), ErrorKind::not_signed_in);
  EXPECT_EQ(kind_after(400, R"({"error":"expired_token"})"), ErrorKind::not_signed_in);
  EXPECT_EQ(kind_after(400, R"({"error":"invalid_grant"})"), ErrorKind::not_signed_in);
  EXPECT_EQ(kind_after(400, R"({"error":"invalid_client"})"), ErrorKind::refused);
  EXPECT_EQ(kind_after(200, "<html>"), ErrorKind::refused);
  EXPECT_EQ(kind_after(0, ""), ErrorKind::not_signed_in) << "the hub stays away until the code has expired";
  EXPECT_TRUE(credentials::SessionStore(environment, home).load().value().empty());
}

TEST_F(DeviceLogin, WhoeverInterruptsItIsNotAskedAgain) {
  interrupted_at = 2;
  http.will_answer(200, kGrant);
  http.will_answer(400, kPending);
  EXPECT_EQ(login().error().kind, ErrorKind::interrupted);
  EXPECT_EQ(http.asked.size(), 2U);
}

TEST_F(DeviceLogin, AHubThatShowsNoLinkOrKnowsNoCodesIsRefused) {
  http.will_answer(404, "{}");
  EXPECT_EQ(login().error().kind, ErrorKind::refused);
  http.will_answer(200,
                   R"({"device_code":"d","user_code":"u","verification_uri":"javascript:1","expires_in":9})");
  EXPECT_EQ(login().error().kind, ErrorKind::refused);
  for (const int status : {429, 502}) {
    http.will_answer(status, "");
    EXPECT_EQ(login().error().kind, ErrorKind::unreachable) << status;
  }
  EXPECT_TRUE(shown.empty());
}

}  // namespace
}  // namespace pawprint::signin
