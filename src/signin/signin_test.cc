#include "signin/signin.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <deque>
#include <functional>

namespace pawprint::signin {
namespace {

constexpr std::string_view kOrigin = "https://hub.example.com";
constexpr std::int64_t kNow = 1'770'120'000;

// Answers from a script and keeps what it was asked.
class ScriptedHttp final : public net::HttpClient {
 public:
  Result<net::HttpAnswer> send(const net::HttpRequest& request) override {
    asked.push_back(request);
    if (during_request) during_request();
    if (script.empty()) return fail(ErrorKind::unreachable, "nobody answers");
    net::HttpAnswer answer = script.front();
    script.pop_front();
    return answer;
  }
  void will_answer(int status, std::string body, std::vector<net::Header> headers = {}) {
    script.push_back({.status = status, .headers = std::move(headers), .body = std::move(body)});
  }
  std::vector<net::HttpRequest> asked;
  std::deque<net::HttpAnswer> script;
  std::function<void()> during_request;
};

constexpr std::string_view kTokens =
    R"({"access":"a-2","refresh":"r-2","access_lifetime":900,"refresh_lifetime":604800,"team_slug":"acme"})";
constexpr std::string_view kMe =
    R"({"user_id":"u-1","email":"ann@example.com","name":"Ann","teams":[)"
    R"({"id":"t-0","name":"Other","slug":"other","role":"member"},{"id":"t-1","name":"Acme","slug":"acme","role":"member"}]})";

class SigningIn : public ::testing::Test {
 protected:
  SigningIn() {
    std::string pattern = ::testing::TempDir() + "signin-XXXXXX";
    home = ::mkdtemp(pattern.data());
    environment.disk = &disk;
    environment.clock = &clock;
  }
  ~SigningIn() override { std::filesystem::remove_all(home); }

  credentials::SessionStore store() { return {environment, home}; }
  credentials::Session kept(std::int64_t seconds_left) {
    credentials::Session session{.origin = std::string(kOrigin),
                                 .user_id = "u-1",
                                 .username = "ann",
                                 .team_id = "t-1",
                                 .team_slug = "acme",
                                 .access = "a-1",
                                 .access_expires_at = kNow + seconds_left,
                                 .refresh = "r-1",
                                 .refresh_expires_at = kNow + 604800};
    EXPECT_TRUE(store().put(session));
    return session;
  }
  Result<credentials::Session> login_as_ann(std::optional<std::string> team = std::nullopt) {
    auto sessions = store();
    return login(environment, http, sessions, kOrigin, {"ann", "pass \"word\"", std::move(team)});
  }

  PosixDisk disk;
  ManualClock clock{kNow * 1000};
  Environment environment;
  Path home;
  ScriptedHttp http;
};

TEST_F(SigningIn, ASignInIsKeptWithItsTeamAndUser) {
  http.will_answer(200, std::string(kTokens));
  http.will_answer(200, std::string(kMe));
  const auto session = login_as_ann("acme");
  ASSERT_TRUE(session) << session.error().message;
  EXPECT_EQ(session->team_id, "t-1");
  EXPECT_EQ(session->user_id, "u-1");
  EXPECT_EQ(session->access_expires_at, kNow + 900);
  ASSERT_EQ(http.asked.size(), 2U);
  EXPECT_EQ(http.asked[0].url, "https://hub.example.com/api/v1/token/");
  EXPECT_EQ(http.asked[0].body, R"({"username":"ann","password":"pass \"word\"","team_slug":"acme"})");
  EXPECT_EQ(http.asked[1].headers[0].value, "Bearer a-2");
  EXPECT_EQ(store().load().value().at(0).refresh, "r-2");
}

TEST_F(SigningIn, AWrongPasswordIsSaidAndNothingIsKept) {
  http.will_answer(401, R"({"error":"no"})");
  const auto session = login_as_ann();
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, ErrorKind::wrong_password);
  EXPECT_EQ(session.error().message.find("word\""), std::string::npos);
  EXPECT_TRUE(store().load().value().empty());
}

TEST_F(SigningIn, TooManyAttemptsSayHowLongToWait) {
  http.will_answer(429, "{}", {{"Retry-After", "17"}});
  const auto session = login_as_ann();
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, ErrorKind::rate_limited);
  EXPECT_NE(session.error().message.find("17 s"), std::string::npos);
  http.will_answer(429, "{}", {{"Retry-After", "Tue, 03 Feb 2026 12:00:00 GMT"}});
  EXPECT_NE(login_as_ann().error().message.find("try again after Tue, 03 Feb 2026 12:00:00 GMT"),
            std::string::npos);
  EXPECT_EQ(session.error().hint, "pawprint auth login --server https://hub.example.com");
  http.will_answer(429, "{}", {{"Retry-After", ""}});
  EXPECT_TRUE(login_as_ann().error().message.ends_with("try again later"));
}

TEST_F(SigningIn, AHubThatCannotAnswerNowIsUnreachable) {
  http.will_answer(500, "<html>");
  EXPECT_EQ(login_as_ann().error().kind, ErrorKind::unreachable);
  EXPECT_EQ(login_as_ann().error().kind, ErrorKind::unreachable);  // the script is over: no answer at all
}

TEST_F(SigningIn, AnAnswerThatIsNoHubsIsRefused) {
  http.will_answer(200, "<html>welcome</html>");
  EXPECT_EQ(login_as_ann().error().kind, ErrorKind::refused);
  http.will_answer(403, "{\"error\":\"not in team \x1b[31m\"}");
  const auto session = login_as_ann("nobody");
  EXPECT_EQ(session.error().kind, ErrorKind::refused);
  EXPECT_EQ(session.error().message.find('\x1b'), std::string::npos);
}

TEST_F(SigningIn, ATeamThatTheAccountDoesNotHaveIsNotGuessed) {
  http.will_answer(200, std::string(kTokens));
  http.will_answer(200, R"({"user_id":"u-1","teams":[{"id":"t-0","slug":"other"}]})");
  EXPECT_EQ(login_as_ann().error().kind, ErrorKind::refused);
  EXPECT_TRUE(store().load().value().empty());
}

TEST_F(SigningIn, AFreshTokenIsGivenWithoutAsking) {
  auto sessions = store();
  SignIn signin(environment, http, sessions, kept(30));
  EXPECT_EQ(signin.access_token().value(), "a-1");
  EXPECT_TRUE(http.asked.empty());
}

TEST_F(SigningIn, AnExpiringTokenIsRefreshedAndBothTokensAreKept) {
  auto sessions = store();
  SignIn signin(environment, http, sessions, kept(29));
  http.will_answer(200, std::string(kTokens));
  EXPECT_EQ(signin.access_token().value(), "a-2");
  EXPECT_EQ(http.asked.at(0).url, "https://hub.example.com/api/v1/token/refresh/");
  EXPECT_EQ(http.asked.at(0).body, R"({"refresh":"r-1"})");
  EXPECT_EQ(store().load().value().at(0).access, "a-2");
  EXPECT_EQ(store().load().value().at(0).refresh, "r-2");
}

TEST_F(SigningIn, WhatAnotherProcessRefreshedIsTakenWithoutAsking) {
  credentials::Session old = kept(10);
  auto sessions = store();
  SignIn signin(environment, http, sessions, old);
  old.access = "a-of-the-other";
  old.access_expires_at = kNow + 900;
  ASSERT_TRUE(sessions.put(old));
  EXPECT_EQ(signin.access_token().value(), "a-of-the-other");
  EXPECT_TRUE(http.asked.empty());
}

TEST_F(SigningIn, ARejectionOfTheTokenOnDiskSignsOut) {
  auto sessions = store();
  SignIn signin(environment, http, sessions, kept(0));
  http.will_answer(401, "{}");
  EXPECT_EQ(signin.refresh().value(), RefreshOutcome::rejected);
  EXPECT_FALSE(signin.is_authenticated().value());
  const auto token = signin.access_token();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().kind, ErrorKind::not_signed_in);
  EXPECT_EQ(token.error().hint, "pawprint auth login --server https://hub.example.com --team acme");
}

TEST_F(SigningIn, ATeamInTheCommandThatSignsInIsQuotedForTheShell) {
  credentials::Session session = kept(0);
  session.team_slug = "acme;ls";
  auto sessions = store();
  ASSERT_TRUE(sessions.put(session));
  SignIn signin(environment, http, sessions, session);
  http.will_answer(401, "{}");
  EXPECT_EQ(signin.access_token().error().hint,
            "pawprint auth login --server https://hub.example.com --team 'acme;ls'");
}

TEST_F(SigningIn, ARejectionOfATokenThatWasReplacedMeanwhileEndsNothing) {
  credentials::Session session = kept(0);
  auto sessions = store();
  SignIn signin(environment, http, sessions, session);
  http.will_answer(401, "{}");
  http.during_request = [&] {
    session.access = "a-3";
    session.refresh = "r-3";
    session.access_expires_at = kNow + 900;
    ASSERT_TRUE(sessions.put(session));
  };
  EXPECT_EQ(signin.refresh().value(), RefreshOutcome::refreshed);
  EXPECT_EQ(signin.access_token().value(), "a-3");
  EXPECT_EQ(store().load().value().size(), 1U);
}

TEST_F(SigningIn, AHubFaultChangesNothing) {
  const credentials::Session session = kept(10);
  for (const int status : {400, 403, 404, 429, 500, 503}) {
    auto sessions = store();
    SignIn signin(environment, http, sessions, session);
    http.script.clear();
    http.will_answer(status, "{}");
    EXPECT_EQ(signin.refresh().value(), RefreshOutcome::unknown) << status;
    EXPECT_EQ(store().load().value().at(0).refresh, "r-1");
  }
  auto sessions = store();
  SignIn signin(environment, http, sessions, session);
  EXPECT_EQ(signin.refresh().value(), RefreshOutcome::unknown);
  EXPECT_EQ(signin.access_token().value(), "a-1");  // 10 s are left
  clock.advance_ms(11'000);
  EXPECT_EQ(signin.access_token().error().kind, ErrorKind::unreachable);
  EXPECT_TRUE(signin.is_authenticated().value());
}

TEST_F(SigningIn, LogoutEndsTheSessionOnThisMachine) {
  const credentials::Session session = kept(900);
  auto sessions = store();
  EXPECT_TRUE(logout(sessions, session).value());
  EXPECT_FALSE(logout(sessions, session).value());
  EXPECT_TRUE(http.asked.empty());
}

}  // namespace
}  // namespace pawprint::signin
