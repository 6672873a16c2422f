#include "cli/arguments.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "base/format.h"
#include "cli/help.h"

namespace pawprint::cli {
namespace {

Result<Invocation> parse(std::vector<std::string> words) {
  return parse_arguments(words);
}

std::string why(std::vector<std::string> words) {
  const auto refused = parse_arguments(words);
  return refused ? std::string("it is taken") : refused.error().message;
}

TEST(Arguments, TheLongestNameWins) {
  EXPECT_EQ(parse({"agent", "tasks", "move-task", "WP01", "--to", "done"})->command->name,
            "agent tasks move-task");
  EXPECT_EQ(parse({"move-task", "WP01", "--to", "done"})->command->name, "agent tasks move-task");
}

TEST(Arguments, ValuesAndFlagsAreThoseThatWereGiven) {
  const auto invocation = parse({"move-task", "WP01", "--to", "done", "--force", "--json"});
  ASSERT_TRUE(invocation);
  EXPECT_EQ(invocation->arguments.value("--to"), "done");
  EXPECT_TRUE(invocation->arguments.flag("--force"));
  EXPECT_FALSE(invocation->arguments.flag("--resolve"));
  EXPECT_FALSE(invocation->arguments.value("--feature"));
  EXPECT_TRUE(invocation->json);
  EXPECT_EQ(invocation->arguments.positionals, std::vector<std::string>{"WP01"});
}

TEST(Arguments, AFlagTakesNoValue) {
  for (const char* word : {"--force=false", "--force=true", "--force=", "--json=false"}) {
    const auto refused = parse({"move-task", "WP01", "--to", "done", word});
    ASSERT_FALSE(refused) << word;
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_NE(refused.error().message.find("takes no value"), std::string::npos) << refused.error().message;
  }
  EXPECT_TRUE(parse({"move-task", "--to=done", "--reason=--force=false", "--", "WP01"}));
}

TEST(Arguments, JsonMayStandBeforeTheCommand) {
  const auto invocation = parse({"--json", "init"});
  ASSERT_TRUE(invocation) << invocation.error().message;
  EXPECT_EQ(invocation->command->name, "init");
  EXPECT_TRUE(invocation->json);
  const auto refused = parse({"--feature", "x", "status"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("--feature"), std::string::npos) << refused.error().message;
}

TEST(Arguments, WhatIsMissingIsNamed) {
  EXPECT_NE(why({"implement"}).find("WP is required"), std::string::npos) << why({"implement"});
  EXPECT_NE(why({"sync", "server"}).find("URL is required"), std::string::npos);
  EXPECT_NE(why({"mark-status", "--status", "done"}).find("TASK is required"), std::string::npos);
}

TEST(Arguments, AValueMayLookLikeAnOption) {
  const auto apart = parse({"emit", "T", "--aggregate", "A", "--payload", "-"});
  ASSERT_TRUE(apart) << apart.error().message;
  EXPECT_EQ(apart->arguments.value("--payload"), "-");
  const auto joined = parse({"emit", "T", "--aggregate=-A"});
  ASSERT_TRUE(joined) << joined.error().message;
  EXPECT_EQ(joined->arguments.value("--aggregate"), "-A");
}

TEST(Arguments, AnOptionIsWrittenOutAndGivenOnce) {
  EXPECT_EQ(why({"emit", "T", "--aggregate", "A", "--payl", "{}"}), "emit: there is no option --payl");
  EXPECT_EQ(why({"emit", "T", "--aggregate", "A", "--payl={}"}), "emit: there is no option --payl={}");
  EXPECT_EQ(why({"emit", "T", "--aggr", "A"}), "emit: there is no option --aggr");
  EXPECT_EQ(why({"emit", "T", "--aggr=A"}), "emit: there is no option --aggr=A");
  EXPECT_EQ(why({"emit", "T", "-a", "A"}), "emit: there is no option -a");
  EXPECT_EQ(why({"emit", "T", "--aggregate", "A", "--aggregate", "B"}), "emit: --aggregate is given twice");
  EXPECT_EQ(why({"emit", "T", "--aggregate="}), "emit: --aggregate needs a value, ID");
  EXPECT_EQ(why({"emit", "T", "--aggregate"}), "emit: --aggregate needs a value, ID");
  EXPECT_EQ(why({"emit", "T", "--aggregate", "--payload", "{}"}), "emit: --aggregate needs a value, ID");
  EXPECT_EQ(why({"move-task", "WP01", "--to", "--json"}), "agent tasks move-task: --to needs a value, LANE");
  EXPECT_TRUE(parse({"move-task", "WP01", "--to", "done", "--force", "--force"}));
}

TEST(Arguments, AWordTooManyIsNamed) {
  EXPECT_EQ(why({"init", "x"}), "init: x is one word too many");
  EXPECT_EQ(why({"implement", "WP01", "WP02"}), "implement: WP02 is one word too many");
  EXPECT_EQ(why({"sync", "list", "--limit", "5", "6"}), "sync list: 6 is one word too many");
  EXPECT_EQ(parse({"mark-status", "T001", "--status", "done", "T002"})->arguments.positionals.size(), 2u);
}

TEST(Arguments, WhatIsWrittenIntoEventsIsUtf8) {
  EXPECT_EQ(why({"emit", "T\xff", "--aggregate", "A"}), "emit: TYPE is not UTF-8");
  EXPECT_EQ(why({"emit", "T", "--aggregate", "\xc3"}), "emit: --aggregate is not UTF-8");
  for (const char* option : {"--aggregate-type", "--causation"})
    EXPECT_EQ(why({"emit", "T", "--aggregate", "A", option, "\xc3"}),
              fmt::format("emit: {} is not UTF-8", option));
  for (const char* option : {"--actor", "--agent", "--reason", "--review-ref"})
    EXPECT_EQ(why({"move-task", "WP01", "--to", "done", option, "caf\xe9"}),
              fmt::format("agent tasks move-task: {} is not UTF-8", option));
  EXPECT_TRUE(parse({"emit", "T", "--aggregate", "caf\xc3\xa9", "--payload", "@caf\xe9.json"}));
  EXPECT_TRUE(parse({"sync", "export", "--out", "caf\xe9"}));
}

TEST(Arguments, BehindTwoDashesIsNoOption) {
  const auto invocation = parse({"emit", "--aggregate", "A", "--", "--payload"});
  ASSERT_TRUE(invocation) << invocation.error().message;
  EXPECT_EQ(invocation->arguments.positionals, std::vector<std::string>{"--payload"});
  EXPECT_EQ(why({"emit", "T", "--aggregate", "A", "--", "--help"}), "emit: --help is one word too many");
}

TEST(Arguments, OptionsMayStandBehindWordsWhateverPosixSays) {
  ::setenv("POSIXLY_CORRECT", "1", 1);
  const auto invocation = parse({"emit", "T", "--aggregate", "A"});
  ::unsetenv("POSIXLY_CORRECT");
  ASSERT_TRUE(invocation) << invocation.error().message;
  EXPECT_EQ(invocation->arguments.value("--aggregate"), "A");
}

TEST(Arguments, WhatNoRowAllowsIsAUsageErrorThatNamesHelp) {
  for (const auto& words : std::vector<std::vector<std::string>>{{},
                                                                 {"nonsense"},
                                                                 {"sync"},
                                                                 {"sync", "nonsense"},
                                                                 {"implement"},
                                                                 {"implement", "WP01", "WP02"},
                                                                 {"move-task", "WP01"},
                                                                 {"status", "--nonsense"},
                                                                 {"emit", "T", "--aggregate"}}) {
    const auto refused = parse(words);
    ASSERT_FALSE(refused) << (words.empty() ? "" : words.back());
    EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    EXPECT_TRUE(refused.error().hint.starts_with("pawprint ")) << refused.error().hint;
    EXPECT_TRUE(refused.error().hint.ends_with("--help")) << refused.error().hint;
  }
}

TEST(Arguments, EveryCommandHasHelpThatNamesItsOptions) {
  std::set<std::string_view> names;
  for (const Command& command : commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    const std::string help = help_of(command);
    for (const Option& option : command.options) EXPECT_NE(help.find(option.name), std::string::npos);
    EXPECT_NE(help.find(command.summary), std::string::npos);
    EXPECT_NE(overview("").find(command.name), std::string::npos);
    if (command.alias.empty()) continue;
    EXPECT_NE(overview("").find(fmt::format("\n  {} ", command.alias)), std::string::npos);
  }
}

TEST(Arguments, HelpIsPrintedForACommandAGroupAndTheWhole) {
  EXPECT_NE(parse({"--help"})->help.find("sync now"), std::string::npos);
  EXPECT_NE(parse({"sync", "--help"})->help.find("sync link"), std::string::npos);
  EXPECT_EQ(parse({"sync", "--help"})->help.find("auth login"), std::string::npos);
  EXPECT_NE(parse({"implement", "--help"})->help.find("--base"), std::string::npos);
  EXPECT_EQ(parse({"help"})->help, parse({"--help"})->help);
  EXPECT_EQ(parse({"help", "init"})->help, parse({"init", "--help"})->help);
  EXPECT_EQ(parse({"help", "sync"})->help, parse({"sync", "--help"})->help);
  EXPECT_EQ(parse({"help", "nonsense"}).error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace pawprint::cli
