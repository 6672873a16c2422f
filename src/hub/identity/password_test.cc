#include "hub/identity/password.h"

#include <gtest/gtest.h>

namespace pawprint::hub::identity {
namespace {

TEST(Password, OnlyTheSamePasswordMatchesItsHash) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(password_matches(*hash, "correct horse"));
  EXPECT_FALSE(password_matches(*hash, "correct hors"));
  EXPECT_FALSE(password_matches(*hash, ""));
}

TEST(Password, TheHashSaysHowItWasMadeAndIsSalted) {
  const auto one = hash_password("same"), other = hash_password("same");
  ASSERT_TRUE(one && other);
  EXPECT_TRUE(one->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *one;
  EXPECT_NE(*one, *other);
}

TEST(Password, NobodyHasNoPassword) {
  EXPECT_FALSE(password_matches(std::nullopt, "anything"));
  EXPECT_FALSE(password_matches(std::nullopt, ""));
  EXPECT_FALSE(password_matches("no hash at all", "anything"));
}

TEST(Password, LengthsOutOfBoundsAreRefused) {
  EXPECT_EQ(hash_password("").error().kind, ErrorKind::invalid);
  const std::string longest(kPasswordMaxBytes, 'x');
  const auto hash = hash_password(longest);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(password_matches(*hash, longest));
  EXPECT_EQ(hash_password(longest + "x").error().kind, ErrorKind::invalid);
  EXPECT_FALSE(password_matches(*hash, longest + "x"));
}

}  // namespace
}  // namespace pawprint::hub::identity
