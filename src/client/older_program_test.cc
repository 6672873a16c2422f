// Events of this home beside an older program, which reads clock.json and replaces it without any lock.
#include <gtest/gtest.h>

#include <fstream>

#include "base/disk_with_meanwhile_for_test.h"
#include "base/format.h"
#include "client/make_emitter.h"
#include "outbox/outbox.h"
#include "project/home.h"
#include "project/identity.h"
#include "project/places.h"

namespace pawprint::client {
namespace {

class OlderProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-older-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = std::filesystem::canonical(pattern);
    home_ = root_ / "home";
    std::filesystem::create_directories(home_);
    environment_.variables["PAWPRINT_HOME"] = home_.string();
    environment_.user_home = root_;
    environment_.hostname = "host";
    environment_.username = "user";
    environment_.clock = &time_;
    environment_.random = &random_;
    environment_.disk = &disk_;
    be_in("project");
    std::ofstream(home_ / "pawprint.toml") << "[sync]\nqueue_limit = 1\n";
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void be_in(const char* project) {
    environment_.directory = root_ / project;
    std::filesystem::create_directories(environment_.directory / ".kittify");
  }
  static Event note() {
    Event event;
    event.event_type = "Note";
    event.aggregate_id = "WP01";
    return event;
  }
  void link_project() {
    const auto places = project::find_project(environment_).value();
    const auto home = project::find_home(environment_).value();
    Warnings warnings;
    const auto identity = project::ensure_identity(environment_, places, home, {}, warnings);
    outbox::Link link;
    link.project_uuid = identity.uuid.value();
    link.repo_instance = identity.repo_instance;
    link.server_origin = "http://127.0.0.1:1";
    link.team_id = link.team_slug = "acme";
    link.user_id = "kim";
    ASSERT_TRUE(outbox::Outbox::open(environment_, home_).value().link(link, false));
  }
  void put_back(std::uint64_t value) {
    ASSERT_TRUE(replace_file(disk_, home_ / "clock.json", fmt::format(R"({{"value": {}}})", value), 0600));
  }

  Path root_, home_;
  ManualClock time_{1'780'000'000'000};
  SeededRandom random_{11};
  PosixDisk disk_;
  Environment environment_;
};

// An older program read the clock before, and puts it back with its own step when another process has taken a
// value and spilled the event: behind the look at the overflow, and before this one's own step.
TEST_F(OlderProgramTest, TakesNoValueOfTheOverflowTwice) {
  DiskWithMeanwhile disk(disk_);
  Environment seen = environment_;
  seen.disk = &disk;
  Emitter other = make_emitter(environment_);
  ASSERT_EQ(other.emit(note())->where, Where::queue);
  ASSERT_EQ(other.emit(note())->where, Where::spill);
  Emitter emitter = make_emitter(seen);
  std::uint64_t last = 2;
  for (int nth = 1; nth <= 8; ++nth) {
    disk.at_list(nth, [&, older = last] {
      const auto spilled = other.emit(note());
      ASSERT_TRUE(spilled) << spilled.error().message;
      EXPECT_EQ(spilled->where, Where::spill);
      EXPECT_EQ(spilled->lamport_clock, ++last);
      put_back(older);
    });
    const auto receipt = emitter.emit(note());
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->where, Where::spill);
    EXPECT_EQ(receipt->lamport_clock, ++last) << "meanwhile at look " << nth;
    if (!disk.is_done()) break;
  }
}

TEST_F(OlderProgramTest, TakesNoValueOfTheOverflowIntoTheQueue) {
  Emitter other = make_emitter(environment_);
  ASSERT_EQ(other.emit(note())->where, Where::queue);
  ASSERT_EQ(other.emit(note())->where, Where::spill);
  link_project();
  DiskWithMeanwhile disk(disk_);
  Environment linked = environment_;
  linked.disk = &disk;
  be_in("other");
  Emitter unlinked = make_emitter(environment_);
  disk.at_list(3, [&] {
    EXPECT_EQ(unlinked.emit(note())->lamport_clock, 3U);
    put_back(2);
  });
  const auto receipt = make_emitter(linked).emit(note());
  ASSERT_TRUE(receipt);
  ASSERT_TRUE(disk.is_done());
  EXPECT_EQ(receipt->where, Where::queue);
  EXPECT_EQ(receipt->lamport_clock, 4U);
}

}  // namespace
}  // namespace pawprint::client
