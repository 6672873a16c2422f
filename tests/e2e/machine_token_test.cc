// A machine without a user, as a CI runner: a token of the environment links and delivers, and is kept
// nowhere.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "harness/hub_reader.h"

namespace pawprint::testing {
namespace {

class MachineTokens : public ::testing::Test {
 protected:
  MachineTokens()
      : hub_(directory_.path() / "hub"), machine_(directory_.path() / "home", directory_.path() / "project") {
    make_project(machine_);
    machine_.json({"init"});
    issue();
  }

  // Makes a token, which the commands are given from then on.
  void issue(const std::string& team = "acme") {
    token_ = hub_.run({"token", "issue", "--team", team, "--name", "ci"}, "");
    token_.pop_back();  // its line break
    const std::string listed = hub_.run({"token", "list", "--team", team}, "");
    token_id_ = listed.substr(listed.rfind("\n", listed.size() - 2) + 1, 26);
    variables_ = {{"PAWPRINT_TOKEN", token_}, {"PAWPRINT_SERVER", hub_.url()}};
  }

  // What a command says must never have the token in it.
  Outcome run(std::vector<std::string> words) const {
    words.insert(words.begin(), "pawprint");
    words.emplace_back("--json");
    Launch launch = machine_.launch(std::move(words));
    launch.variables.insert(variables_.begin(), variables_.end());
    const Outcome outcome = testing::run(launch);
    EXPECT_EQ((outcome.out + outcome.err).find(token_), std::string::npos) << outcome.out;
    return outcome;
  }
  static boost::json::object error_of(const Outcome& outcome) {
    return boost::json::parse(outcome.out).at("error").as_object();
  }
  static boost::json::object data_of(const Outcome& outcome) {
    return boost::json::parse(outcome.out).at("data").as_object();
  }
  Outcome emit() const { return run({"emit", "Ping", "--aggregate", "A"}); }

  void expect_kept_nowhere() const {
    for (const fs::path& where : {machine_.home, machine_.directory}) {
      for (const auto& entry : fs::recursive_directory_iterator(where)) {
        if (!entry.is_regular_file()) continue;
        EXPECT_EQ(read_text(entry.path()).find(token_), std::string::npos) << entry.path();
      }
    }
    EXPECT_FALSE(fs::exists(machine_.home / "sessions.toml"));
  }

  TemporaryDirectory directory_;
  Hub hub_;
  Machine machine_;
  std::string token_;
  std::string token_id_;
  std::map<std::string, std::string> variables_;
};

TEST_F(MachineTokens, LinkAndDeliverWithoutASignInAndAreKeptNowhere) {
  ASSERT_EQ(emit().exit_code, 0);
  const Outcome linked = run({"sync", "link", "--release"});
  ASSERT_EQ(linked.exit_code, 0) << linked.out;
  EXPECT_EQ(data_of(linked).at("team_slug"), "acme");
  EXPECT_EQ(data_of(linked).at("released"), 1);
  ASSERT_EQ(emit().exit_code, 0);
  const auto status = data_of(run({"sync", "status"}));
  EXPECT_TRUE(status.at("why_not_now").is_null()) << status.at("why_not_now");
  const Outcome delivered = run({"sync", "now"});
  ASSERT_EQ(delivered.exit_code, 0) << delivered.out;
  EXPECT_EQ(data_of(delivered).at("success"), 2);
  EXPECT_EQ(HubReader(hub_).events().size(), 2U);
  EXPECT_EQ(data_of(run({"auth", "status"})).at("token_origin"), boost::json::value(hub_.url()));
  expect_kept_nowhere();
}

TEST_F(MachineTokens, OfOneTeamTakeTheirTurns) {
  ASSERT_EQ(run({"sync", "link"}).exit_code, 0);
  ASSERT_EQ(emit().exit_code, 0);
  hub_.run({"token", "revoke", token_id_}, "");
  const Outcome refused = run({"sync", "now"});
  EXPECT_EQ(refused.exit_code, 4) << refused.out;
  EXPECT_EQ(error_of(refused).at("hint"), "pawprint-hub token issue --team TEAM --name NAME");
  const auto why_not_now = [&] { return data_of(run({"sync", "status"})).at("why_not_now"); };
  const std::string why(why_not_now().as_string());
  EXPECT_NE(why.find(error_of(refused).at("message").as_string()), why.npos) << why;
  EXPECT_TRUE(why.ends_with(": PAWPRINT_SERVER=" + hub_.url() + " PAWPRINT_TOKEN=TOKEN pawprint sync now"))
      << why;
  EXPECT_NE(run({"doctor"}).out.find("does not take the token"), std::string::npos);
  EXPECT_EQ(run({"sync", "link"}).exit_code, 4);
  issue();
  EXPECT_EQ(data_of(run({"sync", "now"})).at("success"), 1);
  ASSERT_EQ(emit().exit_code, 0);
  EXPECT_TRUE(why_not_now().is_null()) << why_not_now();
}

TEST_F(MachineTokens, DeliverOnlyWhatOneLinked) {
  const auto signed_in = machine_.json(
      {"auth", "login", "--server", hub_.url(), "--username", kUser, "--password-stdin", "--link"},
      std::string(kPassword) + "\n");
  ASSERT_EQ(signed_in.exit_code, 0) << signed_in.err;
  ASSERT_EQ(emit().exit_code, 0);
  ASSERT_EQ(machine_.json({"auth", "logout"}).exit_code, 0);
  EXPECT_EQ(run({"sync", "now"}).exit_code, 4);
  EXPECT_TRUE(HubReader(hub_).events().empty());
}

TEST_F(MachineTokens, AreWaitedForByWhatTheyLinked) {
  ASSERT_EQ(run({"sync", "link"}).exit_code, 0);
  ASSERT_EQ(emit().exit_code, 0);
  variables_.clear();
  const std::string wanted = "PAWPRINT_SERVER=" + hub_.url() + " PAWPRINT_TOKEN=TOKEN";
  const Outcome refused = run({"sync", "now"});
  EXPECT_EQ(refused.exit_code, 4) << refused.out;
  EXPECT_TRUE(error_of(refused).at("hint").as_string().find(wanted) != std::string::npos) << refused.out;
  const auto status = data_of(run({"sync", "status"}));
  EXPECT_TRUE(status.at("why_not_now").as_string().find(wanted) != std::string::npos)
      << status.at("why_not_now");
  EXPECT_NE(run({"doctor"}).out.find(wanted), std::string::npos);
}

TEST_F(MachineTokens, OfAnotherTeamDeliverNothing) {
  ASSERT_EQ(run({"sync", "link"}).exit_code, 0);
  ASSERT_EQ(emit().exit_code, 0);
  hub_.run({"team", "add", "other"}, "");
  issue("other");
  EXPECT_EQ(run({"sync", "now"}).exit_code, 4);
  EXPECT_EQ(run({"sync", "link", "--team", "acme"}).exit_code, 2);
  const auto queue = data_of(run({"sync", "status"})).at("queue");
  EXPECT_EQ(queue.at("pending"), 1);
  EXPECT_TRUE(queue.at("parked").as_array().empty());
}

TEST_F(MachineTokens, NeedTheirHub) {
  variables_.erase("PAWPRINT_SERVER");
  for (const auto& words : std::vector<std::vector<std::string>>{{"sync", "now"}, {"sync", "link"}}) {
    const Outcome refused = run(words);
    EXPECT_EQ(refused.exit_code, 2) << refused.out;
    EXPECT_EQ(error_of(refused).at("hint"), "export PAWPRINT_SERVER=URL");
  }
  EXPECT_EQ(emit().exit_code, 0);
}

TEST_F(MachineTokens, AreNotSentToAHubThatIsDownNorLoseAnything) {
  ASSERT_EQ(run({"sync", "link"}).exit_code, 0);
  ASSERT_EQ(emit().exit_code, 0);
  hub_.kill();
  EXPECT_EQ(run({"sync", "now"}).exit_code, 5);
  EXPECT_EQ(run({"sync", "link"}).exit_code, 5);
  hub_.start();
  EXPECT_EQ(data_of(run({"sync", "now"})).at("success"), 1);
  hub_.kill();
  const Outcome nothing_to_send = run({"sync", "now"});
  EXPECT_EQ(nothing_to_send.exit_code, 0) << nothing_to_send.out;
  EXPECT_EQ(data_of(nothing_to_send).at("unreached"), boost::json::value({hub_.url()}));
}

TEST_F(MachineTokens, ThatAreRefusedAreToldOfAlsoIfNothingWaits) {
  ASSERT_EQ(run({"sync", "link"}).exit_code, 0);
  ASSERT_EQ(emit().exit_code, 0);
  ASSERT_EQ(data_of(run({"sync", "now"})).at("success"), 1);
  hub_.run({"token", "revoke", token_id_}, "");
  const Outcome outcome = run({"sync", "now"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_NE(outcome.err.find("does not take the token in PAWPRINT_TOKEN"), std::string::npos) << outcome.err;
}

TEST_F(MachineTokens, ThatCannotBeUsedAreInNobodysWayWhoNamesAUser) {
  const auto signed_in = machine_.json(
      {"auth", "login", "--server", hub_.url(), "--username", kUser, "--password-stdin", "--no-link"},
      std::string(kPassword) + "\n");
  ASSERT_EQ(signed_in.exit_code, 0) << signed_in.err;
  variables_.erase("PAWPRINT_SERVER");
  const Outcome linked = run({"sync", "link", "--server", hub_.url(), "--username", kUser});
  EXPECT_EQ(linked.exit_code, 0) << linked.out;
  const Outcome status = run({"sync", "status"});
  EXPECT_NE(status.err.find("PAWPRINT_SERVER does not say which hub"), std::string::npos) << status.err;
}

TEST_F(MachineTokens, LeaveWhatTheyLinkedToWhoLinksAsTheyDid) {
  ASSERT_EQ(run({"sync", "link"}).exit_code, 0);
  ASSERT_EQ(emit().exit_code, 0);
  const auto signed_in = machine_.json(
      {"auth", "login", "--server", hub_.url(), "--username", kUser, "--password-stdin", "--link"},
      std::string(kPassword) + "\n");
  ASSERT_EQ(signed_in.exit_code, 0) << signed_in.err;
  const auto why = machine_.json({"sync", "status"}).data().at("why_not_now").as_string();
  EXPECT_NE(why.find("ended link to acme of another user, or of a token"), why.npos) << why;
  ASSERT_EQ(run({"sync", "link"}).exit_code, 0);
  EXPECT_EQ(data_of(run({"sync", "now"})).at("success"), 1);
}

}  // namespace
}  // namespace pawprint::testing
