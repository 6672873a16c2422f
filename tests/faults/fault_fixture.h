// A hub with two teams whose members were promised things, and the laws to be checked when it has suffered.
#pragma once

#include <gtest/gtest.h>

#include "harness/ledger.h"
#include "harness/member.h"
#include "harness/sandbox.h"

namespace pawprint::testing {

inline constexpr int kKilled = 128 + 9;
inline constexpr const char* kOtherTeam = "other";
inline constexpr const char* kOtherUser = "robin@example.com";

class FaultTest : public ::testing::Test {
 protected:
  FaultTest() : hub_(directory_.path() / "hub") {
    hub_.run({"team", "add", kOtherTeam}, "");
    hub_.run({"user", "add", kOtherUser, "--team", kOtherTeam, "--password-stdin"},
             std::string(kPassword) + "\n");
  }

  Member kim() const { return Member(hub_); }
  Member robin() const { return Member(hub_, kOtherTeam, kOtherUser); }

  void expect_laws() {
    ledger_.expect_kept(hub_.data());
    expect_whole(hub_);
  }

  TemporaryDirectory directory_;
  Hub hub_;
  Ledger ledger_;
};

}  // namespace pawprint::testing
