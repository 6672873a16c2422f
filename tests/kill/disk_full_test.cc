// A home on a disk that is full: a tmpfs of its own where the machine lets us mount one, else a limit on the
// size of files, which the kernel answers at the same calls.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <set>

#include "client/make_emitter.h"
#include "kill/crowd.h"
#include "kill/small_home.h"
#include "outbox/outbox.h"
#include "outbox/spilled.h"

namespace pawprint::testing {
namespace {

constexpr const char* kDiskOptions = "size=1m";
constexpr rlim_t kLargestFile = 300'000;
constexpr std::size_t kMoreThanFits = 3000;

// The disk of this process alone, which gets room by make_room().
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& at) : at_(at) {
    std::filesystem::create_directories(at_);
    mounted_ = ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("tmpfs", at_.c_str(), "tmpfs", 0, kDiskOptions) == 0;
    if (mounted_) return;
    std::signal(SIGXFSZ, SIG_IGN);
    limit(kLargestFile);
  }
  bool make_room() {
    return mounted_ ? ::mount("tmpfs", at_.c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0
                    : limit(RLIM_INFINITY);
  }

 private:
  static bool limit(rlim_t bytes) {
    rlimit now{};
    ::getrlimit(RLIMIT_FSIZE, &now);
    now.rlim_cur = bytes;
    return ::setrlimit(RLIMIT_FSIZE, &now) == 0;
  }
  std::filesystem::path at_;
  bool mounted_ = false;
};

// The ids that the queue has, once the overflow is in it.
std::set<std::string> kept(const Environment& environment, const std::filesystem::path& home,
                           const std::vector<std::string>& asked) {
  auto outbox = outbox::Outbox::open(environment, home);
  if (!outbox || !outbox->refill(1'000'000)) return {};
  const auto known = outbox->known_ids(asked);
  if (!known) return {};
  return {known->begin(), known->end()};
}

struct Told {
  std::vector<std::string> durable;
  bool refused = false;
};

Told emit_until_full(Emitter& emitter) {
  Told told;
  Event event;
  event.event_type = "Ping";
  event.aggregate_id = "A";
  event.payload = "{\"text\":\"" + std::string(2000, 'x') + "\"}";
  for (std::size_t i = 0; i < kMoreThanFits && !told.refused; ++i) {
    const auto receipt = emitter.emit(event, Durability::power);
    if (receipt) told.durable.push_back(receipt->event_id);
    told.refused = !receipt;
  }
  return told;
}

// Runs where the disk is this process's own. What does not fit into the queue fills it as the overflow.
// What fails is said on stderr, which makes the exit code 1.
int fill_and_recover(const SmallHome& at, int queue_limit) {
  SmallDisk disk(at.home());
  std::ofstream(at.home() / "pawprint.toml") << "[sync]\nqueue_limit = " << queue_limit << "\n";
  Environment environment = process_environment();
  environment.variables["PAWPRINT_HOME"] = at.home();
  environment.directory = at.project();
  int failures = 0;
  const auto expect = [&](bool holds, const char* what) {
    if (!holds) std::cerr << "does not hold: " << what << "\n";
    failures += holds ? 0 : 1;
  };
  Told told;
  {
    Emitter emitter = client::make_emitter(environment);
    told = emit_until_full(emitter);
  }
  expect(told.refused, "an emission to a full disk says that it is not stored");
  expect(!told.durable.empty(), "there was room at first");
  auto reader = outbox::Outbox::open_existing(environment, at.home());
  expect(reader && *reader && (*reader)->snapshot({}), "reading works on a full disk");
  expect(disk.make_room(), "the disk gets room");
  Emitter emitter = client::make_emitter(environment);
  Event event;
  event.event_type = "Ping";
  event.aggregate_id = "A";
  const auto receipt = emitter.emit(event, Durability::power);
  expect(receipt.has_value(), "emitting works again when there is room");
  if (receipt) told.durable.push_back(receipt->event_id);
  expect(kept(environment, at.home(), told.durable).size() == told.durable.size(),
         "every event that was said to be durable is there");
  const auto overflow = outbox::count_spill(environment, at.home());
  expect(overflow && overflow->rejected == 0, "what the disk took of an event that was refused was cut back");
  return failures == 0 ? 0 : 1;
}

TEST(FullDisk, LosesNothingThatWasAcknowledgedAndEmittingGoesOnWhenThereIsRoom) {
  const SmallHome at;
  EXPECT_EQ(exit_code_of_child(in_child([&] { return fill_and_recover(at, 10'000); })), 0);
}

TEST(FullDisk, OfOverflowLosesNothingEitherAndKeepsNoPartOfWhatItRefused) {
  const SmallHome at;
  EXPECT_EQ(exit_code_of_child(in_child([&] { return fill_and_recover(at, 20); })), 0);
}

}  // namespace
}  // namespace pawprint::testing
