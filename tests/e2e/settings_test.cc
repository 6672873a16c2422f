// pawprint.toml, on the real programs: what it says has an effect, and can be seen.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "harness/sandbox.h"
#include "harness/terminal.h"

namespace pawprint::testing {
namespace {

class SettingsInUse : public ::testing::Test {
 protected:
  SettingsInUse() : machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
  }

  void expect_unlinked(const JsonOutcome& signed_in) const {
    EXPECT_EQ(signed_in.exit_code, 0) << signed_in.err;
    EXPECT_FALSE(signed_in.data().contains("link"));
  }
  JsonOutcome sign_in(const Hub& hub) const {
    return machine_.json({"auth", "login", "--server", hub.url(), "--username", kUser, "--password-stdin"},
                         std::string(kPassword) + "\n");
  }
  boost::json::value link_here() const {
    return machine_.json({"sync", "status"}).data().at("project").at("link");
  }
  void set(const std::string& lines) const {
    write_text(machine_.home / "pawprint.toml", "[sync]\n" + lines);
  }
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

TEST_F(SettingsInUse, ASignInLinksByItselfWhereTheSettingsSaySoAndReleasesNothing) {
  const Hub hub(directory_.path() / "hub"), other(directory_.path() / "other");
  durable_to();
  set("link = \"auto\"\nauto_link_origins = [\"" + other.url() + "\"]\n");
  expect_unlinked(sign_in(hub));
  EXPECT_EQ(link_here(), nullptr);

  set("link = \"auto\"\nauto_link_origins = [\"" + other.url() + "\", \"" + hub.url() + "/\"]\n");
  const auto linked = sign_in(hub);
  EXPECT_EQ(linked.exit_code, 0) << linked.err;
  EXPECT_EQ(linked.data().at("link").at("released").to_number<int>(), 0);
  EXPECT_EQ(linked.data().at("link").at("kept").to_number<int>(), 1);
  EXPECT_EQ(link_here().at("origin").as_string(), hub.url());

  expect_unlinked(sign_in(other));
  EXPECT_EQ(link_here().at("origin").as_string(), hub.url()) << "a link was taken from another hub";
}

TEST_F(SettingsInUse, WhoEndedALinkOrMadeACopyIsNotLinkedWithoutAQuestion) {
  const Hub hub(directory_.path() / "hub");
  set("link = \"auto\"\nauto_link_origins = [\"" + hub.url() + "\"]\n");
  EXPECT_TRUE(sign_in(hub).data().contains("link"));
  const Machine copy(machine_.home, directory_.path() / "copy");
  fs::copy(machine_.directory, copy.directory, fs::copy_options::recursive);
  expect_unlinked(copy.json({"auth", "login", "--server", hub.url(), "--username", kUser, "--password-stdin"},
                            std::string(kPassword) + "\n"));
  machine_.json({"sync", "unlink"});
  expect_unlinked(sign_in(hub));
  EXPECT_EQ(link_here(), nullptr);
}

TEST_F(SettingsInUse, WhoWantsNoLinkIsNotAskedForOneAndMayMakeIt) {
  const Hub hub(directory_.path() / "hub");
  set("link = \"never\"\n");
  const Outcome signed_in = run_on_terminal(
      machine_.launch({"pawprint", "auth", "login", "--server", hub.url(), "--username", kUser}), "assword",
      kPassword);
  EXPECT_EQ(signed_in.exit_code, 0) << signed_in.err;
  EXPECT_FALSE(signed_in.err.contains("[y/N]")) << signed_in.err;
  EXPECT_EQ(link_here(), nullptr);
  EXPECT_EQ(machine_.json({"sync", "link"}).exit_code, 0);
  EXPECT_EQ(link_here().at("origin").as_string(), hub.url());
}

TEST_F(SettingsInUse, AnAddressToLinkToThatIsNoneIsToldWithItsLine) {
  const Hub hub(directory_.path() / "hub");
  set("link = \"auto\"\nauto_link_origins = [\"hub\"]\n");
  const std::string line = "edit " + (machine_.home / "pawprint.toml").string() + ":3";
  const auto signed_in = sign_in(hub);
  expect_unlinked(signed_in);
  EXPECT_TRUE(signed_in.err.contains(line)) << signed_in.err;
  EXPECT_TRUE(machine_.run({"pawprint", "doctor"}).out.contains(line));
}

TEST_F(SettingsInUse, AreListedWithWhereTheyAreFrom) {
  const fs::path file = machine_.home / "pawprint.toml";
  const auto listed = [&](const Launch& launch) {
    const Outcome outcome = testing::run(launch);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.out;
  };
  Launch words = machine_.launch({"pawprint", "config", "list"});
  EXPECT_EQ(listed(words),
            "server_url          none\nqueue_limit         10000\nagent_idle_seconds  600\n"
            "durability          power\nlink                ask\nauto_link_origins   []\n");
  EXPECT_FALSE(fs::exists(machine_.home)) << "reading made a home";

  set("server_url = \"https://a.example.com\"\nlater = 1\nqueue_limit = 5\n");
  words.words.emplace_back("--show-origin");
  EXPECT_TRUE(listed(words).contains("queue_limit         5                      " + file.string() + ":4\n"))
      << listed(words);
  words.variables["PAWPRINT_SERVER"] = "https://b.example.com";
  const std::string said = listed(words);
  EXPECT_TRUE(said.contains("server_url          https://b.example.com  PAWPRINT_SERVER\n")) << said;
  EXPECT_TRUE(said.contains("link                ask                    default\n")) << said;

  words.words.back() = "--json";
  const auto all = boost::json::parse(listed(words)).at("data").at("settings").as_array();
  EXPECT_EQ(boost::json::serialize(all.at(0)),
            R"({"key":"server_url","value":"https://b.example.com","origin":"environment",)"
            R"("variable":"PAWPRINT_SERVER","file":null,"line":null})");
  EXPECT_EQ(boost::json::serialize(all.at(1)),
            R"({"key":"queue_limit","value":5,"origin":"file","variable":null,"file":")" + file.string() +
                R"(","line":4})");
  EXPECT_EQ(all.at(2).at("origin").as_string(), "default");

  set("queue_limit = 0\n");
  const auto refused = machine_.json({"config", "list"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.error("file"), file.string());
}

}  // namespace
}  // namespace pawprint::testing
