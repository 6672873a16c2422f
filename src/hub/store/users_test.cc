#include "hub/store/users.h"

#include <gtest/gtest.h>

#include "hub/store/store_fixture.h"
#include "protocol/ids.h"

namespace pawprint::hub::store {
namespace {

class UsersTest : public StoreFixture {
 protected:
  Users& users() { return store_->users(); }
};

TEST_F(UsersTest, ATeamIsFoundByItsSlug) {
  const auto team = users().add_team("acme", "Acme & Sons");
  ASSERT_TRUE(team);
  EXPECT_TRUE(protocol::normalised_uuid_v4(team->team_id));
  const auto found = users().find_team("acme");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->team_id, team->team_id);
  EXPECT_EQ((*found)->name, "Acme & Sons");
  EXPECT_EQ(*users().find_team("other"), std::nullopt);
}

TEST_F(UsersTest, ASlugIsTakenOnceAndHasAForm) {
  make_team("acme");
  EXPECT_EQ(users().add_team("acme", "").error().kind, ErrorKind::failed);
  for (const char* bad : {"", "local", "Acme", "a b", "-a", "a-", "a--b", "a_b", "a\n"}) {
    const auto refused = users().add_team(bad, "");
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << bad;
  }
  EXPECT_EQ(users().teams()->size(), 1u);
}

TEST_F(UsersTest, AnEmailIsFoundInAnyCase) {
  const Team team = make_team("acme");
  const auto user = users().add_user("Ada@Example.com", "Ada", "hash", team, kRoleMember);
  ASSERT_TRUE(user);
  const auto found = users().find_user("ada@example.COM");
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->user_id, user->user_id);
  EXPECT_EQ((*found)->email, "Ada@Example.com");
  EXPECT_EQ((*found)->password_hash, "hash");
  EXPECT_EQ((*users().find_user_by_id(user->user_id))->name, "Ada");
  EXPECT_EQ(*users().find_user("it's@nobody"), std::nullopt);
}

TEST_F(UsersTest, AnotherTeamOfAKnownUserIsAMembershipMore) {
  const Team acme = make_team("acme"), beta = make_team("beta");
  const auto user = users().add_user("ada@example.com", "Ada", "hash", beta, kRoleOwner);
  const auto again = users().add_user("ADA@example.com", "Eve", "other hash", acme, kRoleViewer);
  ASSERT_TRUE(user && again);
  EXPECT_EQ(again->user_id, user->user_id);
  EXPECT_EQ(again->name, "Ada");
  EXPECT_EQ((*users().find_user("ada@example.com"))->password_hash, "hash");
  const auto memberships = users().memberships(user->user_id);
  ASSERT_TRUE(memberships);
  ASSERT_EQ(memberships->size(), 2u);
  EXPECT_EQ(memberships->at(0).team.slug, "beta");
  EXPECT_EQ(memberships->at(0).role, kRoleOwner);
  EXPECT_TRUE(memberships->at(0).is_default);
  EXPECT_EQ(memberships->at(1).team.slug, "acme");
  EXPECT_FALSE(memberships->at(1).is_default);
}

TEST_F(UsersTest, AMemberIsNotAddedTwice) {
  const Team acme = make_team("acme");
  ASSERT_TRUE(users().add_user("ada@example.com", "", "hash", acme, kRoleMember));
  const auto again = users().add_user("ada@example.com", "", "hash", acme, kRoleOwner);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::failed);
}

TEST_F(UsersTest, WhatIsNoEmailOrNoRoleIsRefusedAndAddsNobody) {
  const Team acme = make_team("acme");
  for (const char* bad : {"", "ada", "@b", "a@", "a@b@c", "a b@c", "a@b\n"}) {
    const auto refused = users().add_user(bad, "", "hash", acme, kRoleMember);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid) << bad;
  }
  EXPECT_EQ(users().add_user("ada@example.com", "", "hash", acme, "admin").error().kind, ErrorKind::invalid);
  EXPECT_EQ(*users().find_user("ada@example.com"), std::nullopt);
}

}  // namespace
}  // namespace pawprint::hub::store
