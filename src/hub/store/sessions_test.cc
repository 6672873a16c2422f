#include "hub/store/sessions.h"

#include <gtest/gtest.h>

#include "hub/store/store_fixture.h"

namespace pawprint::hub::store {
namespace {

class SessionsTest : public StoreFixture {
 protected:
  static constexpr std::int64_t kDayMs = 86'400'000;

  void SetUp() override {
    StoreFixture::SetUp();
    team_ = make_team("acme");
    user_ = *store_->users().add_user("ada@example.com", "Ada", "hash", team_, kRoleMember);
    family_ = *sessions().begin(user_.user_id, team_.team_id, parent_, kNowMs + 7 * kDayMs);
  }
  Sessions& sessions() { return store_->sessions(); }
  RefreshToken find(const Digest& hash) {
    const auto found = sessions().find(hash);
    EXPECT_TRUE(found && *found);
    return found && *found ? **found : RefreshToken{};
  }

  const Digest parent_ = sha256("parent"), child_ = sha256("child"), grandchild_ = sha256("grandchild");
  Team team_;
  User user_;
  Family family_;
};

TEST_F(SessionsTest, AFreshTokenBelongsToItsUserAndTeam) {
  const RefreshToken token = find(parent_);
  EXPECT_EQ(token.family.family_id, family_.family_id);
  EXPECT_EQ(token.family.user_id, user_.user_id);
  EXPECT_EQ(token.family.team_id, team_.team_id);
  EXPECT_EQ(token.expires_at_ms, kNowMs + 7 * kDayMs);
  EXPECT_FALSE(token.revoked);
  EXPECT_EQ(token.used_at_ms, std::nullopt);
  EXPECT_EQ(token.successor_used_at_ms, std::nullopt);
  EXPECT_EQ(*sessions().find(sha256("unknown")), std::nullopt);
}

TEST_F(SessionsTest, AnExchangeIsRememberedFromItsFirstTimeOn) {
  EXPECT_EQ(sessions().exchange(parent_, child_, kNowMs + 1, kNowMs + 100), true);
  EXPECT_EQ(sessions().exchange(parent_, child_, kNowMs + 2, kNowMs + 200), true);
  EXPECT_EQ(find(parent_).used_at_ms, kNowMs + 1);
  EXPECT_EQ(find(parent_).successor_used_at_ms, std::nullopt);
  EXPECT_EQ(find(child_).expires_at_ms, kNowMs + 200);
  EXPECT_EQ(sessions().exchange(child_, grandchild_, kNowMs + 3, kNowMs + 300), true);
  EXPECT_EQ(find(parent_).successor_used_at_ms, kNowMs + 3);
}

TEST_F(SessionsTest, ARevokedFamilyExchangesNothing) {
  ASSERT_EQ(sessions().exchange(parent_, child_, kNowMs, kNowMs + kDayMs), true);
  ASSERT_TRUE(sessions().revoke(family_.family_id));
  EXPECT_TRUE(find(parent_).revoked);
  EXPECT_TRUE(find(child_).revoked);
  EXPECT_EQ(sessions().exchange(child_, grandchild_, kNowMs, kNowMs + kDayMs), false);
  EXPECT_EQ(*sessions().find(grandchild_), std::nullopt);
}

TEST_F(SessionsTest, RevokingOneFamilyLeavesTheOthers) {
  ASSERT_TRUE(sessions().begin(user_.user_id, team_.team_id, sha256("elsewhere"), kNowMs + kDayMs));
  ASSERT_TRUE(sessions().revoke(family_.family_id));
  EXPECT_FALSE(find(sha256("elsewhere")).revoked);
}

TEST_F(SessionsTest, ExpiredTokensAreForgottenAtTheNextSignIn) {
  clock_.advance_ms(7 * kDayMs + 1);
  ASSERT_TRUE(sessions().begin(user_.user_id, team_.team_id, sha256("new"), clock_.unix_ms() + kDayMs));
  EXPECT_EQ(*sessions().find(parent_), std::nullopt);
  EXPECT_EQ(sessions().exchange(parent_, child_, clock_.unix_ms(), clock_.unix_ms()), false);
  EXPECT_FALSE(find(sha256("new")).revoked);
}

TEST_F(SessionsTest, AClockThatJumpsAYearAheadAndBackTakesNoTokenWithIt) {
  constexpr std::int64_t kYearMs = 365 * kDayMs;
  const auto sign_in = [&](std::string_view secret) {
    ASSERT_TRUE(
        sessions().begin(user_.user_id, team_.team_id, sha256(secret), clock_.unix_ms() + 7 * kDayMs));
  };
  clock_.jump_wall_ms(kYearMs);
  sign_in("first");
  clock_.advance_ms(3'600'000);  // an hour in which nobody noticed
  sign_in("second");
  open_store();  // a restart does not make it the truth either
  sign_in("third");
  clock_.jump_wall_ms(-kYearMs);
  EXPECT_EQ(find(parent_).family.user_id, user_.user_id);
  EXPECT_EQ(sessions().exchange(parent_, child_, clock_.unix_ms(), clock_.unix_ms() + kDayMs), true);
}

TEST_F(SessionsTest, WhatIsExpiredIsForgottenAtTwiceTheSpeedOfTimeAfterAGap) {
  clock_.advance_ms(6 * kDayMs);
  const Digest later = sha256("later");
  ASSERT_TRUE(sessions().begin(user_.user_id, team_.team_id, later, clock_.unix_ms() + 7 * kDayMs));
  open_store();
  clock_.jump_wall_ms(30 * kDayMs);  // the machine was off; both have expired
  int days = 0;
  for (bool known = true; known && days < 30; ++days) {
    const std::string name = std::to_string(days);
    ASSERT_TRUE(sessions().begin(user_.user_id, team_.team_id, sha256(name), clock_.unix_ms() + 7 * kDayMs));
    clock_.advance_ms(kDayMs);
    known = sessions().find(later)->has_value();
  }
  EXPECT_LE(days, 6);
}

TEST_F(SessionsTest, SessionsOutliveARestart) {
  open_store();
  EXPECT_EQ(find(parent_).family.user_id, user_.user_id);
}

}  // namespace
}  // namespace pawprint::hub::store
