// pawprint.toml, on the real programs: what it says has an effect, and can be seen.
#include <gtest/gtest.h>

#include "harness/sandbox.h"

namespace pawprint::testing {
namespace {

class SettingsInUse : public ::testing::Test {
 protected:
  SettingsInUse() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
  }

  void set(const std::string& lines) const { write_text(machine_.home / "pawprint.toml", "[sync]\n" + lines); }
  std::string durable_to(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"emit", "Ping", "--aggregate", "A"});
    return std::string(machine_.json(options).data().at("durable_to").as_string());
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(SettingsInUse, TheDurabilityOfTheSettingsIsThatOfWhoNamesNone) {
  EXPECT_EQ(durable_to(), "power");
  set("durability = \"process\"\n");
  EXPECT_EQ(durable_to(), "process");
  EXPECT_EQ(durable_to({"--durability", "power"}), "power");
}

}  // namespace
}  // namespace pawprint::testing
