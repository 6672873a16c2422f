// The hub on a disk that is full: a file system of the test's own, where the machine lets us mount one.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "hub/main/hub_fixture.h"

namespace pawprint::hub {
namespace {

constexpr std::uint64_t kBatch = 200;
constexpr std::uint64_t kMostBatches = 1000;  // many times what the disk takes

class DiskFullTest : public HubFixture {
 protected:
  void SetUp() override {
    HubFixture::SetUp();
    std::filesystem::create_directory(data_);
    std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
    mounted_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("tmpfs", data_.c_str(), "tmpfs", 0, "size=3m,mode=0700") == 0;
    if (mounted_) return;
    std::signal(SIGXFSZ, SIG_IGN);  // then a limit on the size of files stands for the disk
    limit(2'000'000);
  }

  void TearDown() override {
    hub_.reset();
    if (mounted_) ::umount(data_.c_str());
    HubFixture::TearDown();
  }

  bool make_room() const {
    if (mounted_) return ::mount("tmpfs", data_.c_str(), "tmpfs", MS_REMOUNT, "size=64m,mode=0700") == 0;
    return false;
  }

  static void limit(rlim_t bytes) {
    rlimit now{};
    ::getrlimit(RLIMIT_FSIZE, &now);
    now.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }

  Result<net::HttpAnswer> batch(std::uint64_t first) const {
    std::vector<std::string> events;
    for (std::uint64_t i = 0; i < kBatch; ++i) events.push_back(event(first + i));
    return send("POST", "/api/v1/events/batch/", protocol::write_batch(events));
  }

  // Sends until a batch is not taken; the number of those that were.
  std::uint64_t fill() {
    for (std::uint64_t taken = 0; taken < kMostBatches; ++taken) {
      refusal_ = batch(1 + taken * kBatch);
      if (!refusal_ || refusal_->status != 200) return taken;
    }
    return kMostBatches;
  }

  bool mounted_ = false;
  Result<net::HttpAnswer> refusal_;
};

TEST_F(DiskFullTest, ABatchThatFindsNoRoomIsRefusedForNowAndNothingAcknowledgedIsLost) {
  add_ada();
  start({"--disk-floor-bytes", "0"});
  sign_in();
  const std::uint64_t taken = fill();
  ASSERT_GT(taken, 0U);
  ASSERT_LT(taken, kMostBatches);
  ASSERT_TRUE(refusal_) << refusal_.error().message;
  EXPECT_EQ(refusal_->status, 503) << refusal_->body;
  EXPECT_NE(refusal_->header("Retry-After"), nullptr);
  EXPECT_EQ(send("GET", "/healthz")->status, 200);
  EXPECT_EQ(stored_ids().size(), taken * kBatch) << "reading works on a full disk";
  if (!make_room()) {  // a limit of a process cannot be lifted from outside: another process has none
    limit(RLIM_INFINITY);
    hub_->signal(SIGTERM);
    EXPECT_EQ(hub_->wait(), 0);
    start();
  }
  const auto again = batch(1 + taken * kBatch);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->status, 200) << again->body;
  EXPECT_EQ(stored_ids().size(), (taken + 1) * kBatch);
}

// Where nothing can be mounted the disk that is there stands for it, and a floor that it is below.
TEST_F(DiskFullTest, BelowItsFloorTheHubIsNotReadyAndTakesNoEventsUntilThereIsRoom) {
  limit(RLIM_INFINITY);
  add_ada();
  const auto free = std::filesystem::space(root_).available;
  const std::string floor = mounted_ ? "1500000" : std::to_string(free + (1ULL << 40));
  start({"--disk-floor-bytes", floor});
  sign_in();
  const std::uint64_t taken = fill();
  ASSERT_LT(taken, kMostBatches);
  EXPECT_EQ(taken > 0, mounted_);
  ASSERT_TRUE(refusal_) << refusal_.error().message;
  EXPECT_EQ(refusal_->status, 503) << refusal_->body;
  EXPECT_NE(refusal_->header("Retry-After"), nullptr);
  const auto not_ready = send("GET", "/readyz");
  EXPECT_EQ(not_ready->status, 503);
  EXPECT_NE(not_ready->header("Retry-After"), nullptr);
  EXPECT_TRUE(not_ready->body.contains("the disk has less room than the hub keeps")) << not_ready->body;
  EXPECT_EQ(send("GET", "/healthz")->status, 200);
  EXPECT_EQ(stored_ids().size(), taken * kBatch);
  sign_in();  // there is room for what is not events
  const Ended team = run_to_end({"team", "add", "other", "--data", data_});
  EXPECT_EQ(team.exit_code, 0) << team.err;
  if (!make_room()) {
    hub_.reset();
    start({"--disk-floor-bytes", "1"});
  }
  EXPECT_EQ(send("GET", "/readyz")->status, 200);
  EXPECT_EQ(batch(1 + taken * kBatch)->status, 200);
  EXPECT_EQ(stored_ids().size(), (taken + 1) * kBatch);
}

TEST_F(DiskFullTest, AVerifyThatFindsNoRoomSaysHowMuchItWantsAndLeavesNothingBehind) {
  add_ada();
  if (mounted_) {  // but for what opening the database takes
    std::ofstream(data_ + "/others") << std::string(std::filesystem::space(data_).available - 100'000, 'x');
  } else {
    limit(100'000);
  }
  const Ended full = run_to_end({"verify", "--data", data_});
  EXPECT_EQ(full.exit_code, 1) << full.out;
  EXPECT_TRUE(full.err.contains(mounted_ ? "1 MiB may be wanted, and 0 MiB are free" : "/verify/hub.db: "))
      << full.err;
  EXPECT_FALSE(std::filesystem::exists(data_ + "/verify"));
  std::filesystem::remove(data_ + "/others");
  limit(RLIM_INFINITY);
  EXPECT_EQ(run_to_end({"verify", "--data", data_}).exit_code, 0);
}

// SQLite says "disk I/O error" of a file that it has no room for, or names the one that it copies from.
TEST_F(DiskFullTest, WhatFindsNoRoomIsToldThatTheDiskIsFullAndWhere) {
  if (!mounted_) GTEST_SKIP() << "no file system of the test's own: nothing can be full";
  add_ada();
  const std::string backup = root_ + "/backup.db";
  ASSERT_EQ(run_to_end({"backup", backup, "--data", data_}).exit_code, 0);
  std::ofstream(data_ + "/others") << std::string(std::filesystem::space(data_).available, 'x');
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"team", "list"}, {"verify"}, {"serve", "--listen", "127.0.0.1:0"}}) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {"--data", data_});
    const Ended full = run_to_end(all);
    EXPECT_EQ(full.exit_code, 1) << full.out;
    EXPECT_TRUE(full.err.contains("; its disk has 0 KiB free\n  try: make room on that disk")) << full.err;
  }
  const Ended restored = run_to_end({"restore", backup, "--data", data_ + "/restored"});
  EXPECT_EQ(restored.exit_code, 1);
  EXPECT_TRUE(
      restored.err.starts_with("pawprint-hub: cannot copy " + backup + " to " + data_ + "/restored/hub.db"))
      << restored.err;
  EXPECT_FALSE(std::filesystem::exists(data_ + "/restored/hub.db"));
  ASSERT_TRUE(make_room());
  EXPECT_EQ(run_to_end({"restore", backup, "--data", data_ + "/restored"}).exit_code, 0)
      << "what it left is in nobody's way";
}

// As a verify that was killed leaves it.
TEST_F(DiskFullTest, WhatAKilledVerifyLeftIsGoneOnceTheDataIsOpened) {
  add_ada();
  std::filesystem::create_directory(data_ + "/verify");
  std::ofstream(data_ + "/verify/hub.db") << "half a board";
  EXPECT_EQ(run_to_end({"team", "list", "--data", data_}).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(data_ + "/verify"));
}

}  // namespace
}  // namespace pawprint::hub
