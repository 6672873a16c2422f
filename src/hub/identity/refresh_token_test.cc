#include "hub/identity/refresh_token.h"

#include <gtest/gtest.h>

#include "hub/identity/base64url.h"

namespace pawprint::hub::identity {
namespace {

constexpr std::int64_t kNow = 1'770'120'000'000;

TEST(RefreshToken, HasOneSuccessorPerKey) {
  SeededRandom random(5);
  const std::string token = new_refresh_token(random);
  EXPECT_EQ(token.size(), 47u);
  EXPECT_TRUE(token.starts_with("prt_"));
  EXPECT_NE(token, new_refresh_token(random));
  const std::string successor = successor_of("key", token);
  EXPECT_EQ(successor, successor_of("key", token));
  EXPECT_NE(successor, successor_of("other key", token));
  EXPECT_NE(successor, successor_of("key", successor));
  EXPECT_EQ(refresh_token_hash(successor), sha256(successor));
}

TEST(RefreshToken, WhatCannotBeOneHasNoHash) {
  SeededRandom random(5);
  const std::string token = new_refresh_token(random);
  EXPECT_TRUE(refresh_token_hash(token));
  EXPECT_FALSE(refresh_token_hash(token + "A"));
  EXPECT_FALSE(refresh_token_hash(token.substr(4)));
  EXPECT_FALSE(refresh_token_hash("PRT_" + token.substr(4)));
  EXPECT_FALSE(refresh_token_hash(""));
  EXPECT_FALSE(refresh_token_hash("prt_"));
}

TEST(RefreshToken, IsAnsweredUntilItsSuccessorHasBeenUsedForAWhile) {
  TokenRecord record{
      .revoked = false, .expires_at_ms = kNow + 1'000'000, .successor_used_at_ms = std::nullopt};
  EXPECT_EQ(decide_refresh(record, kNow), RefreshDecision::issue_successor);
  record.successor_used_at_ms = kNow;
  EXPECT_EQ(decide_refresh(record, kNow + kReplayGraceMs), RefreshDecision::issue_successor);
  EXPECT_EQ(decide_refresh(record, kNow + kReplayGraceMs + 1), RefreshDecision::revoke_family);
}

TEST(RefreshToken, ExpiredOrRevokedIsRejectedAndRevokesNothing) {
  TokenRecord record{
      .revoked = false, .expires_at_ms = kNow, .successor_used_at_ms = kNow - kReplayGraceMs - 1};
  EXPECT_EQ(decide_refresh(record, kNow), RefreshDecision::reject);
  record = {.revoked = true, .expires_at_ms = kNow + 1, .successor_used_at_ms = std::nullopt};
  EXPECT_EQ(decide_refresh(record, kNow), RefreshDecision::reject);
}

TEST(Base64url, IsThatOfRfc7515AndStrict) {
  const std::string bytes("\x03\xec\xff\xe0\xc1", 5);
  EXPECT_EQ(base64url(bytes), "A-z_4ME");
  EXPECT_EQ(from_base64url("A-z_4ME"), bytes);
  EXPECT_EQ(from_base64url(""), "");
  for (const char* bad : {"A-z_4ME=", "A-z_4MF", "A+z/4ME", "A", "A-z_ 4ME", "A-z_4ME\n"}) {
    EXPECT_FALSE(from_base64url(bad)) << bad;
  }
}

}  // namespace
}  // namespace pawprint::hub::identity
