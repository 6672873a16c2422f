// What is no file in the place of one: it is named, with the command that moves it away, and no command waits
// for it.
#include <gtest/gtest.h>
#include <sys/stat.h>

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

  // All that the commands said while there was a named pipe at `path`.
  std::string said_with_a_pipe_at(const fs::path& path) const {
    const fs::path kept = directory_.path() / "kept";
    if (fs::exists(path)) fs::rename(path, kept);
    EXPECT_EQ(::mkfifo(path.c_str(), 0600), 0) << path;
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
    fs::remove(path);
    if (fs::exists(kept)) fs::rename(kept, path);
    return said;
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(SpecialFiles, ANamedPipeIsNamedAndKeepsNobodyWaiting) {
  const fs::path feature = machine_.directory / "kitty-specs/001-birdhouse-sensor";
  for (const fs::path& path :
       {machine_.home / "clock.json", machine_.home / "pawprint.toml", machine_.home / "sessions.toml",
        machine_.home / "outbox.db", machine_.home / "spill/events.jsonl", machine_.home / "spill/refill-1",
        machine_.directory / ".kittify/config.yaml", feature / "tasks/WP01-read-the-sensor.md"}) {
    const std::string said = said_with_a_pipe_at(path);
    EXPECT_NE(said.find(path.string() + ": it is a named pipe, not a file"), std::string::npos)
        << path << "\n"
        << said;
    EXPECT_NE(said.find("mv " + path.string()), std::string::npos) << path << "\n" << said;
  }
  for (const fs::path& path : {machine_.home / "agent.lock", machine_.home / "clock.lock",
                               machine_.home / "home.lock", feature / "tasks.md", feature / "meta.json"}) {
    said_with_a_pipe_at(path);
  }
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
