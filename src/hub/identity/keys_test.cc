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
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  Result<Keys> load() { return load_or_make_keys(environment_, directory_); }
  unsigned mode_of(const Path& path) { return (*disk_.status(path))->mode; }

  Path directory_;
  SeededRandom random_{1};
  PosixDisk disk_;
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

}  // namespace
}  // namespace pawprint::hub::identity
