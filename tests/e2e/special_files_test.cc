// What is no file in the place of one: it is named, with the command that moves it away, and no command waits
// for it.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "harness/sandbox.h"

namespace pawprint::testing {
namespace {

class SpecialFiles : public ::testing::Test {
 protected:
  SpecialFiles() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
    emit();
    fs::create_directories(machine_.home / "spill");
  }

  JsonOutcome emit() const { return machine_.json({"emit", "Ping", "--aggregate", "A"}); }

  static void put_pipe(const fs::path& path) { EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0) << path; }
  static void put_directory(const fs::path& path) { fs::create_directories(path / "kept"); }
  static void put_file(const fs::path& path) { std::ofstream(path) << "of another program"; }

  // All that the commands said while `put` had something else at `path`.
  std::string said_with(void (*put)(const fs::path&), const fs::path& path) const {
    const fs::path kept = directory_.path() / "kept";
    if (fs::exists(path)) fs::rename(path, kept);
    put(path);
    std::string said;
    for (const auto& words : std::vector<std::vector<std::string>>{{"emit", "Ping", "--aggregate", "A"},
                                                                   {"implement", "WP01"},
                                                                   {"agent", "tasks", "status"},
                                                                   {"sync", "status"},
                                                                   {"sync", "list"},
                                                                   {"sync", "export"},
                                                                   {"sync", "diagnose"},
                                                                   {"sync", "now"},
                                                                   {"auth", "status"},
                                                                   {"doctor"}}) {
      auto command = words;
      command.insert(command.begin(), "pawprint");
      const Outcome outcome = machine_.run(command);
      EXPECT_LT(outcome.exit_code, 128) << path << " " << words.back();
      said += outcome.out + outcome.err;
    }
    fs::remove_all(path);
    if (fs::exists(kept)) fs::rename(kept, path);
    return said;
  }

  // That, and how to end it: each of those whom it is in the way of, and nobody another thing.
  void expect_named(void (*put)(const fs::path&), const fs::path& path, const std::string& what) const {
    const std::string said = said_with(put, path);
    EXPECT_NE(said.find(path.string() + ": it is " + what), std::string::npos) << path << "\n" << said;
    EXPECT_NE(said.find("mv " + path.string()), std::string::npos) << path << "\n" << said;
    for (const std::string_view other : {"disk I/O error", "unable to open", "Not a directory",
                                         "has lost its end", "sync export --out", "chmod", "ls -l"})
      EXPECT_EQ(said.find(other), std::string::npos) << path << "\n" << said;
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(SpecialFiles, ANamedPipeIsNamedAndKeepsNobodyWaiting) {
  const fs::path feature = machine_.directory / "kitty-specs/001-birdhouse-sensor";
  for (const fs::path& path :
       {machine_.home / "clock.json", machine_.home / "pawprint.toml", machine_.home / "sessions.toml",
        machine_.home / "outbox.db", machine_.home / "outbox.db-wal", machine_.home / "outbox.db-shm",
        machine_.home / "outbox.db-journal", machine_.home / "spill/events.jsonl",
        machine_.home / "spill/refill-1", machine_.directory / ".kittify/config.yaml",
        feature / "tasks/WP01-read-the-sensor.md"}) {
    expect_named(put_pipe, path, "a named pipe, not a file");
  }
  for (const fs::path& path : {machine_.home / "agent.lock", machine_.home / "clock.lock",
                               machine_.home / "home.lock", feature / "tasks.md", feature / "meta.json"}) {
    said_with(put_pipe, path);
  }
  EXPECT_EQ(emit().exit_code, 0);
}

TEST_F(SpecialFiles, ADirectoryInThePlaceOfAFileIsNamed) {
  for (const fs::path& path :
       {machine_.home / "pawprint.toml", machine_.home / "sessions.toml", machine_.home / "outbox.db",
        machine_.home / "outbox.db-wal", machine_.home / "outbox.db-shm", machine_.home / "outbox.db-journal",
        machine_.directory / ".kittify/config.yaml"}) {
    expect_named(put_directory, path, "a directory, not a file");
  }
  EXPECT_EQ(emit().exit_code, 0);
}

TEST_F(SpecialFiles, WhatIsNoDirectoryInThePlaceOfTheOverflowIsNamed) {
  expect_named(put_file, machine_.home / "spill", "a file, not a directory");
  expect_named(put_pipe, machine_.home / "spill", "a named pipe, not a directory");
  EXPECT_EQ(emit().exit_code, 0);
}

TEST_F(SpecialFiles, APayloadMayComeFromAPipeThatIsNamed) {
  const fs::path pipe = directory_.path() / "payload";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  Launch shell = machine_.launch({"pawprint", "emit", "Ping", "--aggregate", "A", "--payload"});
  shell.words.insert(shell.words.begin(),
                     {"/bin/sh", "-c", R"(echo '{"a":1}' > "$0" & "$@" "@$0")", pipe.string()});
  const Outcome emitted = run(shell);
  EXPECT_EQ(emitted.exit_code, 0) << emitted.err;
  EXPECT_EQ(machine_.json({"emit", "Ping", "--aggregate", "A", "--payload", "@/dev/stdin"}, "{}").exit_code,
            0);
}

}  // namespace
}  // namespace pawprint::testing
