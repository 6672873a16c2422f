#include "hub/store/machine_tokens.h"

#include <gtest/gtest.h>

#include "hub/store/store_fixture.h"

namespace pawprint::hub::store {
namespace {

class MachineTokensTest : public StoreFixture {
 protected:
  MachineTokens& tokens() { return store_->machine_tokens(); }
  MachineToken found() {
    const auto token = tokens().find(kHash);
    EXPECT_TRUE(token && *token);
    return token && *token ? **token : MachineToken{};
  }
  static constexpr Digest kHash{1, 2, 3};
};

TEST_F(MachineTokensTest, AnIssuedTokenIsFoundByItsHashWithItsTeam) {
  const Team acme = make_team("acme");
  const auto issued = tokens().issue(acme, "ci", kHash);
  ASSERT_TRUE(issued) << issued.error().message;
  EXPECT_EQ(found().token_id, issued->token_id);
  EXPECT_EQ(found().team.slug, "acme");
  EXPECT_EQ(found().name, "ci");
  EXPECT_EQ(found().created_at_ms, kNowMs);
  EXPECT_FALSE(found().last_used_at_ms || found().revoked_at_ms);
  EXPECT_EQ(*tokens().find(Digest{9}), std::nullopt);
}

TEST_F(MachineTokensTest, AListIsThatOfATeamOrOfAll) {
  const Team acme = make_team("acme"), beta = make_team("beta");
  ASSERT_TRUE(tokens().issue(acme, "ci", Digest{1}) && tokens().issue(beta, "ci", Digest{2}));
  EXPECT_EQ(tokens().list(std::nullopt)->size(), 2U);
  ASSERT_EQ(tokens().list(beta.team_id)->size(), 1U);
  EXPECT_EQ(tokens().list(beta.team_id)->front().team.slug, "beta");
}

TEST_F(MachineTokensTest, RevokedItStaysKnownAsRevoked) {
  const auto issued = tokens().issue(make_team("acme"), "ci", kHash);
  ASSERT_TRUE(issued);
  EXPECT_EQ(tokens().is_valid(issued->token_id), true);
  ASSERT_TRUE(tokens().revoke(issued->token_id));
  EXPECT_EQ(tokens().is_valid(issued->token_id), false);
  EXPECT_EQ(tokens().is_valid("01KGJX5B3V9M3S4T5V6W700000"), false);
  clock_.advance_ms(1000);
  ASSERT_TRUE(tokens().revoke(issued->token_id));
  EXPECT_EQ(found().revoked_at_ms, kNowMs);
  EXPECT_EQ(tokens().revoke("01KGJX5B3V9M3S4T5V6W700000").error().kind, ErrorKind::failed);
}

TEST_F(MachineTokensTest, UseIsWrittenAtMostOnceAMinute) {
  ASSERT_TRUE(tokens().issue(make_team("acme"), "ci", kHash));
  ASSERT_TRUE(tokens().note_use(found().token_id));
  clock_.advance_ms(59'999);
  ASSERT_TRUE(tokens().note_use(found().token_id));
  EXPECT_EQ(found().last_used_at_ms, kNowMs);
  clock_.advance_ms(1);
  ASSERT_TRUE(tokens().note_use(found().token_id));
  EXPECT_EQ(found().last_used_at_ms, kNowMs + 60'000);
}

TEST_F(MachineTokensTest, ANameIsNeitherEmptyNorEndless) {
  const Team acme = make_team("acme");
  EXPECT_EQ(tokens().issue(acme, "", kHash).error().kind, ErrorKind::invalid);
  EXPECT_EQ(tokens().issue(acme, std::string(65, 'x'), kHash).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace pawprint::hub::store
