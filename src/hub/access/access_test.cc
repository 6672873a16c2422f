#include "hub/access/access.h"

#include <gtest/gtest.h>

#include "hub/identity/password.h"
#include "hub/identity/refresh_token.h"
#include "hub/store/store_fixture.h"

namespace pawprint::hub::access {
namespace {

class AccessTest : public store::StoreFixture {
 protected:
  static constexpr std::string_view kHere = "192.0.2.1";
  static constexpr std::int64_t kDayMs = 86'400'000;

  void SetUp() override {
    StoreFixture::SetUp();
    acme_ = make_team("acme");
    beta_ = make_team("beta");
    const auto hash = identity::hash_password("secret");
    ASSERT_TRUE(hash);
    ASSERT_TRUE(store_->users().add_user("ada@example.com", "Ada", *hash, beta_, "member"));
    ASSERT_TRUE(store_->users().add_user("ada@example.com", "Ada", *hash, acme_, "viewer"));
    start();
  }
  void start() {
    const auto keys = identity::load_or_make_keys(environment_, directory_);
    ASSERT_TRUE(keys);
    access_.emplace(environment_, *store_, *keys);
  }
  TokenPair sign_in() {
    auto pair = access_->login("ada@example.com", "secret", std::nullopt, kHere);
    EXPECT_TRUE(pair);
    return pair.value_or(TokenPair{});
  }
  TokenPair refresh(std::string_view token) {
    auto pair = access_->refresh(token);
    EXPECT_TRUE(pair);
    return pair.value_or(TokenPair{});
  }
  // nullopt: it was refreshed after all.
  std::optional<Denial> denial_of(std::string_view token) {
    const auto pair = access_->refresh(token);
    return pair ? std::nullopt : std::optional(pair.error().why);
  }
  std::optional<Denial> login_denial(std::string_view email, std::string_view password,
                                     std::string_view address = kHere) {
    const auto pair = access_->login(email, password, std::nullopt, address);
    return pair ? std::nullopt : std::optional(pair.error().why);
  }

  store::Team acme_, beta_;
  std::optional<Access> access_;
};

TEST_F(AccessTest, SigningInMeansTheDefaultTeam) {
  const TokenPair pair = sign_in();
  EXPECT_EQ(pair.team_slug, "beta");
  EXPECT_EQ(pair.access_lifetime_seconds, 900);
  EXPECT_EQ(pair.refresh_lifetime_seconds, 604'800);
  const auto principal = access_->authenticate(pair.access);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->team_id, beta_.team_id);
  EXPECT_EQ(principal->role, "member");
}

TEST_F(AccessTest, SigningInToANamedTeamTakesTheRoleOfThatTeam) {
  const auto pair = access_->login("ADA@example.com", "secret", "acme", kHere);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->team_slug, "acme");
  EXPECT_EQ(access_->authenticate(pair->access)->role, "viewer");
}

TEST_F(AccessTest, ATeamOfOthersIsAsUnknownAsOneThatDoesNotExist) {
  make_team("gamma");
  const auto others = access_->login("ada@example.com", "secret", "gamma", kHere);
  const auto nobodys = access_->login("ada@example.com", "secret", "no-such-team", kHere);
  ASSERT_FALSE(others || nobodys);
  EXPECT_EQ(others.error().why, Denial::wrong_password);
  EXPECT_EQ(nobodys.error().why, Denial::wrong_password);
}

TEST_F(AccessTest, AWrongPasswordAndAnUnknownUserLookTheSame) {
  const auto wrong = access_->login("ada@example.com", "Secret", std::nullopt, kHere);
  const auto unknown = access_->login("eve@example.com", "secret", std::nullopt, kHere);
  ASSERT_FALSE(wrong || unknown);
  EXPECT_EQ(wrong.error().why, Denial::wrong_password);
  EXPECT_EQ(unknown.error().why, Denial::wrong_password);
  EXPECT_EQ(wrong.error().message, unknown.error().message);
}

TEST_F(AccessTest, RefreshingRotatesAndKeepsTheTeam) {
  const auto first = access_->login("ada@example.com", "secret", "acme", kHere);
  ASSERT_TRUE(first);
  const TokenPair second = refresh(first->refresh);
  EXPECT_NE(second.refresh, first->refresh);
  EXPECT_EQ(second.team_slug, "acme");
  EXPECT_EQ(access_->authenticate(second.access)->team_id, acme_.team_id);
}

TEST_F(AccessTest, ALostAnswerIsGivenAgain) {
  const TokenPair first = sign_in();
  const std::string successor = refresh(first.refresh).refresh;
  clock_.advance_ms(6 * kDayMs);
  EXPECT_EQ(refresh(first.refresh).refresh, successor);
  start();
  EXPECT_EQ(refresh(first.refresh).refresh, successor);
}

TEST_F(AccessTest, ASuccessorThatIsGivenAgainLivesItsWholeLife) {
  const TokenPair first = sign_in();
  refresh(first.refresh);
  clock_.advance_ms(6 * kDayMs);
  const std::string successor = refresh(first.refresh).refresh;
  clock_.advance_ms(6 * kDayMs);
  EXPECT_EQ(denial_of(successor), std::nullopt);
}

TEST_F(AccessTest, SeveralProcessesThatRefreshAtOnceStaySignedIn) {
  const TokenPair first = sign_in();
  const std::string second = refresh(first.refresh).refresh;
  const std::string third = refresh(second).refresh;
  clock_.advance_ms(identity::kReplayGraceMs);
  EXPECT_EQ(refresh(first.refresh).refresh, second);
  EXPECT_EQ(refresh(second).refresh, third);
}

TEST_F(AccessTest, AReplayAfterTheGraceTimeRevokesTheFamily) {
  const TokenPair first = sign_in(), elsewhere = sign_in();
  const std::string second = refresh(first.refresh).refresh;
  const std::string third = refresh(second).refresh;
  clock_.advance_ms(identity::kReplayGraceMs + 1);
  EXPECT_EQ(denial_of(first.refresh), Denial::rejected);
  EXPECT_EQ(denial_of(second), Denial::rejected);
  EXPECT_EQ(denial_of(third), Denial::rejected);
  EXPECT_EQ(denial_of(elsewhere.refresh), std::nullopt);
}

TEST_F(AccessTest, ARefreshTokenEndsAfterSevenDays) {
  const TokenPair first = sign_in();
  clock_.advance_ms(7 * kDayMs - 1);
  EXPECT_EQ(denial_of(first.refresh), std::nullopt);
  clock_.advance_ms(1);
  EXPECT_EQ(denial_of(first.refresh), Denial::rejected);
}

TEST_F(AccessTest, AClockThatIsSetAYearAheadEndsNoSession) {
  const TokenPair first = sign_in();
  clock_.jump_wall_ms(365 * kDayMs);
  const TokenPair second = refresh(first.refresh);
  EXPECT_TRUE(access_->authenticate(second.access));
  EXPECT_EQ(refresh(first.refresh).refresh, second.refresh) << "a lost answer is no replay";
  clock_.jump_wall_ms(-365 * kDayMs);
  EXPECT_FALSE(access_->authenticate(second.access)) << "it would be good for a year";
  EXPECT_TRUE(access_->authenticate(refresh(second.refresh).access));
  EXPECT_EQ(denial_of(first.refresh), std::nullopt);
}

TEST_F(AccessTest, AClockThatIsAYearBehindForAWhileEndsNoSession) {
  const TokenPair first = sign_in();
  clock_.jump_wall_ms(-365 * kDayMs);
  start();  // as a machine that comes up before it has asked for the time
  const TokenPair second = refresh(first.refresh);
  EXPECT_TRUE(access_->authenticate(second.access));
  clock_.jump_wall_ms(365 * kDayMs);
  const TokenPair third = refresh(second.refresh);
  start();
  EXPECT_EQ(denial_of(third.refresh), std::nullopt);
}

TEST_F(AccessTest, ASessionEndsWhenItsTimeHasPassedWhateverTheWallClockDid) {
  const TokenPair first = sign_in();
  clock_.jump_wall_ms(365 * kDayMs);
  clock_.advance_ms(7 * kDayMs);
  EXPECT_EQ(denial_of(first.refresh), Denial::rejected);
}

TEST_F(AccessTest, WhatIsNoRefreshTokenIsRejected) {
  const TokenPair pair = sign_in();
  EXPECT_EQ(denial_of(""), Denial::rejected);
  EXPECT_EQ(denial_of(pair.access), Denial::rejected);
  EXPECT_EQ(denial_of("prt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), Denial::rejected);
  const auto principal = access_->authenticate(pair.refresh);
  ASSERT_FALSE(principal);
  EXPECT_EQ(principal.error().why, Denial::rejected);
}

// A client throws its credentials away on a 401.
TEST_F(AccessTest, AFaultOfTheStoreIsNeverARejection) {
  const TokenPair pair = sign_in();
  {
    auto database = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->no_checkpoint_on_close());
    ASSERT_TRUE(
        database->execute("ALTER TABLE refresh_tokens RENAME TO gone; ALTER TABLE users RENAME TO away"));
  }
  EXPECT_EQ(denial_of(pair.refresh), Denial::unavailable);
  EXPECT_EQ(login_denial("ada@example.com", "secret"), Denial::unavailable);
}

// Another key derives other successors: who had one already must sign in again, the others go on.
TEST_F(AccessTest, AnotherRefreshKeyRejectsWhatItCannotContinue) {
  const TokenPair used = sign_in(), unused = sign_in();
  refresh(used.refresh);
  std::filesystem::remove(directory_ / "keys" / "refresh.key");
  start();
  EXPECT_EQ(denial_of(used.refresh), Denial::rejected);
  EXPECT_EQ(denial_of(unused.refresh), std::nullopt);
}

TEST_F(AccessTest, ANameThatCannotBeAnAddressIsNeitherCheckedNorCounted) {
  const std::string name(300, 'a');
  for (std::size_t i = 0; i < kMaxFailures + 1; ++i) {
    EXPECT_EQ(login_denial(name, "wrong"), Denial::wrong_password);
  }
}

TEST_F(AccessTest, TenWrongPasswordsStopThatPairAlone) {
  for (std::size_t i = 0; i < kMaxFailures; ++i) {
    EXPECT_EQ(login_denial("ada@example.com", "wrong"), Denial::wrong_password);
  }
  const auto stopped = access_->login("Ada@example.com", "secret", std::nullopt, kHere);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().why, Denial::throttled);
  EXPECT_EQ(stopped.error().retry_after_seconds, kFailureWindowMs / 1000);
  EXPECT_EQ(login_denial("ada@example.com", "secret", "192.0.2.2"), std::nullopt);
  EXPECT_EQ(login_denial("eve@example.com", "secret"), Denial::wrong_password);
  clock_.advance_ms(kFailureWindowMs);
  EXPECT_EQ(login_denial("ada@example.com", "secret"), std::nullopt);
}

}  // namespace
}  // namespace pawprint::hub::access
