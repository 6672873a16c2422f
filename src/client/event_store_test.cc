#include "client/event_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <set>

#include "base/disk_above_for_test.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "client/event_store_fixture.h"
#include "protocol/envelope.h"
#include "protocol/limits.h"

namespace pawprint::client {
namespace {

TEST_F(EventStoreTest, AFullQueueSendsEventsToTheSpillWithOneWarning) {
  limit_queue(2);
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  const auto spilled_receipt = emitter.emit(note());
  ASSERT_TRUE(spilled_receipt);
  EXPECT_EQ(spilled_receipt->where, Where::spill);
  EXPECT_EQ(spilled_receipt->durable_to, Durability::power);
  EXPECT_EQ(emitter.emit(note(), Durability::process)->durable_to, Durability::process);
  EXPECT_EQ(causes(emitter), std::vector<std::string>{"queue-full"});
  EXPECT_EQ(spilled(), 2U);
}

TEST_F(EventStoreTest, AFullUnlinkedClassHoldsNothingOfALinkedOneBack) {
  limit_queue(1);
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(note()));
  EXPECT_EQ(emitter.emit(note())->where, Where::spill);
  const outbox::Link link = link_project();
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(outbox().sendable(link, 10, 1 << 20)->size(), 1U);
}

TEST_F(EventStoreTest, ALockHeldForLongSendsEventsToTheSpillAndTheyComeBackInOrder) {
  Emitter emitter = make_emitter(environment_);
  ASSERT_EQ(emitter.emit(note())->where, Where::queue);
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    const auto receipt = emitter.emit(note());
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->where, Where::spill);
    EXPECT_EQ(emitter.emit(note())->where, Where::spill);
  }
  EXPECT_EQ(spilled(), 2U);
  // The thread that was given up waiting has the lock for a moment, too.
  std::uint64_t last = 3;
  for (Where where = Where::spill; where == Where::spill; ++last) where = emitter.emit(note())->where;
  const auto values = queued();
  EXPECT_EQ(values.size(), last);
  EXPECT_TRUE(std::ranges::is_sorted(values));
  EXPECT_EQ(spilled(), 0U);
}

// What the error says was waited for other processes, all waits together.
int waited_ms(const Error& error) {
  constexpr std::string_view kBefore = "for more than ";
  int sum = 0;
  std::string_view rest = error.message;
  for (auto at = rest.find(kBefore); at != rest.npos; at = rest.find(kBefore)) {
    rest.remove_prefix(at + kBefore.size());
    sum += std::stoi(std::string(rest));
  }
  return sum;
}

TEST_F(EventStoreTest, OfAllThatOthersHoldNothingIsWaitedForAnew) {
  ASSERT_TRUE(make_emitter(environment_).emit(note()));
  std::filesystem::create_directory(home_ / "spill");
  const auto queue = FileLock::acquire_blocking(home_ / "home.lock");
  const auto spill = FileLock::acquire_blocking(home_ / "spill/spill.lock");
  Emitter emitter = make_emitter(environment_);
  for (int i = 0; i < 2; ++i) {
    const auto refused = emitter.emit(note());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::not_stored);
    const std::string& message = refused.error().message;
    EXPECT_TRUE(message.contains("home.lock") && message.contains("spill.lock")) << message;
    EXPECT_EQ(waited_ms(refused.error()), 250) << message;
  }
}

TEST_F(EventStoreTest, WhatAnotherProcessSpillsGoesBeforeTheNextEvent) {
  Emitter emitter = make_emitter(environment_);
  ASSERT_EQ(emitter.emit(note())->where, Where::queue);
  Emitter other = make_emitter(environment_);
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    ASSERT_EQ(other.emit(note())->where, Where::spill);
  }
  // The thread that was given up waiting has the lock for a moment, too.
  while (emitter.emit(note())->where == Where::spill) continue;
  const auto values = queued();
  EXPECT_GE(values.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(values));
  EXPECT_EQ(spilled(), 0U);
}

TEST_F(EventStoreTest, WhoHasSpilledGoesOnSpillingUntilItsLinesAreBack) {
  limit_queue(1);
  const outbox::Link link = link_project();
  Emitter emitter = make_emitter(environment_);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(emitter.emit(note()));
  ASSERT_EQ(queued(), std::vector<std::uint64_t>{1});
  outbox::Outbox other = outbox();
  for (std::uint64_t next = 2; next <= 4; ++next) {
    const std::array sent{
        outbox::Settlement{other.sendable(link, 1, 1 << 20).value().at(0).id, outbox::RowState::sent, ""}};
    ASSERT_TRUE(other.settle(sent));
    EXPECT_EQ(emitter.emit(note())->where, Where::spill);
    EXPECT_EQ(queued().back(), next);
  }
}

TEST_F(EventStoreTest, ADestinationSurvivesTheSpill) {
  const outbox::Link link = link_project();
  Emitter emitter = make_emitter(environment_);
  {
    const auto held = FileLock::acquire_blocking(home_ / "home.lock");
    ASSERT_EQ(emitter.emit(note())->where, Where::spill);
  }
  outbox::Outbox later = outbox();
  ASSERT_TRUE(later.refill(10));
  const auto rows = later.sendable(link, 10, 1 << 20).value();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(protocol::read_envelope(rows[0].data)->team_slug, "acme");
}

TEST_F(EventStoreTest, ACopyThatNobodyLinkedSaysSoOnce) {
  outbox::Link elsewhere = link_project();
  outbox::Outbox queue = outbox();
  ASSERT_TRUE(queue.unlink(elsewhere.project_uuid, elsewhere.repo_instance));
  elsewhere.repo_instance = "/another/copy";
  ASSERT_TRUE(queue.link(elsewhere, false));
  Emitter emitter = make_emitter(environment_);
  ASSERT_TRUE(emitter.emit(note()));
  ASSERT_TRUE(emitter.emit(note()));
  EXPECT_EQ(causes(emitter), std::vector<std::string>{"copy-not-linked"});
}

TEST_F(EventStoreTest, ADatabaseOfANewerProgramIsNotTouchedAndLosesNoEvent) {
  outbox();
  {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 99"));
  }
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(note())->where, Where::spill);
  EXPECT_EQ(emitter.emit(note())->lamport_clock, 2U);
  {
    auto connection = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("PRAGMA user_version = 1"));
  }
  EXPECT_EQ(make_emitter(environment_).emit(note())->where, Where::queue);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST_F(EventStoreTest, AForeignProgramThatLocksTheDatabaseStopsNoEmission) {
  outbox();
  Emitter emitter = make_emitter(environment_);
  {
    auto foreign = sqlite::Connection::open(home_ / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(foreign->execute("BEGIN IMMEDIATE"));
    const auto receipt = emitter.emit(note());
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_EQ(receipt->where, Where::spill);
  }
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(queued(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(EventStoreTest, ADatabaseThatIsNoneStopsNoEmission) {
  std::ofstream(home_ / "outbox.db") << "this was never a database, and is longer than a header would be: "
                                     << std::string(4096, 'x');
  Emitter emitter = make_emitter(environment_);
  const auto receipt = emitter.emit(note());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->where, Where::queue);
  EXPECT_EQ(emitter.emit(note())->lamport_clock, 2U);
  const auto warnings = emitter.warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(warnings[0].cause.starts_with("outbox-salvaged ")) << warnings[0].cause;
}

TEST_F(EventStoreTest, SomethingElseInThePlaceOfTheDatabaseStopsNoEmission) {
  std::filesystem::create_directories(home_ / "outbox.db/unexpected");
  Emitter emitter = make_emitter(environment_);
  const auto receipt = emitter.emit(note());
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->where, Where::spill);
  EXPECT_EQ(receipt->durable_to, Durability::power);
}

TEST_F(EventStoreTest, WhatNeitherTakesIsReportedAsNotStored) {
  std::filesystem::create_directories(home_ / "outbox.db/unexpected");
  std::ofstream(home_ / "spill") << "a file where the directory belongs";
  Emitter emitter = make_emitter(environment_);
  const auto refused = emitter.emit(note());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::not_stored);
  EXPECT_NE(refused.error().message.find("outbox.db"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("spill"), std::string::npos) << refused.error().message;
}

TEST_F(EventStoreTest, ABrokenSettingsFileIsAWarning) {
  std::ofstream(home_ / "pawprint.toml") << "[sync\n";
  Emitter emitter = make_emitter(environment_);
  EXPECT_EQ(emitter.emit(note())->where, Where::queue);
  EXPECT_EQ(causes(emitter), std::vector<std::string>{"settings"});
}

TEST_F(EventStoreTest, AFullDiskStoresNothingHalf) {
  ASSERT_TRUE(make_emitter(environment_).emit(note()));
  limit_queue(1);
  ASSERT_EQ(make_emitter(environment_).emit(note())->where, Where::spill);
  const std::string before = read_file(disk_, home_ / "spill/events.jsonl").value().value();
  const pid_t child = ::fork();
  if (child == 0) {  // the system refuses to let a file grow beyond the limit, in the middle of a line
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{before.size() + 100, before.size() + 100};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto refused = make_emitter(environment_).emit(note());
    ::_exit(!refused && refused.error().kind == ErrorKind::not_stored ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_file(disk_, home_ / "spill/events.jsonl").value().value(), before);
  EXPECT_EQ(make_emitter(environment_).emit(note())->where, Where::spill);
  EXPECT_EQ(spilled(), 2U);
}

TEST_F(EventStoreTest, ProcessesThatSpillNowAndThenKeepTheirOwnOrder) {
  constexpr int kProcesses = 2;
  constexpr int kEvents = 60;
  ASSERT_TRUE(make_emitter(environment_).emit(note()));
  std::array<pid_t, kProcesses> children{};
  auto held = std::optional(FileLock::acquire_blocking(home_ / "home.lock"));
  for (int process = 0; process < kProcesses; ++process) {
    children[static_cast<std::size_t>(process)] = ::fork();
    if (children[static_cast<std::size_t>(process)] != 0) continue;
    SeededRandom random(static_cast<std::uint64_t>(process) + 100);
    environment_.random = &random;
    Emitter emitter = make_emitter(environment_);
    std::ofstream out(root_ / std::to_string(process));
    for (int i = 0; i < kEvents; ++i) {
      const auto receipt = emitter.emit(note(), Durability::process);
      if (!receipt) ::_exit(1);
      out << receipt->lamport_clock << std::endl;
    }
    ::_exit(0);
  }
  while (!std::filesystem::exists(home_ / "spill/events.jsonl")) ::sched_yield();
  held.reset();
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }
  ASSERT_TRUE(outbox().refill(10'000));
  const auto values = queued();
  EXPECT_EQ(values.size(), std::size_t{kProcesses * kEvents + 1});
  EXPECT_EQ(std::set(values.begin(), values.end()).size(), values.size());
  for (int process = 0; process < kProcesses; ++process) {
    std::ifstream in(root_ / std::to_string(process));
    auto from = values.begin();
    for (std::uint64_t value = 0; in >> value;) {
      from = std::find(from, values.end(), value);
      ASSERT_NE(from, values.end()) << "the order of process " << process << " breaks at " << value;
    }
  }
}

}  // namespace
}  // namespace pawprint::client
