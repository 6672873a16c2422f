// A machine with a linked project and its hub, whose programs are killed.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "harness/holdings.h"
#include "harness/sandbox.h"

namespace pawprint::testing {

inline constexpr int kKilled = 128 + 9;

// How a program ends before it is done.
struct Death {
  std::string step;                                  // at this failpoint, "" for none
  std::optional<std::chrono::microseconds> after{};  // at this moment
};

class KillTest : public ::testing::Test {
 protected:
  KillTest();

  // Exit codes. Receipts that come out are kept in promised_.
  int emit(const Death& death = {});
  int deliver(const Death& death = {});
  int sign_in(const Death& death = {});
  int init(const Machine& machine, const Death& death = {}) const;

  void deliver_everything();
  void let_access_token_expire();
  void set_queue_limit(int events);
  void expect_nothing_lost() { testing::expect_nothing_lost(machine_.home, hub_data_, promised_); }

  TemporaryDirectory directory_;
  fs::path errors_{directory_.path() / "errors"};  // what the programs that may be killed said
  fs::path hub_data_;
  Hub hub_;
  Machine machine_;
  Promised promised_;
  int emitted_ = 0;

 private:
  struct Ended {
    int exit_code;
    std::string first_line;
  };
  Ended run(Launch launch, const Death& death) const;
};

}  // namespace pawprint::testing
