#include "client/own_types.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <fstream>

#include "client/make_emitter.h"

namespace pawprint::client {
namespace {

constexpr const char* kDeploySchema = R"({
  "type": "object",
  "required": ["environment"],
  "properties": {"environment": {"enum": ["staging", "production"]}, "tag": {"pattern": "^(a+)+$"}}
}
)";

class OwnTypesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-types-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = std::filesystem::canonical(pattern);
    std::filesystem::create_directories(root_ / "project/.kittify/events");
    environment_.variables["PAWPRINT_HOME"] = (root_ / "home").string();
    environment_.directory = root_ / "project";
    environment_.user_home = root_;
    environment_.hostname = "host";
    environment_.username = "user";
    environment_.clock = &time_;
    environment_.random = &random_;
    environment_.disk = &disk_;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  Path file_of(const std::string& type) const {
    return root_ / "project/.kittify/events" / (type + ".schema.json");
  }
  static void write(const Path& file, std::string_view text) { std::ofstream(file) << text; }

  static Event event_of(std::string type, std::string payload) {
    Event event;
    event.event_type = std::move(type);
    event.aggregate_id = "prod";
    event.aggregate_type = "Deployment";
    event.payload = std::move(payload);
    return event;
  }

  void expect_nothing_kept() const {
    EXPECT_FALSE(std::filesystem::exists(root_ / "home"));
    EXPECT_FALSE(std::filesystem::exists(root_ / "project/.kittify/config.yaml"));
  }

  // Emits a Deploy that fits kDeploySchema, which must be refused because of the file.
  Error refused_for_the_file() {
    Emitter emitter = make_emitter(environment_);
    const auto refused = emitter.emit(event_of("Deploy", R"({"environment":"staging"})"));
    EXPECT_FALSE(refused);
    if (refused) return {};
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    EXPECT_EQ(refused.error().file, file_of("Deploy").string());
    EXPECT_NE(refused.error().message.find("Deploy.schema.json"), std::string::npos)
        << refused.error().message;
    expect_nothing_kept();
    return refused.error();
  }

  Path root_;
  ManualClock time_{1'780'000'000'000};
  SeededRandom random_{11};
  PosixDisk disk_;
  Environment environment_;
};

TEST_F(OwnTypesTest, APayloadThatBreaksItsSchemaStoresNothingAndTouchesNoClock) {
  write(file_of("Deploy"), kDeploySchema);
  Emitter emitter = make_emitter(environment_);
  const auto refused = emitter.emit(event_of("Deploy", R"({"environment":"moon"})"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
  EXPECT_EQ(refused.error().path, "payload.environment");
  EXPECT_NE(refused.error().message.find("\"staging\", \"production\""), std::string::npos);
  expect_nothing_kept();
}

TEST_F(OwnTypesTest, APayloadThatFitsIsStored) {
  write(file_of("Deploy"), kDeploySchema);
  Emitter emitter = make_emitter(environment_);
  const auto receipt = emitter.emit(event_of("Deploy", R"({"environment":"staging"})"));
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->lamport_clock, 1U);
}

TEST_F(OwnTypesTest, OneEventOfSeveralThatBreaksItsSchemaStoresNone) {
  write(file_of("Deploy"), kDeploySchema);
  Emitter emitter = make_emitter(environment_);
  const std::array events{event_of("Deploy", R"({"environment":"staging"})"), event_of("Deploy", "{}")};
  EXPECT_EQ(emitter.emit_all(events).error().path, "payload.environment");
  expect_nothing_kept();
}

TEST_F(OwnTypesTest, ATypeWithoutAFileIsTakenAsItIs) {
  std::filesystem::remove(root_ / "project/.kittify/events");
  Emitter emitter = make_emitter(environment_);
  EXPECT_TRUE(emitter.emit(event_of("Deploy", R"({"environment":"moon"})")));
  EXPECT_TRUE(emitter.warnings().empty());
}

TEST_F(OwnTypesTest, LongTextAgainstAPatternThatBacktracksIsJudged) {
  write(file_of("Deploy"), kDeploySchema);
  Emitter emitter = make_emitter(environment_);
  const std::string tag(20000, 'a');
  EXPECT_TRUE(emitter.emit(event_of("Deploy", R"({"environment":"staging","tag":")" + tag + "\"}")));
  const auto refused = emitter.emit(event_of("Deploy", R"({"environment":"staging","tag":")" + tag + "!\"}"));
  EXPECT_EQ(refused.error().path, "payload.tag");
}

TEST_F(OwnTypesTest, AFileThatCannotBeUsedRefusesTheEventAndIsNamed) {
  write(file_of("Deploy"), "{\n  \"minimun\": 1\n}\n");
  const Error unknown = refused_for_the_file();
  EXPECT_EQ(unknown.line, 2);
  EXPECT_EQ(unknown.path, "minimun");
  write(file_of("Deploy"), "{\n  \"type\"\n}\n");
  EXPECT_EQ(refused_for_the_file().line, 3);
  write(file_of("Deploy"), "");
  refused_for_the_file();
  write(file_of("Deploy"), R"({"$ref":"https://example.com/schema.json"})");
  EXPECT_EQ(refused_for_the_file().path, "[\"$ref\"]");
  write(file_of("Deploy"), "{\"title\":\"" + std::string(70000, 'x') + "\"}");
  refused_for_the_file();
}

TEST_F(OwnTypesTest, AFileThatWasMendedCountsAtOnce) {
  write(file_of("Deploy"), "{");
  Emitter emitter = make_emitter(environment_);
  EXPECT_FALSE(emitter.emit(event_of("Deploy", R"({"environment":"staging"})")));
  write(file_of("Deploy"), kDeploySchema);
  EXPECT_TRUE(emitter.emit(event_of("Deploy", R"({"environment":"staging"})")));
}

TEST_F(OwnTypesTest, WhatIsNoRegularFileIsRefused) {
  std::filesystem::create_directory(file_of("Deploy"));
  refused_for_the_file();
  std::filesystem::remove(file_of("Deploy"));
  ASSERT_EQ(mkfifo(file_of("Deploy").c_str(), 0600), 0);
  refused_for_the_file();
}

TEST_F(OwnTypesTest, ALinkOutOfTheProjectIsRefused) {
  write(root_ / "outside.json", kDeploySchema);
  std::filesystem::create_symlink(root_ / "outside.json", file_of("Deploy"));
  EXPECT_NE(refused_for_the_file().message.find("link out of the project"), std::string::npos);
  std::filesystem::remove(file_of("Deploy"));
  std::filesystem::create_symlink("nothing.json", file_of("Deploy"));
  EXPECT_NE(refused_for_the_file().message.find("link to nothing"), std::string::npos);
}

TEST_F(OwnTypesTest, AFolderThatIsALinkOutOfTheProjectIsRefused) {
  std::filesystem::create_directory(root_ / "outside");
  write(root_ / "outside/Deploy.schema.json", kDeploySchema);
  std::filesystem::remove(root_ / "project/.kittify/events");
  std::filesystem::create_directory_symlink(root_ / "outside", root_ / "project/.kittify/events");
  EXPECT_NE(refused_for_the_file().message.find("link out of the project"), std::string::npos);
}

TEST_F(OwnTypesTest, ALinkInsideTheProjectIsFollowed) {
  write(root_ / "project/deploy.json", kDeploySchema);
  std::filesystem::create_symlink("../../deploy.json", file_of("Deploy"));
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(event_of("Deploy", "{}")).error().path, "payload.environment");
}

TEST_F(OwnTypesTest, TheNameOfATypeLeadsNowhereElse) {
  write(root_ / "project/Deploy.schema.json", "broken");
  Emitter emitter = make_emitter(environment_);
  for (const std::string& type :
       {std::string("../../Deploy"), (root_ / "project/Deploy").string(), std::string("acme:Deploy"),
        std::string("x\0y", 3), std::string(4000, 'x')}) {
    EXPECT_TRUE(emitter.emit(event_of(type, "{}"))) << type;
  }
  EXPECT_TRUE(emitter.emit(event_of("..", "{}")));
}

TEST_F(OwnTypesTest, AFileForATypeOfTheCatalogueIsIgnoredWithAWarning) {
  write(file_of("WPStatusChanged"), "false");
  Emitter emitter = make_emitter(environment_);
  const Event moved =
      event_of("WPStatusChanged", R"({"wp_id":"WP01","from_lane":"planned","to_lane":"in_progress"})");
  EXPECT_TRUE(emitter.emit(moved));
  EXPECT_TRUE(emitter.emit(moved));
  ASSERT_EQ(emitter.warnings().size(), 1U);
  EXPECT_EQ(emitter.warnings()[0].cause, "own-type-of-catalogue");
  EXPECT_NE(emitter.warnings()[0].message.find("WPStatusChanged.schema.json"), std::string::npos);
}

TEST_F(OwnTypesTest, OutsideAProjectThereAreNone) {
  environment_.directory = root_;
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(event_of("Deploy", "{}")).error().kind, ErrorKind::not_in_project);
}

}  // namespace
}  // namespace pawprint::client
