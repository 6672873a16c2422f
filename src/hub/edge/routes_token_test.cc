#include <gtest/gtest.h>

#include "hub/edge/edge_fixture.h"

namespace pawprint::hub::edge {
namespace {

class TokenRoutesTest : public EdgeFixture {
 protected:
  net::ServerAnswer refresh(std::string_view token) {
    return post("/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", token));
  }
  net::ServerAnswer revoke(std::string_view token) {
    net::ServerRequest request{"POST", "/oauth/revoke", {}, {}};
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    return send(std::move(request), fmt::format("token={}", token));
  }
};

TEST_F(TokenRoutesTest, SigningInGivesBothTokensAndTheirLifetimes) {
  const auto answer = sign_in_as("ada@example.org");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto object = object_in(answer);
  EXPECT_FALSE(text(answer, "access").empty());
  EXPECT_FALSE(text(answer, "refresh").empty());
  EXPECT_EQ(object.at("access_lifetime").as_int64(), 900);
  EXPECT_EQ(object.at("refresh_lifetime").as_int64(), 604800);
  EXPECT_EQ(text(answer, "team_slug"), "acme");
}

TEST_F(TokenRoutesTest, AMachineIsToldItsNameAndItsTeam) {
  const auto machine = issue_machine_token("acme");
  const auto answer = get("/api/v1/me", machine.text);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto object = object_in(answer);
  EXPECT_TRUE(object.at("is_machine").as_bool());
  EXPECT_EQ(text(answer, "user_id"), machine.token_id);
  EXPECT_EQ(text(answer, "name"), "ci");
  ASSERT_EQ(object.at("teams").as_array().size(), 1U);
  EXPECT_EQ(object.at("teams").at(0).at("slug"), "acme");
  EXPECT_FALSE(object_in(get("/api/v1/me", token_of("ada@example.org"))).contains("is_machine"));
}

TEST_F(TokenRoutesTest, AWrongPasswordAnUnknownUserAndAForeignTeamAreTheSame401) {
  const auto wrong = sign_in_as("ada@example.org", "wrong");
  const auto unknown = sign_in_as("nobody@example.org");
  const auto foreign = post(
      "/api/v1/token/", R"({"username":"ada@example.org","password":"correct horse","team_slug":"other"})");
  for (const auto& answer : {wrong, unknown, foreign}) {
    EXPECT_EQ(answer.status, 401) << answer.body;
    EXPECT_FALSE(text(answer, "error").empty());
  }
  EXPECT_EQ(wrong.body, unknown.body);
}

TEST_F(TokenRoutesTest, RepeatedFailuresAre429WithRetryAfterEvenForTheRightPassword) {
  int status = 401;
  for (int i = 0; i < 100 && status == 401; ++i) status = sign_in_as("ada@example.org", "wrong").status;
  EXPECT_EQ(status, 429);
  const auto answer = sign_in_as("ada@example.org");
  EXPECT_EQ(answer.status, 429);
  EXPECT_GE(std::stoi(header(answer, "Retry-After")), 1);
  EXPECT_TRUE(object_in(answer).contains("limits"));
}

TEST_F(TokenRoutesTest, ABodyThatIsNotWhatItShouldBeIs400AndNever401) {
  for (const char* body : {"", "[]", "{", "{}", R"({"username":"a"})", R"({"username":1,"password":"b"})",
                           R"({"username":"a","password":"b","team_slug":7})"}) {
    EXPECT_EQ(post("/api/v1/token/", body).status, 400) << body;
  }
  for (const char* body : {"", "[]", "{}", R"({"refresh":null})"}) {
    EXPECT_EQ(post("/api/v1/token/refresh/", body).status, 400) << body;
  }
}

TEST_F(TokenRoutesTest, RefreshingRotatesBothTokens) {
  const auto first = sign_in_as("ada@example.org");
  clock_.advance_ms(1000);
  const auto second = refresh(text(first, "refresh"));
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_NE(text(second, "refresh"), text(first, "refresh"));
  EXPECT_EQ(text(second, "team_slug"), "acme");
  EXPECT_EQ(get("/api/v1/me", text(second, "access")).status, 200);
}

TEST_F(TokenRoutesTest, AnUnknownRefreshTokenIs401EvenWithABadAccessTokenBesideIt) {
  EXPECT_EQ(refresh("prt_nonsense").status, 401);
  const auto first = sign_in_as("ada@example.org");
  const auto answer =
      post("/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", text(first, "refresh")),
           "an expired access token");
  EXPECT_EQ(answer.status, 200) << answer.body;
}

TEST_F(TokenRoutesTest, AnotherTeamOfTheSameUserTakesNoPassword) {
  const auto other = store_->users().find_team("other");
  ASSERT_TRUE(other && *other);
  add_user("ada@example.org", **other, store::kRoleViewer);
  const auto first = sign_in_as("ada@example.org");
  const auto second = post("/api/v1/token/team", R"({"team_slug":"other"})", text(first, "access"));
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(text(second, "team_slug"), "other");
  EXPECT_EQ(batch(R"({"events":[]})", text(second, "access")).status, 403);  // a viewer there
  EXPECT_EQ(batch(R"({"events":[]})", text(first, "access")).status, 200);   // the first goes on
  EXPECT_EQ(text(refresh(text(second, "refresh")), "team_slug"), "other");
  EXPECT_EQ(text(refresh(text(first, "refresh")), "team_slug"), "acme");
}

TEST_F(TokenRoutesTest, ASessionDoesNotBecomeALongerOneOfItsOwnTeam) {
  const std::string ada = token_of("ada@example.org");
  const auto again = post("/api/v1/token/team", R"({"team_slug":"acme"})", ada);
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(again.body.find("refresh"), std::string::npos) << again.body;
}

TEST_F(TokenRoutesTest, ATeamOfOthersIsRefusedAsOneThatDoesNotExist) {
  const std::string ada = token_of("ada@example.org");
  const auto foreign = post("/api/v1/token/team", R"({"team_slug":"other"})", ada);
  const auto missing = post("/api/v1/token/team", R"({"team_slug":"nobody"})", ada);
  EXPECT_EQ(foreign.status, 403);
  EXPECT_EQ(missing.status, 403);
  EXPECT_EQ(foreign.body, missing.body);
  for (const char* body : {"", "[]", "{}", R"({"team_slug":7})"}) {
    EXPECT_EQ(post("/api/v1/token/team", body, ada).status, 400) << body;
  }
}

TEST_F(TokenRoutesTest, ARevokedSessionIsOverAndCannotBecomeAnother) {
  const auto session = sign_in_as("ada@example.org");
  const auto elsewhere = sign_in_as("ada@example.org");
  const auto second = refresh(text(session, "refresh"));
  EXPECT_EQ(revoke(text(session, "refresh")).status, 200);  // an older token of it ends it as well
  EXPECT_EQ(refresh(text(session, "refresh")).status, 401);
  EXPECT_EQ(refresh(text(second, "refresh")).status, 401);
  EXPECT_EQ(post("/api/v1/token/team", R"({"team_slug":"acme"})", text(second, "access")).status, 401);
  EXPECT_EQ(refresh(text(elsewhere, "refresh")).status, 200);
}

TEST_F(TokenRoutesTest, RevokingIs200WhateverTheTokenIs) {
  const auto session = sign_in_as("ada@example.org");
  for (const std::string& token :
       {std::string("nonsense"), std::string("prt_nonsense"), std::string(), text(session, "access")}) {
    EXPECT_EQ(revoke(token).status, 200) << token;
  }
  EXPECT_EQ(send({"POST", "/oauth/revoke", {}, {}}, "token_type_hint=refresh_token").status, 200);
  EXPECT_EQ(refresh(text(session, "refresh")).status, 200);
}

TEST_F(TokenRoutesTest, AFormIsDecodedBeforeItIsBelieved) {
  const auto session = sign_in_as("ada@example.org");
  std::string token = text(session, "refresh");
  token.replace(token.find('_'), 1, "%5F");
  EXPECT_EQ(send({"POST", "/oauth/revoke", {}, {}}, "client_id=a+b&token=" + token).status, 200);
  EXPECT_EQ(refresh(text(session, "refresh")).status, 401);
}

TEST_F(TokenRoutesTest, MeNamesTheUserAndTheTeams) {
  const auto answer = get("/api/v1/me", token_of("ada@example.org"));
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(text(answer, "email"), "ada@example.org");
  EXPECT_EQ(text(answer, "name"), "Somebody");
  const auto object = object_in(answer);
  const auto& teams = object.at("teams").as_array();
  ASSERT_EQ(teams.size(), 1U);
  EXPECT_EQ(teams[0].at("slug").as_string(), "acme");
  EXPECT_EQ(teams[0].at("role").as_string(), "member");
  EXPECT_FALSE(teams[0].at("is_private_teamspace").as_bool());
}

}  // namespace
}  // namespace pawprint::hub::edge
