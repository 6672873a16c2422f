// What the commands say, to people and to programs.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "harness/sandbox.h"

namespace pawprint::testing {
namespace {

class Words : public ::testing::Test {
 protected:
  Words() : machine_(directory_.path() / "home", directory_.path() / "project") {}

  boost::json::value data(const std::vector<std::string>& words) const {
    const Outcome outcome = machine_.run(words);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const auto object = boost::json::parse(outcome.out);
    EXPECT_EQ(object.at("ok"), boost::json::value(true)) << outcome.out;
    return object.at("data");
  }

  TemporaryDirectory directory_;
  Machine machine_;
};

TEST_F(Words, OfHelpAndVersionAreJsonForThoseWhoWantIt) {
  const std::string version = machine_.run({"pawprint", "--version"}).out;
  EXPECT_EQ(
      "pawprint " + std::string(data({"pawprint", "--version", "--json"}).at("version").as_string()) + "\n",
      version);
  for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
           {"pawprint", "--help"}, {"pawprint", "sync", "--help"}, {"pawprint", "emit", "--help"}}) {
    const std::string text = machine_.run(words).out;
    words.emplace_back("--json");
    EXPECT_EQ(data(words).at("help").as_string(), text);
  }
}

TEST_F(Words, OfSeveralDamagedWorkPackagesEndInWhatToDo) {
  make_project(machine_);
  machine_.json({"init"});
  const fs::path tasks = machine_.directory / "kitty-specs/001-birdhouse-sensor/tasks";
  for (const char* name : {"WP01-", "WP02-"}) {
    for (const auto& entry : fs::directory_iterator(tasks)) {
      if (entry.path().filename().string().starts_with(name))
        write_text(entry.path(), "---\nlane: nowhere\n---\n");
    }
  }
  const auto shown = machine_.json({"status", "--feature", "001-birdhouse-sensor"});
  EXPECT_EQ(shown.exit_code, 1);
  const std::string hint = shown.error("hint");
  EXPECT_TRUE(hint.starts_with("edit " + tasks.string() + "/WP01-")) << hint;
  EXPECT_TRUE(hint.ends_with(".md:2")) << hint;
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"accept"}, {"move-task", "WP01", "--to", "done"}})
    EXPECT_EQ(machine_.json(words).error("hint"), hint) << words.front();
}

TEST_F(Words, OfAFileThatCannotBeReplacedNameTheFile) {
  fs::create_directories(machine_.home);
  fs::permissions(machine_.home, fs::perms::owner_read | fs::perms::owner_exec);
  const Outcome refused = testing::run(
      without_privileges(machine_.launch({"pawprint", "sync", "server", "https://hub.example.com"})));
  fs::permissions(machine_.home, fs::perms::owner_all);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find((machine_.home / "pawprint.toml").string() + ": "), std::string::npos)
      << refused.err;
}

}  // namespace
}  // namespace pawprint::testing
