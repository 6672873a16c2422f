// A home in a temporary directory with a clock and randomness of its own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/format.h"
#include "outbox/clock.h"
#include "outbox/outbox.h"

namespace pawprint::outbox {

inline constexpr std::int64_t kNow = 1'780'000'000'000;

class HomeTest : public testing::Test {
 protected:
  // Below `top`, which ends in a slash.
  explicit HomeTest(std::string top = testing::TempDir()) : top_(std::move(top)) {}
  void SetUp() override {
    std::string pattern = top_ + "paw-outbox-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    home_ = directory_ / "home";
    environment_.clock = &time_;
    environment_.random = &random_;
    environment_.disk = &disk_;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  Outbox open() {
    auto outbox = Outbox::open(environment_, home_);
    if (!outbox) throw std::runtime_error(outbox.error().message);
    return *std::move(outbox);
  }
  LamportClock clock() { return {environment_, home_, "a1b2c3d4e5f6"}; }

  static NewRow row(std::uint64_t lamport, std::optional<std::int64_t> link_id = std::nullopt) {
    return {
        fmt::format("01HX{:022}", lamport),   lamport,     link_id, "11111111-1111-4111-8111-111111111111",
        fmt::format("{{\"n\":{}}}", lamport), "/repo/.git"};
  }
  static Link destination(std::string instance = "/repo/.git", std::string team = "team-1") {
    Link link;
    link.project_uuid = "11111111-1111-4111-8111-111111111111";
    link.repo_instance = std::move(instance);
    link.server_origin = "http://127.0.0.1:1";
    link.team_id = std::move(team);
    link.team_slug = "acme";
    link.user_id = "user-1";
    return link;
  }
  static SessionKey session(std::string team = "team-1") {
    return {"http://127.0.0.1:1", std::move(team), "user-1"};
  }

  // Runs `work` in `count` processes at once; true if all of them returned true.
  template <class Work>
  static bool in_processes(int count, Work work) {
    std::vector<pid_t> children;
    for (int i = 0; i < count; ++i) {
      const pid_t child = ::fork();
      if (child == 0) ::_exit(work(i) ? 0 : 1);
      children.push_back(child);
    }
    bool all = true;
    for (const pid_t child : children) {
      int status = 0;
      all = ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0 && all;
    }
    return all;
  }

  std::string top_;
  Path directory_, home_;
  ManualClock time_{kNow};
  SeededRandom random_{7};
  PosixDisk disk_;
  Environment environment_;
};

}  // namespace pawprint::outbox
