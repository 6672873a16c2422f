// Invitations into a team, from the owner who makes one to the person who accepts it.
#include <gtest/gtest.h>

#include "hub/edge/edge_fixture.h"

namespace pawprint::hub::edge {
namespace {

class InvitationsTest : public EdgeFixture {
 protected:
  void SetUp() override {
    EdgeFixture::SetUp();
    add_user("olga@example.org", **store_->users().find_team("acme"), store::kRoleOwner);
    olga_ = token_of("olga@example.org");
  }
  boost::json::object invite(std::string body = R"({"role":"viewer"})") {
    const auto answer = post("/api/v1/invitations", std::move(body), olga_);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return object_in(answer);
  }
  static std::string at(const boost::json::object& object, std::string_view key) {
    return std::string(object.at(key).as_string());
  }
  net::ServerAnswer accept(const boost::json::object& invitation, std::string_view email) {
    return post("/api/v1/invitations/accept",
                fmt::format(R"({{"invitation":"{}","email":"{}","password":"new one"}})",
                            at(invitation, "invitation"), email));
  }
  net::ServerAnswer join(const boost::json::object& invitation, std::string_view email) {
    return post("/api/v1/invitations/join",
                fmt::format(R"({{"invitation":"{}"}})", at(invitation, "invitation")), token_of(email));
  }
  std::string role_of(std::string_view email) {
    const auto team = store_->users().find_team("acme");
    const auto members = store_->users().members((*team)->team_id);
    for (const store::Member& member : *members) {
      if (member.email == email) return member.role;
    }
    return "";
  }

  std::string olga_;
};

TEST_F(InvitationsTest, ANewcomerComesInWithAPasswordOfTheirOwnOnce) {
  const auto invitation = invite();
  const auto accepted = accept(invitation, "new@example.org");
  ASSERT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_EQ(text(accepted, "team_slug"), "acme");
  EXPECT_EQ(role_of("new@example.org"), "viewer");
  EXPECT_EQ(sign_in_as("new@example.org", "new one").status, 200);
  EXPECT_EQ(accept(invitation, "second@example.org").status, 403);
  EXPECT_EQ(role_of("second@example.org"), "");
}

TEST_F(InvitationsTest, AUserJoinsAsWhomTheyAreAndNobodyComesInUnderTheirName) {
  const auto invitation = invite(R"({"role":"member"})");
  EXPECT_EQ(accept(invitation, "Bob@example.org").status, 409) << "that is somebody else's account";
  EXPECT_EQ(role_of("bob@example.org"), "");
  const auto joined = join(invitation, "bob@example.org");
  ASSERT_EQ(joined.status, 200) << joined.body;
  EXPECT_EQ(role_of("bob@example.org"), "member");
  EXPECT_EQ(sign_in_as("bob@example.org").status, 200) << "with the password they had";
  EXPECT_EQ(join(invite(), "bob@example.org").status, 409);
  EXPECT_EQ(role_of("bob@example.org"), "member");
}

TEST_F(InvitationsTest, WhoIsInNoTeamAnyMoreComesInByThePage) {
  const auto team = store_->users().find_team("acme");
  ASSERT_TRUE(accept(invite(), "new@example.org").status == 200);
  ASSERT_TRUE(store_->users().remove_member("new@example.org", **team));
  const auto again = invite(R"({"role":"member","email":"new@example.org"})");
  const auto on_page = [&](std::string_view password) {
    return send(
        {"POST",
         "/invitation",
         {{"Host", "hub.test"},
          {"Origin", "http://hub.test"},
          {"Content-Type", "application/x-www-form-urlencoded"}},
         {}},
        fmt::format("invitation={}&email=new%40example.org&password={}", at(again, "invitation"), password));
  };
  EXPECT_EQ(on_page("another+one").status, 403);
  EXPECT_EQ(role_of("new@example.org"), "");
  EXPECT_EQ(on_page("new+one").status, 200);
  EXPECT_EQ(role_of("new@example.org"), "member");
}

TEST_F(InvitationsTest, WhatRestrictsOneIsTakenOrRefusedNotOverlooked) {
  for (const char* body : {R"({"email":["a@b.example"]})", R"({"email":5})", R"({"role":5})"}) {
    EXPECT_EQ(post("/api/v1/invitations", body, olga_).status, 400) << body;
  }
}

TEST_F(InvitationsTest, OneThatExpiredWasWithdrawnOrIsForSomebodyElseDoesNotHold) {
  const auto late = invite(R"({"expires_in":60})");
  clock_.advance_ms(60'000);
  EXPECT_EQ(accept(late, "new@example.org").status, 403);
  EXPECT_EQ(at(invite(R"({"expires_in":null})"), "role"), "member");
  const auto withdrawn = invite();
  EXPECT_EQ(post("/api/v1/invitations/" + at(withdrawn, "id") + "/withdraw", "", olga_).status, 200);
  EXPECT_EQ(accept(withdrawn, "new@example.org").status, 403);
  const auto named = invite(R"({"email":"ann@example.org"})");
  EXPECT_EQ(accept(named, "new@example.org").status, 403);
  EXPECT_EQ(accept(named, "ANN@example.org").status, 200);
  EXPECT_EQ(post("/api/v1/invitations", R"({"role":"king"})", olga_).status, 400);
  EXPECT_EQ(post("/api/v1/invitations", R"({"expires_in":9999999})", olga_).status, 400);
}

TEST_F(InvitationsTest, WhatANewcomerSendsThatCannotBeUsedIsToldAndUsesNothingUp) {
  const auto invitation = invite();
  const std::string secret = at(invitation, "invitation");
  const auto send_in = [&](std::string_view rest) {
    return post("/api/v1/invitations/accept", fmt::format(R"({{"invitation":"{}",{}}})", secret, rest));
  };
  const std::vector<std::string> bodies{
      R"("email":"new@example.org","password":"")", R"("email":"nobody","password":"new one")",
      R"("email":"new@example.org","password":")" + std::string(5000, 'x') + '"',
      R"("email":"new@example.org","password":"new one","name":5)"};
  for (const std::string& rest : bodies) {
    const auto refused = send_in(rest);
    EXPECT_EQ(refused.status, 400) << refused.body << rest.substr(0, 60);
    EXPECT_FALSE(text(refused, "error").empty());
  }
  const auto on_page = send({"POST",
                             "/invitation",
                             {{"Host", "hub.test"},
                              {"Origin", "http://hub.test"},
                              {"Content-Type", "application/x-www-form-urlencoded"}},
                             {}},
                            fmt::format("invitation={}&email=new%40example.org&password=", secret));
  EXPECT_EQ(on_page.status, 400);
  EXPECT_TRUE(on_page.body.contains("Cannot use this password")) << on_page.body;
  EXPECT_EQ(accept(invitation, "new@example.org").status, 200);
}

TEST_F(InvitationsTest, TheyCannotBeGuessed) {
  const auto invitation = invite();
  for (std::size_t i = 0; i < access::kMaxFailures; ++i) {
    EXPECT_EQ(accept({{"invitation", "pin_x"}}, "new@example.org").status, 403);
  }
  EXPECT_EQ(accept(invitation, "new@example.org").status, 429);
}

TEST_F(InvitationsTest, ItEndsWithTheRightOfWhoeverMadeIt) {
  const auto team = store_->users().find_team("acme");
  const auto before_lower_role = invite(R"({"role":"owner","expires_in":2592000})");
  ASSERT_TRUE(store_->users().set_role("olga@example.org", **team, store::kRoleMember));
  EXPECT_EQ(accept(before_lower_role, "new@example.org").status, 403);
  EXPECT_EQ(join(before_lower_role, "bob@example.org").status, 403);
  ASSERT_TRUE(store_->users().set_role("olga@example.org", **team, store::kRoleOwner));
  EXPECT_EQ(accept(before_lower_role, "new@example.org").status, 403) << "what has ended has ended";
  const auto before_removal = invite(R"({"role":"owner","expires_in":2592000})");
  ASSERT_TRUE(store_->users().remove_member("olga@example.org", **team));
  EXPECT_EQ(accept(before_removal, "new@example.org").status, 403);
  EXPECT_EQ(join(before_removal, "bob@example.org").status, 403);
  EXPECT_EQ(role_of("new@example.org"), "");
  EXPECT_EQ(role_of("bob@example.org"), "");
}

TEST_F(InvitationsTest, OnlyWhoOwnsTheTeamNowInvites) {
  EXPECT_EQ(post("/api/v1/invitations", "{}", token_of("ada@example.org")).status, 403);
  invite();
  const auto listed = get("/api/v1/invitations", olga_);
  EXPECT_EQ(listed.status, 200);
  EXPECT_FALSE(listed.body.contains("pin_"));
  const auto team = store_->users().find_team("acme");
  ASSERT_TRUE(store_->users().set_role("olga@example.org", **team, store::kRoleMember));
  EXPECT_EQ(post("/api/v1/invitations", "{}", olga_).status, 403) << "though the token still says owner";
}

}  // namespace
}  // namespace pawprint::hub::edge
