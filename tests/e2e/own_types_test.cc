// A project's own event types, as its users meet them at the command line.
#include <gtest/gtest.h>

#include "harness/sandbox.h"

namespace pawprint::testing {
namespace {

class OwnTypes : public ::testing::Test {
 protected:
  OwnTypes() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
    fs::create_directories(schema().parent_path());
  }

  fs::path schema() const { return machine_.directory / ".kittify/events/Deploy.schema.json"; }

  JsonOutcome deploy(const std::string& payload) const {
    return machine_.json(
        {"emit", "Deploy", "--aggregate", "prod", "--aggregate-type", "Deployment", "--payload", payload});
  }

  void expect_nothing_kept() const {
    EXPECT_FALSE(fs::exists(machine_.home / "clock.json"));
    EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("unlinked").to_number<std::int64_t>(),
              0);
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(OwnTypes, ABadPayloadIsRefusedWithItsPathAndUsesNoClockValue) {
  write_text(schema(),
             R"({"properties":{"targets":{"items":{"pattern":"^[a-z]+$"}}},"required":["targets"]})");
  const auto outcome = deploy(R"({"targets":["moon","Mars"]})");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.error("kind"), "invalid");
  EXPECT_EQ(outcome.error("path"), "payload.targets[1]");
  expect_nothing_kept();
  EXPECT_EQ(deploy(R"({"targets":["moon"]})").data().at("lamport_clock"), 1);
}

TEST_F(OwnTypes, ABrokenSchemaRefusesTheEventAndNamesFileLineAndPath) {
  write_text(schema(), "{\n  \"properties\": {\n    \"targets\": {\"unevaluatedItems\": false}\n  }\n}\n");
  const auto outcome = deploy("{}");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.error("kind"), "invalid");
  EXPECT_TRUE(outcome.error("file").ends_with(".kittify/events/Deploy.schema.json")) << outcome.error("file");
  EXPECT_EQ(outcome.object.at("error").at("line"), 3);
  EXPECT_EQ(outcome.error("path"), "properties.targets.unevaluatedItems");
  const std::string mend = "edit " + schema().string() + ":3, then: pawprint doctor";
  EXPECT_EQ(outcome.error("hint"), mend);
  EXPECT_EQ(machine_.json({"doctor"}).error("hint"), mend);
  expect_nothing_kept();
}

TEST_F(OwnTypes, AFileForOneOfOurTypesIsWarnedOf) {
  write_text(machine_.directory / ".kittify/events/WPStatusChanged.schema.json", "false");
  const auto outcome = machine_.json({"implement", "WP01"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_NE(outcome.err.find("WPStatusChanged.schema.json is ignored"), std::string::npos) << outcome.err;
  const Outcome examined = machine_.run({"pawprint", "doctor"});
  EXPECT_NE(examined.out.find("WPStatusChanged.schema.json is ignored"), std::string::npos) << examined.out;
}

TEST_F(OwnTypes, WhatIsQueuedIsDiagnosedByTheSchemaOfToday) {
  const std::string event_id(deploy(R"({"a":1})").data().at("event_id").as_string());
  write_text(schema(), R"({"required":["b"]})");
  const auto diagnosed = machine_.json({"sync", "diagnose"});
  EXPECT_EQ(diagnosed.exit_code, 1);
  const auto& invalid = diagnosed.data().at("invalid").as_array();
  ASSERT_EQ(invalid.size(), 1U);
  EXPECT_EQ(invalid[0].at("event_id").as_string(), event_id);
  EXPECT_EQ(invalid[0].at("path").as_string(), "payload.b");
  EXPECT_EQ(diagnosed.error("hint"), "pawprint sync show " + event_id);
  const auto wrong = [&] { return machine_.json({"sync", "diagnose"}).exit_code; };
  write_text(schema(), R"({"required":["a"]})");
  EXPECT_EQ(wrong(), 0);
}

}  // namespace
}  // namespace pawprint::testing
