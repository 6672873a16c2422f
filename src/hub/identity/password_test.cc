#include "hub/identity/password.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace pawprint::hub::identity {
namespace {

bool matches(const std::optional<std::string>& hash, std::string_view password) {
  const auto answer = password_matches(hash, password);
  EXPECT_TRUE(answer) << answer.error().message;
  return answer.value_or(false);
}

TEST(Password, OnlyTheSamePasswordMatchesItsHash) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(matches(*hash, "correct horse"));
  EXPECT_FALSE(matches(*hash, "correct hors"));
  EXPECT_FALSE(matches(*hash, ""));
}

TEST(Password, TheHashSaysHowItWasMadeAndIsSalted) {
  const auto one = hash_password("same"), other = hash_password("same");
  ASSERT_TRUE(one && other);
  EXPECT_TRUE(one->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *one;
  EXPECT_NE(*one, *other);
}

TEST(Password, NobodyHasNoPassword) {
  EXPECT_FALSE(matches(std::nullopt, "anything"));
  EXPECT_FALSE(matches(std::nullopt, ""));
  EXPECT_FALSE(matches("no hash at all", "anything"));
}

// A sanitizer's own allocator dies where there is no address space left.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Password, WithoutMemoryNothingIsSaidAboutThePassword) {
  const auto hash = hash_password("correct horse");
  ASSERT_TRUE(hash);
  std::string large = *hash;
  large.replace(large.find("m=19456"), 7, "m=1048576");  // a GiB, which no earlier check left behind
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_AS, &before), 0);
  const rlimit none{.rlim_cur = 1, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &none), 0);
  const auto matched = password_matches(large, "correct horse");
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &before), 0);
  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().kind, ErrorKind::failed);
}
#endif

TEST(Password, LengthsOutOfBoundsAreRefused) {
  EXPECT_EQ(hash_password("").error().kind, ErrorKind::invalid);
  const std::string longest(kPasswordMaxBytes, 'x');
  const auto hash = hash_password(longest);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(matches(*hash, longest));
  EXPECT_EQ(hash_password(longest + "x").error().kind, ErrorKind::invalid);
  EXPECT_FALSE(matches(*hash, longest + "x"));
}

}  // namespace
}  // namespace pawprint::hub::identity
