#include "agent/arguments.h"

#include <gtest/gtest.h>

namespace pawprint::agent {
namespace {

Result<Invocation> parsed(const std::vector<std::string>& words) {
  return parse_arguments(words);
}

TEST(Arguments, EachVerbTakesItsOwnOptions) {
  EXPECT_EQ(parsed({"deliver"})->verb, Verb::deliver);
  const auto login =
      parsed({"login", "--server", "https://h", "--team", "acme", "--username", "ann", "--password-stdin"});
  ASSERT_TRUE(login);
  EXPECT_EQ(login->verb, Verb::login);
  EXPECT_EQ(login->server, "https://h");
  EXPECT_EQ(login->team, "acme");
  EXPECT_EQ(login->username, "ann");
  EXPECT_TRUE(login->password_on_stdin);
  const auto logout = parsed({"logout", "--team", "acme"});
  EXPECT_EQ(logout->verb, Verb::logout);
  EXPECT_EQ(logout->server, std::nullopt);
  EXPECT_EQ(parsed({"logout", "--username", "bob"})->username, "bob");
  EXPECT_EQ(parsed({"whoami"})->verb, Verb::whoami);
}

TEST(Arguments, APasswordCannotBeGivenInArgv) {
  EXPECT_EQ(parsed({"login", "--password", "secret"}).error().kind, ErrorKind::usage);
}

TEST(Arguments, WhatNoRowAllowsIsAUsageErrorOnOneLine) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"dance"},
                                             {"deliver", "--server", "https://h"},
                                             {"login", "--server"},
                                             {"deliver", "now"},
                                             {"deliver", "whoami"}}) {
    const auto refused = parsed(words);
    ASSERT_FALSE(refused) << (words.empty() ? "nothing" : words.back());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_EQ(refused.error().message.find('\n'), std::string::npos);
  }
}

TEST(Arguments, HelpNamesTheVerbs) {
  const auto help = parsed({"--help"});
  ASSERT_TRUE(help);
  EXPECT_FALSE(help->verb);
  EXPECT_NE(help->help.find("deliver"), std::string::npos);
  EXPECT_NE(parsed({"login", "--help"})->help.find("--password-stdin"), std::string::npos);
}

}  // namespace
}  // namespace pawprint::agent
