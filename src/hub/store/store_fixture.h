// For tests of the hub: a store in a directory of its own, with a clock that stands still.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "hub/store/store.h"

namespace pawprint::hub::store {

class StoreFixture : public testing::Test {
 protected:
  static constexpr std::int64_t kNowMs = 1'770'120'000'000;  // 2026-02-03T12:00:00Z

  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-hub-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    environment_.clock = &clock_;
    environment_.random = &random_;
    environment_.disk = &disk_;
    open_store();
  }

  void TearDown() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Also again, as after a restart.
  void open_store() {
    store_.reset();
    auto opened = Store::open(environment_, directory_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  Team make_team(std::string_view slug) {
    auto team = store_->users().add_team(slug, "");
    EXPECT_TRUE(team) << team.error().message;
    return team ? *team : Team{};
  }

  Path directory_;
  ManualClock clock_{kNowMs};
  SeededRandom random_{7};
  PosixDisk disk_;
  Environment environment_;
  std::unique_ptr<Store> store_;
};

}  // namespace pawprint::hub::store
