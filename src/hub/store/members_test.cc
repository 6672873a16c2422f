#include <gtest/gtest.h>

#include "hub/store/migrations.h"
#include "hub/store/store_fixture.h"

namespace pawprint::hub::store {
namespace {

class MembersTest : public StoreFixture {
 protected:
  static constexpr std::int64_t kLater = kNowMs + 1000;

  void SetUp() override {
    StoreFixture::SetUp();
    acme_ = make_team("acme");
    beta_ = make_team("beta");
    const auto ada = users().add_user("ada@example.org", "Ada", "hash", beta_, kRoleMember);
    ASSERT_TRUE(ada);
    ada_ = ada->user_id;
    ASSERT_TRUE(users().add_user("ada@example.org", "", "", acme_, kRoleViewer));
    ASSERT_TRUE(users().add_user("bob@example.org", "Bob", "hash", acme_, kRoleOwner));
  }
  Users& users() { return store_->users(); }
  std::string begin_session(const Team& team, std::uint8_t token) {
    Digest hash{};
    hash.fill(token);
    const auto family = store_->sessions().begin(ada_, team.team_id, hash, kLater);
    EXPECT_TRUE(family);
    return family ? family->family_id : "";
  }
  bool goes_on(const std::string& family_id) {
    const auto answer = store_->sessions().is_going_on(family_id);
    EXPECT_TRUE(answer);
    return answer.value_or(false);
  }

  Team acme_, beta_;
  std::string ada_;
};

TEST_F(MembersTest, ATeamListsItsOwnPeopleOnly) {
  const auto members = users().members(acme_.team_id);
  ASSERT_TRUE(members);
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ((*members)[0].email, "ada@example.org");
  EXPECT_EQ((*members)[0].role, kRoleViewer);
  EXPECT_EQ((*members)[1].name, "Bob");
  EXPECT_EQ(users().members(beta_.team_id)->size(), 1U);
  EXPECT_TRUE(users().members("no such team")->empty());
}

TEST_F(MembersTest, ARoleIsThatInOneTeam) {
  ASSERT_TRUE(users().set_role("ADA@example.org", acme_, kRoleOwner));
  EXPECT_EQ(users().members(acme_.team_id)->front().role, kRoleOwner);
  EXPECT_EQ(users().members(beta_.team_id)->front().role, kRoleMember);
  EXPECT_EQ(users().set_role("ada@example.org", acme_, "king").error().kind, ErrorKind::invalid);
  EXPECT_EQ(users().set_role("bob@example.org", beta_, kRoleViewer).error().kind, ErrorKind::failed);
  EXPECT_EQ(users().set_role("eve@example.org", acme_, kRoleViewer).error().kind, ErrorKind::failed);
}

TEST_F(MembersTest, WhoIsRemovedHasNoSessionThereAndKeepsTheOthers) {
  const std::string in_acme = begin_session(acme_, 1), in_beta = begin_session(beta_, 2);
  ASSERT_TRUE(users().remove_member("ada@example.org", beta_));
  EXPECT_FALSE(goes_on(in_beta));
  EXPECT_TRUE(goes_on(in_acme));
  const auto left = users().memberships(ada_);
  ASSERT_EQ(left->size(), 1U);
  EXPECT_EQ(left->front().team.slug, "acme");
  EXPECT_TRUE(left->front().is_default);
  EXPECT_EQ(users().remove_member("ada@example.org", beta_).error().kind, ErrorKind::failed);
  ASSERT_TRUE(users().remove_member("ada@example.org", acme_));
  EXPECT_TRUE(users().memberships(ada_)->empty());
}

TEST_F(MembersTest, ANewPasswordEndsEverySession) {
  const std::string in_acme = begin_session(acme_, 1), in_beta = begin_session(beta_, 2);
  ASSERT_TRUE(users().set_password("ada@example.org", "new hash"));
  EXPECT_EQ((*users().find_user("ada@example.org"))->password_hash, "new hash");
  EXPECT_FALSE(goes_on(in_acme));
  EXPECT_FALSE(goes_on(in_beta));
  EXPECT_EQ(users().set_password("eve@example.org", "hash").error().kind, ErrorKind::failed);
}

TEST_F(MembersTest, AdminsOfOlderHubsAreOwners) {
  auto connection = sqlite::Connection::open(directory_ / "older.db", sqlite::Access::create);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(migrate(*connection, environment_, migrations().first(2)));
  ASSERT_TRUE(
      connection->execute("INSERT INTO teams(team_id, slug, name) VALUES('t', 't', 't');"
                          "INSERT INTO users VALUES('u', 'u@example.org', '', '');"
                          "INSERT INTO memberships VALUES('u', 't', 'admin', 1)"));
  ASSERT_TRUE(migrate(*connection, environment_));
  auto role = connection->prepare("SELECT role FROM memberships");
  ASSERT_TRUE(role && role->step());
  EXPECT_EQ(role->text(0), kRoleOwner);
}

// Before schema version 10 nobody knew who had made one.
TEST_F(MembersTest, OpenInvitationsOfOlderHubsEnd) {
  auto connection = sqlite::Connection::open(directory_ / "older.db", sqlite::Access::create);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(migrate(*connection, environment_, migrations().first(9)));
  ASSERT_TRUE(
      connection->execute("INSERT INTO teams(team_id, slug, name) VALUES('t', 't', 't');"
                          "INSERT INTO invitations VALUES('open', 't', 'owner', '', x'01', 1, NULL);"
                          "INSERT INTO invitations VALUES('used', 't', 'owner', '', x'02', 1, 1)"));
  ASSERT_TRUE(migrate(*connection, environment_));
  auto left = connection->prepare("SELECT invitation_id FROM invitations");
  ASSERT_TRUE(left && left->step());
  EXPECT_EQ(left->text(0), "used");
  EXPECT_FALSE(*left->step());
}

}  // namespace
}  // namespace pawprint::hub::store
