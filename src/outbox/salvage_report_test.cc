// What salvages found is told once each, by whoever comes next.
#include <algorithm>

#include "base/file_lock.h"
#include "outbox/home_for_test.h"
#include "outbox/salvage.h"

namespace pawprint::outbox {
namespace {

class SalvageReportTest : public HomeTest {
 protected:
  void SetUp() override {
    HomeTest::SetUp();
    open();
  }
  void given_a_salvage() { ASSERT_TRUE(salvage(environment_, home_)); }
  std::vector<std::string> set_aside() {
    auto names = disk_.list(home_).value();
    std::erase_if(names, [](const std::string& name) {
      return !name.starts_with("outbox.db.corrupt-") || name.contains("-wal") || name.contains("-shm");
    });
    return names;
  }
  // Each of the names stands in a message of its own.
  static void expect_told(const Warnings& warnings, const std::vector<std::string>& names) {
    EXPECT_EQ(warnings.all().size(), names.size());
    for (const std::string& name : names) {
      EXPECT_TRUE(std::ranges::any_of(warnings.all(), [&](const Warning& each) {
        return each.message.contains(name);
      })) << name;
    }
  }
};

TEST_F(SalvageReportTest, ASecondSalvageLeavesTheReportOfTheFirst) {
  given_a_salvage();
  given_a_salvage();
  ASSERT_EQ(set_aside().size(), 2U);
  Warnings by_a_reader;
  Outbox::open_existing(environment_, home_).value()->report_to(by_a_reader);
  expect_told(by_a_reader, set_aside());
  Warnings warnings;
  open().report_to(warnings);
  expect_told(warnings, set_aside());
  Warnings again;
  open().report_to(again);
  expect_told(again, {});
}

TEST_F(SalvageReportTest, OneProcessTellsOfEachThatItMakes) {
  Outbox outbox = open();
  Warnings warnings;
  ASSERT_TRUE(outbox.mend());
  outbox.report_to(warnings);
  ASSERT_TRUE(outbox.mend());
  outbox.report_to(warnings);
  ASSERT_EQ(set_aside().size(), 2U);
  expect_told(warnings, set_aside());
}

TEST_F(SalvageReportTest, WhoTellsOfTheFirstLeavesWhatAnotherMadeMeanwhile) {
  given_a_salvage();
  const auto first = set_aside();
  Outbox outbox = open();
  given_a_salvage();
  Warnings warnings;
  outbox.report_to(warnings);
  expect_told(warnings, first);
  auto second = set_aside();
  std::erase(second, first.front());
  Warnings later;
  open().report_to(later);
  expect_told(later, second);
}

// As a salvage that is under way holds it.
TEST_F(SalvageReportTest, WhatCannotBeForgottenIsToldAgainAndNobodyWaitsForThat) {
  given_a_salvage();
  Outbox outbox = open();
  Warnings warnings;
  {
    const auto held = FileLock::acquire(home_ / "home.lock", std::chrono::milliseconds(0));
    ASSERT_TRUE(held);
    outbox.report_to(warnings);
  }
  expect_told(warnings, set_aside());
  Warnings again;
  open().report_to(again);
  expect_told(again, set_aside());
}

}  // namespace
}  // namespace pawprint::outbox
