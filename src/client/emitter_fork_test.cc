// A host that forks while it holds an emitter, as a Python program with multiprocessing does.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <set>
#include <thread>

#include "client/make_emitter.h"
#include "outbox/outbox.h"

namespace pawprint::client {
namespace {

class EmitterForkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-fork-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = std::filesystem::canonical(pattern);
    std::filesystem::create_directories(root_ / "project/.kittify");
    environment_.variables["PAWPRINT_HOME"] = (root_ / "home").string();
    environment_.directory = root_ / "project";
    environment_.user_home = root_;
    environment_.clock = &time_;
    environment_.random = &random_;
    environment_.disk = &disk_;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  static bool emits(Emitter& emitter, int count, Durability durability = Durability::process) {
    Event event;
    event.event_type = "WPStatusChanged";
    event.aggregate_id = "WP01";
    event.payload = R"({"wp_id":"WP01","from_lane":"planned","to_lane":"in_progress"})";
    for (int i = 0; i < count; ++i) {
      auto receipt = emitter.emit(event, durability);
      // On a slow machine a caller of another process may meet this too; it tries again.
      for (int again = 0; others_were_busy(receipt) && again < 20; ++again)
        receipt = emitter.emit(event, durability);
      if (!receipt) {
        std::cerr << receipt.error().message << "\n";
        return false;
      }
    }
    return true;
  }
  static bool others_were_busy(const Result<Receipt>& receipt) {
    return !receipt && receipt.error().kind == ErrorKind::not_stored &&
           receipt.error().message.contains("another process has");
  }
  static pid_t child_emits(Emitter& emitter, int count) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(emits(emitter, count) ? 0 : 1);
    return child;
  }
  static bool succeeded(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

  void expect_queued(std::size_t events) {
    auto connection = sqlite::Connection::open(root_ / "home/outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection);
    auto check = connection->prepare("PRAGMA integrity_check");
    ASSERT_TRUE(check->step().value());
    EXPECT_EQ(check->text(0), "ok");
    auto query = connection->prepare("SELECT lamport, event_id FROM queue");
    std::set<std::int64_t> values;
    std::set<std::string> ids;
    while (query->step().value()) {
      values.insert(query->integer(0));
      ids.insert(query->text(1));
    }
    EXPECT_EQ(values.size(), events);
    EXPECT_EQ(ids.size(), events);
  }

  Path root_;
  SystemClock time_;
  SystemRandom random_;
  PosixDisk disk_;
  Environment environment_;
};

TEST_F(EmitterForkTest, ParentAndChildrenEmitOnAndNothingIsLostOrNumberedTwice) {
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emits(emitter, 1));
  std::array<pid_t, 4> children{};
  for (pid_t& child : children) child = child_emits(emitter, 50);
  EXPECT_TRUE(emits(emitter, 50));
  for (const pid_t child : children) EXPECT_TRUE(succeeded(child));
  EXPECT_TRUE(emits(emitter, 1));
  expect_queued(1 + 4 * 50 + 50 + 1);
}

TEST_F(EmitterForkTest, AChildForkedInTheMiddleOfAnEmitOfAnotherThreadIsNotHeldUp) {
  // However many events one thread emits until all children are done.
  ASSERT_TRUE(disk_.make_directories(root_ / "home", 0700));
  ASSERT_TRUE(replace_file(disk_, root_ / "home/pawprint.toml", "[sync]\nqueue_limit = 1000000\n", 0600));
  Emitter emitter = make_emitter(environment_);
  std::atomic<bool> stop = false;
  std::size_t emitted = 0;
  bool all = true;
  std::jthread thread([&] {
    for (; !stop; ++emitted) all = emits(emitter, 1) && all;
  });
  constexpr std::size_t kChildren = 20;
  for (std::size_t i = 0; i < kChildren; ++i) EXPECT_TRUE(succeeded(child_emits(emitter, 1))) << i;
  stop = true;
  thread.join();
  EXPECT_TRUE(all);
  expect_queued(emitted + kChildren);
}

// As most programs end: what lives as long as the process is destroyed, in a child as well.
TEST_F(EmitterForkTest, ChildrenThatEndByExitTakeNothingAwayFromTheirParent) {
  static std::optional<Emitter> emitter;
  emitter.emplace(make_emitter(environment_));
  ASSERT_TRUE(emits(*emitter, 1));
  std::size_t expected = 1;
  for (const int by_child : {0, 3}) {
    std::cout << std::flush;
    std::fflush(nullptr);  // else a child writes it once more
    const pid_t child = ::fork();
    if (child == 0) std::exit(emits(*emitter, by_child) ? 0 : 1);
    EXPECT_TRUE(succeeded(child));
    EXPECT_TRUE(emits(*emitter, 2, Durability::power));
    expected += static_cast<std::size_t>(by_child) + 2;
  }
  emitter.reset();
  expect_queued(expected);
}

// SQLite checkpoints and deletes the WAL when the last connection closes. A child that believed in locks
// which its dead parent had would not count, and would go on writing into a deleted file.
TEST_F(EmitterForkTest, AChildThatOutlivesItsParentIsSeenByForeignPrograms) {
  std::array<int, 2> parent_gone{};
  std::array<int, 2> child_done{};
  ASSERT_EQ(::pipe(parent_gone.data()), 0);
  ASSERT_EQ(::pipe(child_done.data()), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    Emitter emitter = make_emitter(environment_);
    bool all = emits(emitter, 1);
    if (::fork() != 0) ::_exit(all ? 0 : 1);
    ::close(parent_gone[1]);
    ::close(child_done[0]);
    all = emits(emitter, 10);
    char wait = 0;
    all = ::write(child_done[1], all ? "1" : "0", 1) == 1 && ::read(parent_gone[0], &wait, 1) == 1 && all;
    all = emits(emitter, 40) && all;
    ::_exit(::write(child_done[1], all ? "1" : "0", 1) == 1 ? 0 : 1);
  }
  ::close(child_done[1]);
  ASSERT_TRUE(succeeded(parent));
  char fine = '0';
  ASSERT_EQ(::read(child_done[0], &fine, 1), 1);
  EXPECT_EQ(fine, '1');
  {
    auto foreign = sqlite::Connection::open(root_ / "home/outbox.db", sqlite::Access::read_write);
    EXPECT_TRUE(foreign->execute("SELECT count(*) FROM queue"));
  }
  ASSERT_EQ(::write(parent_gone[1], "x", 1), 1);
  fine = '0';
  EXPECT_EQ(::read(child_done[0], &fine, 1), 1) << "the child died";
  EXPECT_EQ(fine, '1');
  ::close(child_done[0]);
  ::close(parent_gone[0]);
  ::close(parent_gone[1]);
  expect_queued(1 + 10 + 40);
}

}  // namespace
}  // namespace pawprint::client
