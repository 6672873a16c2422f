// The commands of an administrator, on a hub that is down and on one that runs: the same words, the same
// answers.
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "hub/main/program_for_test.h"

namespace pawprint::hub {
namespace {

class AdministrationTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-admin-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    data_ = root_ + "/data";
    if (GetParam()) start();
  }
  void TearDown() override {
    hub_.reset();
    std::filesystem::remove_all(root_);
  }
  void start() {
    hub_ = std::make_unique<Program>(
        std::vector<std::string>{"serve", "--data", data_, "--listen", "127.0.0.1:0"}, "");
    ASSERT_TRUE(hub_->read_line().starts_with("listening ")) << hub_->rest_of_errors();
  }
  Ended run(std::vector<std::string> words, std::string_view input = {}) const {
    words.insert(words.end(), {"--data", data_});
    return run_to_end(std::move(words), input);
  }
  // The text on stdout of a command that must succeed.
  std::string say(std::vector<std::string> words, std::string_view input = {}) const {
    const Ended ended = run(std::move(words), input);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
    return ended.out;
  }

  std::string root_, data_;
  std::unique_ptr<Program> hub_;
};

INSTANTIATE_TEST_SUITE_P(Hub, AdministrationTest, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "Running" : "Down"; });

TEST_P(AdministrationTest, WhoIsKnownKeepsTheirPasswordAndThatIsSaid) {
  say({"team", "add", "acme"});
  const std::vector<std::string> add{"user", "add", "ada@example.org", "--team", "acme", "--password-stdin"};
  EXPECT_EQ(say(add, "one\n"), "added user ada@example.org to team acme\n");
  say({"user", "remove", "ada@example.org", "--team", "acme"});
  EXPECT_EQ(say(add, "two\n"),
            "added user ada@example.org to team acme, with the name and the password of before\n");
}

TEST_P(AdministrationTest, TeamsAndTheirPeopleComeAndGo) {
  EXPECT_EQ(say({"team", "add", "acme", "--name", "Acme Inc"}), "added team acme\n");
  EXPECT_EQ(say({"team", "add", "gamma-ray"}), "added team gamma-ray\n");
  EXPECT_EQ(say({"team", "list"}), "acme       Acme Inc\ngamma-ray  gamma-ray\n");
  EXPECT_EQ(say({"user", "add", "ada@example.org", "--team", "acme", "--password-stdin"}, "one\n"),
            "added user ada@example.org to team acme\n");
  EXPECT_EQ(say({"user", "list", "--team", "acme"}), "ada@example.org  member  -\n");
  EXPECT_EQ(say({"user", "set-role", "ada@example.org", "--team", "acme", "--role", "owner"}),
            "ada@example.org is now owner of team acme\n");
  EXPECT_EQ(say({"user", "list", "--team", "acme"}), "ada@example.org  owner  -\n");
  EXPECT_EQ(say({"user", "password", "ada@example.org", "--password-stdin"}, "two\n"),
            "changed the password of ada@example.org, who has to sign in again\n");
  EXPECT_EQ(say({"user", "remove", "ada@example.org", "--team", "acme"}),
            "removed ada@example.org from team acme\n");
  EXPECT_EQ(say({"user", "list", "--team", "acme"}), "");
}

TEST_P(AdministrationTest, ATokenIsSeenOnceAndListedByItsId) {
  say({"team", "add", "acme"});
  const std::string token = say({"token", "issue", "--team", "acme", "--name", "ci"});
  EXPECT_TRUE(token.starts_with("pmt_") && token.ends_with("\n") && token.size() == 48) << token;
  const std::string list = say({"token", "list", "--team", "acme"});
  EXPECT_TRUE(list.contains("  acme  valid  ") && list.ends_with("  never  ci\n")) << list;
  EXPECT_FALSE(list.contains(token.substr(4, 20))) << list;
  const std::string id = list.substr(0, list.find(' '));
  EXPECT_EQ(say({"token", "revoke", id}), "revoked token " + id + "\n");
  EXPECT_TRUE(say({"token", "list"}).contains("  acme  revoked  "));
  EXPECT_EQ(run({"token", "revoke", "01"}).exit_code, 1);
  EXPECT_EQ(run({"token", "issue", "--team", "beta", "--name", "ci"}).exit_code, 1);
}

TEST_P(AdministrationTest, AnInvitationIsSeenOnceListedByItsIdAndWithdrawn) {
  say({"team", "add", "acme"});
  const std::string secret = say({"team", "invite", "acme", "--email", "eve@example.org", "--days", "2"});
  EXPECT_TRUE(secret.ends_with("\n") && secret.size() > 40) << secret;
  say({"team", "invite", "acme", "--role", "viewer"});
  const std::string list = say({"team", "invitations", "acme"});
  EXPECT_TRUE(list.contains("  open  ") && list.contains("eve@example.org") && list.contains("anybody"))
      << list;
  EXPECT_FALSE(list.contains(secret.substr(4, 20))) << list;
  const std::string id = list.substr(0, list.find(' '));
  EXPECT_EQ(say({"team", "withdraw", "acme", id}), "withdrew invitation " + id + "\n");
  EXPECT_FALSE(say({"team", "invitations", "acme"}).contains(id));
  EXPECT_EQ(run({"team", "withdraw", "acme", id}).exit_code, 1);
  EXPECT_EQ(run({"team", "invite", "acme", "--days", "31"}).exit_code, 2);
  EXPECT_EQ(run({"team", "invite", "beta"}).exit_code, 1);
}

TEST_P(AdministrationTest, AClosedTeamHasNobodyAndItsTokensAreWorthless) {
  say({"team", "add", "acme"});
  say({"user", "add", "ada@example.org", "--team", "acme", "--password-stdin"}, "one\n");
  say({"token", "issue", "--team", "acme", "--name", "ci"});
  EXPECT_EQ(say({"team", "close", "acme"}),
            "closed team acme: nobody belongs to it, its tokens are worthless; its log stays\n");
  EXPECT_EQ(say({"user", "list", "--team", "acme"}), "");
  EXPECT_FALSE(say({"token", "list", "--team", "acme"}).contains("  valid  "));
}

TEST_P(AdministrationTest, WhatListsKeysMakesNone) {
  say({"team", "add", "acme"});
  EXPECT_EQ(say({"key", "list"}).empty(), !GetParam());
  EXPECT_EQ(run({"key", "retire", "01"}).exit_code, 1);
  EXPECT_EQ(std::filesystem::exists(data_ + "/keys"), GetParam());
}

TEST_P(AdministrationTest, WhereThereIsNoTeamTheFirstOneIsToBeAdded) {
  if (!GetParam()) {
    start();
    hub_->signal(SIGTERM);
    ASSERT_EQ(hub_->wait(), 0);
  }
  const Ended ended = run({"user", "list", "--team", "acme"});
  EXPECT_TRUE(ended.err.ends_with("try: pawprint-hub team add acme --data " + data_ + "\n")) << ended.err;
}

TEST_P(AdministrationTest, KeysAreReplacedAndRetired) {
  say({"team", "add", "acme"});
  if (!GetParam()) say({"key", "rotate"});  // as `serve` would, makes the first one
  const std::string one = say({"key", "list"});
  EXPECT_TRUE(one.ends_with("  signs\n")) << one;
  const std::string kid = one.substr(0, 16);
  EXPECT_TRUE(say({"key", "rotate"}).contains(" signs from now on"));
  const std::string both = say({"key", "list"});
  EXPECT_TRUE(both.contains(kid + "  counts until ")) << both;
  EXPECT_EQ(
      say({"key", "retire", kid}),
      "retired key " + kid + "; nothing that it signed holds any more\n" +
          "if others had it, sessions that they began with tokens of their own go on; to end those of a "
          "user:\n  pawprint-hub user password EMAIL --password-stdin --data " +
          data_ + "\n");
  EXPECT_FALSE(say({"key", "list"}).contains(kid));
  EXPECT_EQ(run({"key", "retire", both.substr(0, 16)}).exit_code, 1) << "it signs";
  EXPECT_EQ(run({"key", "retire", kid}).exit_code, 1);
}

// A directory that was mistyped stays as it is: not there, or without a hub.
TEST_P(AdministrationTest, WhereThereIsNoHubOnlyAFirstTeamMakesOne) {
  say({"team", "add", "acme"});
  const std::string file = root_ + "/nothing.db";
  const std::vector<std::vector<std::string>> commands{
      {"backup", file},
      {"verify"},
      {"rebuild"},
      {"migrate"},
      {"migrate", "--dry-run"},
      {"team", "list"},
      {"team", "close", "acme"},
      {"team", "invitations", "acme"},
      {"user", "list", "--team", "acme"},
      {"user", "add", "ada@example.org", "--team", "acme", "--password-stdin"},
      {"user", "password", "ada@example.org", "--password-stdin"},
      {"token", "list"},
      {"token", "issue", "--team", "acme", "--name", "ci"},
      {"key", "list"},
      {"key", "rotate"}};
  for (const std::string& place : {root_ + "/typo", root_ + "/my empty"}) {
    data_ = place;
    const bool is_there = place.ends_with("empty");
    if (is_there) {
      ASSERT_TRUE(std::filesystem::create_directory(data_));
      std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
    }
    for (const std::vector<std::string>& words : commands) {
      const Ended ended = run(words, words.back() == "--password-stdin" ? "one\n" : "");
      EXPECT_EQ(ended.exit_code, 1) << words[0] << " " << words.back();
      EXPECT_TRUE(ended.err.starts_with("pawprint-hub: there is no hub in " + data_ + "\n")) << ended.err;
      const std::string word = is_there ? "'" + data_ + "'" : data_;
      EXPECT_TRUE(ended.err.contains("pawprint-hub team add SLUG --data " + word)) << ended.err;
    }
    EXPECT_EQ(std::filesystem::exists(data_), is_there);
    EXPECT_TRUE(!is_there || std::filesystem::is_empty(data_));
  }
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(say({"team", "add", "beta"}), "added team beta\n");
  EXPECT_EQ(say({"team", "list"}), "beta  beta\n");
}

TEST_P(AdministrationTest, DataIsCheckedBackedUpAndPutToUseAgain) {
  say({"team", "add", "acme"});
  EXPECT_EQ(say({"verify"}), "team acme: 0 events, whole\n");
  EXPECT_FALSE(std::filesystem::exists(data_ + "/verify"));
  EXPECT_EQ(say({"rebuild", "--team", "acme"}), "rebuilt the board of team acme\n");
  EXPECT_EQ(run({"rebuild", "--team", "beta"}).exit_code, 1);
  const std::string file = root_ + "/backup.db";
  EXPECT_EQ(say({"backup", file}), "backed up to " + file + "\n");
  EXPECT_EQ(run({"backup", file}).exit_code, 1);
  EXPECT_EQ(run({"restore", file}).exit_code, 1);  // there is data, or a hub that runs
  data_ = root_ + "/restored";
  EXPECT_TRUE(say({"restore", file}).contains("everybody has to sign in again"));
  EXPECT_EQ(say({"team", "list"}), "acme  acme\n");
}

TEST_P(AdministrationTest, ARestoreSaysWhatHasToBeDoneAgain) {
  say({"team", "add", "acme"});
  const std::string file = root_ + "/backup.db";
  say({"backup", file});
  say({"token", "issue", "--team", "acme", "--name", "ci"});
  const std::string with_token = root_ + "/with token.db";
  say({"backup", with_token});
  data_ = root_ + "/without";
  const std::string without = say({"restore", file});
  EXPECT_TRUE(without.contains("\ndo again what was done since that backup: user remove, ")) << without;
  EXPECT_FALSE(without.contains("token")) << without;
  EXPECT_TRUE(
      without.ends_with("\nhold each event against its hash: pawprint-hub verify --data " + data_ + "\n"))
      << without;
  EXPECT_EQ(say({"verify"}), "team acme: 0 events, whole\n");
  data_ = root_ + "/with it";
  const std::string text = say({"restore", with_token});
  EXPECT_TRUE(text.contains("\ntokens of machines: 1 revoked, ")) << text;
  EXPECT_TRUE(text.contains(": pawprint-hub token list --data '" + data_ + "'\n")) << text;
  EXPECT_TRUE(text.contains(": pawprint-hub token issue --team TEAM --name NAME --data '" + data_ + "'\n"))
      << text;
  EXPECT_TRUE(say({"token", "list"}).contains("  revoked  "));
  say({"token", "issue", "--team", "acme", "--name", "ci"});
}

TEST_P(AdministrationTest, WhatIsWrongIsSaidTheSameWay) {
  say({"team", "add", "beta"});
  const Ended no_team = run({"user", "add", "ada@example.org", "--team", "acme", "--password-stdin"}, "x");
  EXPECT_EQ(no_team.exit_code, 1);
  EXPECT_EQ(no_team.out, "");
  EXPECT_EQ(no_team.err,
            "pawprint-hub: there is no team acme\n  try: pawprint-hub team list --data " + data_ + "\n");
  say({"team", "add", "acme"});
  const Ended twice = run({"team", "add", "acme"});
  EXPECT_EQ(twice.exit_code, 1);
  EXPECT_EQ(twice.err,
            "pawprint-hub: cannot add team acme: it exists already\n  try: pawprint-hub team list --data " +
                data_ + "\n");
  const Ended king =
      run({"user", "add", "a@example.org", "--team", "acme", "--role", "king", "--password-stdin"}, "x");
  EXPECT_EQ(king.exit_code, 2);
  EXPECT_TRUE(king.err.contains("roles are owner, member and viewer")) << king.err;
  const Ended empty = run({"user", "add", "a@example.org", "--team", "acme", "--password-stdin"}, "\n");
  EXPECT_EQ(empty.exit_code, 1);
  EXPECT_EQ(run({"team", "add", "No Slug"}).exit_code, 2);
  const Ended nobody = run({"user", "set-role", "", "--team", "acme", "--role", "owner"});
  EXPECT_EQ(nobody.exit_code, 2);
}

TEST_P(AdministrationTest, WhatIsWrongLeadsToTheCommandThatShowsWhatThereIs) {
  say({"team", "add", "acme"});
  const std::string backup = root_ + "/backup.db";
  say({"backup", backup});
  const std::vector<std::pair<std::vector<std::string>, std::string>> all{
      {{"team", "close", "nope"}, "team list"},
      {{"team", "invite", "nope"}, "team list"},
      {{"team", "withdraw", "acme", "01"}, "team invitations acme"},
      {{"user", "set-role", "x@y.z", "--team", "acme", "--role", "owner"}, "user list --team acme"},
      {{"user", "remove", "x@y.z", "--team", "acme"}, "user list --team acme"},
      {{"token", "revoke", "01"}, "token list"},
      {{"key", "retire", "01"}, "key list"},
      {{"rebuild", "--team", "nope"}, "team list"},
      {{"token", "issue", "--team", "nope", "--name", "ci"}, "team list"},
      {{"backup", backup}, "backup ANOTHER_FILE"},
      {{"backup", root_ + "/no/such.db"}, "backup ANOTHER_FILE"}};
  for (const auto& [words, command] : all) {
    const Ended ended = run(words);
    EXPECT_EQ(ended.exit_code, 1) << command;
    EXPECT_TRUE(ended.err.ends_with("\n  try: pawprint-hub " + command + " --data " + data_ + "\n"))
        << ended.err;
  }
  const Ended king = run({"team", "invite", "acme", "--role", "king"});
  EXPECT_TRUE(king.err.ends_with("\n  try: pawprint-hub team invite --help\n")) << king.err;
  const Ended foo = run({"team", "invite", "acme", "--email", "foo"});
  EXPECT_EQ(foo.exit_code, 2);
  EXPECT_TRUE(foo.err.starts_with("pawprint-hub: \"foo\" is no email address\n")) << foo.err;
  const Ended days = run({"team", "invite", "acme", "--days", "31"});
  EXPECT_TRUE(days.err.ends_with("\n  try: pawprint-hub team invite --help\n")) << days.err;
}

TEST_P(AdministrationTest, ATerminalIsSafeFromNames) {
  say({"team", "add", "acme", "--name", "\x1b[2J\nnew line"});
  EXPECT_EQ(say({"team", "list"}), "acme  \\u{1b}[2J\\u{a}new line\n");
}

}  // namespace
}  // namespace pawprint::hub
