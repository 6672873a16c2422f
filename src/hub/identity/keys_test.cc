#include "hub/identity/keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pawprint::hub::identity {
namespace {

class KeysTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-keys-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    environment_.random = &random_;
    environment_.disk = &disk_;
    environment_.clock = &clock_;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  Result<Keys> load() { return load_or_make_keys(environment_, directory_); }
  unsigned mode_of(const Path& path) { return (*disk_.status(path))->mode; }

  Path directory_;
  SeededRandom random_{1};
  PosixDisk disk_;
  ManualClock clock_{1'770'120'000'000};
  Environment environment_;
};

TEST_F(KeysTest, AreMadeOnceAndThenLoaded) {
  const auto made = load(), loaded = load();
  ASSERT_TRUE(made && loaded);
  EXPECT_EQ(made->kid, loaded->kid);
  EXPECT_EQ(made->secret_key, loaded->secret_key);
  EXPECT_EQ(made->refresh_key, loaded->refresh_key);
  EXPECT_EQ(made->kid.size(), 16u);
  EXPECT_EQ(made->refresh_key.size(), 32u);
}

TEST_F(KeysTest, BelongToTheirUserAlone) {
  ASSERT_TRUE(load());
  EXPECT_EQ(mode_of(directory_ / "keys"), 0700u);
  EXPECT_EQ(mode_of(directory_ / "keys" / "signing.key"), 0600u);
  EXPECT_EQ(mode_of(directory_ / "keys" / "refresh.key"), 0600u);
}

TEST_F(KeysTest, ThatOthersMayReadAreRefusedWithTheChmodToType) {
  ASSERT_TRUE(load());
  const Path file = directory_ / "keys" / "signing.key";
  ASSERT_EQ(chmod(file.c_str(), 0640), 0);
  const auto refused = load();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::failed);
  EXPECT_EQ(refused.error().hint, "chmod 600 " + file.string());
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  ASSERT_EQ(chmod((directory_ / "keys").c_str(), 0755), 0);
  EXPECT_EQ(load().error().hint, "chmod 700 " + (directory_ / "keys").string());
}

TEST_F(KeysTest, ADamagedFileIsRefusedAndKept) {
  ASSERT_TRUE(load());
  const Path file = directory_ / "keys" / "refresh.key";
  for (const char* damaged : {"", "c2hvcnQ\n", "not base64url!\n"}) {
    ASSERT_TRUE(replace_file(disk_, file, damaged, 0600));
    const auto refused = load();
    ASSERT_FALSE(refused) << damaged;
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_EQ(refused.error().file, file.string());
    EXPECT_EQ(**read_file(disk_, file), damaged);
  }
}

TEST_F(KeysTest, ThatAreReplacedCountForADayAndNeverSignAgain) {
  const auto first = load();
  const auto rotated = rotate_signing_key(environment_, directory_);
  ASSERT_TRUE(first && rotated) << rotated.error().message;
  EXPECT_NE(rotated->kid, first->kid);
  EXPECT_EQ(rotated->refresh_key, first->refresh_key);
  ASSERT_EQ(rotated->former.size(), 1U);
  EXPECT_EQ(rotated->former[0].kid, first->kid);
  EXPECT_EQ(rotated->former[0].public_key, first->public_key);
  const Path file = directory_ / "keys" / ("former-" + first->kid + ".pub");
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(load()->kid, rotated->kid);
  EXPECT_EQ(load()->former.size(), 1U);
  clock_.advance_ms(25 * 3'600'000LL);
  EXPECT_TRUE(load()->former.empty());
  EXPECT_EQ(load()->lapsed, std::vector{first->kid});
  ASSERT_TRUE(retire_key(environment_, directory_, first->kid));
  EXPECT_TRUE(load()->lapsed.empty());
}

TEST_F(KeysTest, ThatAreRetiredAreGoneAndTheOneThatSignsCannotBe) {
  const auto first = load();
  ASSERT_TRUE(rotate_signing_key(environment_, directory_));
  const auto signing = load();
  const auto refused = retire_key(environment_, directory_, signing->kid);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().hint, "pawprint-hub key rotate --data " + directory_.string());
  EXPECT_FALSE(retire_key(environment_, directory_, "../signing"));
  const auto retired = retire_key(environment_, directory_, first->kid);
  ASSERT_TRUE(retired);
  EXPECT_TRUE(retired->former.empty());
  EXPECT_EQ(load()->kid, signing->kid);
}

TEST_F(KeysTest, ARotationCutOffBetweenItsStepsLeavesTheOldKeySigning) {
  const auto first = load();
  ASSERT_TRUE(rotate_signing_key(environment_, directory_));
  const Path keys = directory_ / "keys";
  const auto second = load();
  // As a crash leaves it: the public half is kept already, the key is not replaced yet.
  std::filesystem::copy_file(keys / "signing.key", directory_ / "kept");
  ASSERT_TRUE(rotate_signing_key(environment_, directory_));
  std::filesystem::rename(directory_ / "kept", keys / "signing.key");
  const auto after = load();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->kid, second->kid);
  ASSERT_EQ(after->former.size(), 1U);
  EXPECT_EQ(after->former[0].kid, first->kid);
}

}  // namespace
}  // namespace pawprint::hub::identity
