#include "settings/settings.h"

#include <gtest/gtest.h>

#include <array>

#include "base/format.h"

namespace pawprint::settings {
namespace {

class SettingsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-settings-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    home_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(home_); }
  void write(std::string_view text) { ASSERT_TRUE(replace_file(disk_, home_ / "pawprint.toml", text, 0640)); }
  std::string text() { return read_file(disk_, home_ / "pawprint.toml").value().value_or(""); }
  Path home_;
  PosixDisk disk_;
};

TEST_F(SettingsTest, WithoutAFileTheDefaultsHold) {
  const auto settings = load_settings(disk_, home_);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->server_url, std::nullopt);
  EXPECT_EQ(settings->queue_limit, 10'000U);
  EXPECT_EQ(settings->agent_idle_seconds, 600U);
  EXPECT_EQ(settings->durability, Durability::power);
  EXPECT_EQ(settings->link, "ask");
}

TEST_F(SettingsTest, WhatTheFileSaysCountsAndTheRestIsPassedOver) {
  write(
      "[sync]\nserver_url = \"https://hub\"\nqueue_limit = 5\nagent_idle_seconds = 7\ndurability = "
      "\"process\"\n"
      "link = \"auto\"\nauto_link_origins = [\"https://hub\"]\nlater = 1\n[other]\nlink = 3\n");
  const auto settings = load_settings(disk_, home_);
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->server_url, "https://hub");
  EXPECT_EQ(settings->queue_limit, 5U);
  EXPECT_EQ(settings->agent_idle_seconds, 7U);
  EXPECT_EQ(settings->durability, Durability::process);
  EXPECT_EQ(settings->link, "auto");
  EXPECT_EQ(settings->auto_link_origins, std::vector<std::string>{"https://hub"});
}

TEST_F(SettingsTest, AnAddressThatCannotBeUsedIsRefusedWithFileAndLineWhereItIsWanted) {
  EXPECT_EQ(server_origin(Settings{}, home_).value(), std::nullopt);
  for (const std::string_view address : {"http://hub.example.org", "https://hub/path", "hub"}) {
    write(fmt::format("[sync]\nqueue_limit = 5\nserver_url = \"{}\"\n", address));
    const auto settings = load_settings(disk_, home_);
    ASSERT_TRUE(settings) << address;
    const auto origin = server_origin(*settings, home_);
    ASSERT_FALSE(origin) << address;
    EXPECT_EQ(origin.error().kind, ErrorKind::invalid);
    EXPECT_EQ(origin.error().file, (home_ / "pawprint.toml").string());
    EXPECT_EQ(origin.error().line, 3);
  }
}

TEST_F(SettingsTest, WhatIsWrongIsRefusedWithFileAndLine) {
  for (const std::string_view line :
       {"server_url = 3", "queue_limit = \"5\"", "queue_limit = 0", "queue_limit = -1",
        "agent_idle_seconds = 1.5", "durability = \"never\"", "durability = true", "link = \"always\"",
        "auto_link_origins = \"x\"", "auto_link_origins = [1]", "broken = = 1", "server_url = \xFF"}) {
    write("[sync]\n" + std::string(line) + "\n");
    const auto settings = load_settings(disk_, home_);
    ASSERT_FALSE(settings.has_value()) << line;
    EXPECT_EQ(settings.error().kind, ErrorKind::invalid) << line;
    EXPECT_EQ(settings.error().file, (home_ / "pawprint.toml").string());
    EXPECT_EQ(settings.error().line, 2) << line;
    EXPECT_EQ(settings.error().hint,
              "edit " + (home_ / "pawprint.toml").string() + ":2, then: pawprint doctor");
  }
  write("sync = 1\n");
  EXPECT_EQ(load_settings(disk_, home_).error().line, 1);
}

TEST_F(SettingsTest, SavingTheServerLeavesTheRestAndTheMode) {
  write("# mine\n[sync]\nlink = 'never'\n");
  ASSERT_TRUE(save_server_url(disk_, home_, "https://hub").has_value());
  EXPECT_EQ(text(), "# mine\n[sync]\nlink = 'never'\nserver_url = \"https://hub\"\n");
  EXPECT_EQ(disk_.status(home_ / "pawprint.toml").value()->mode, 0640U);
  EXPECT_EQ(load_settings(disk_, home_)->server_url, "https://hub");
}

TEST_F(SettingsTest, SavingTheServerMakesTheFile) {
  ASSERT_TRUE(save_server_url(disk_, home_, "https://hub").has_value());
  EXPECT_EQ(load_settings(disk_, home_)->server_url, "https://hub");
  EXPECT_EQ(disk_.status(home_ / "pawprint.toml").value()->mode, 0600U);
}

TEST_F(SettingsTest, ABrokenFileIsNotChanged) {
  write("[sync\n");
  const auto saved = save_server_url(disk_, home_, "https://hub");
  ASSERT_FALSE(saved.has_value());
  EXPECT_EQ(saved.error().line, 1);
  EXPECT_EQ(saved.error().file, (home_ / "pawprint.toml").string());
  EXPECT_EQ(saved.error().hint, "edit " + (home_ / "pawprint.toml").string() + ":1, then: pawprint doctor");
  EXPECT_EQ(text(), "[sync\n");
}

}  // namespace
}  // namespace pawprint::settings
