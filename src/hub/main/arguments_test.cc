#include "hub/main/arguments.h"

#include <gtest/gtest.h>

namespace pawprint::hub {
namespace {

using Words = std::vector<std::string>;

TEST(Arguments, ServeTakesALoopbackAddressAndAPort) {
  const auto command = parse_arguments(Words{"serve", "--data", "d", "--listen", "127.0.0.1:0"});
  ASSERT_TRUE(command) << command.error().message;
  const auto& serve = std::get<Serve>(*command);
  EXPECT_EQ(serve.data, "d");
  EXPECT_EQ(serve.address, "127.0.0.1");
  EXPECT_EQ(serve.port, 0);
  const auto v6 = parse_arguments(Words{"serve", "--data", "d", "--listen", "[::1]:8080"});
  EXPECT_EQ(std::get<Serve>(*v6).address, "::1");
  EXPECT_EQ(std::get<Serve>(*v6).port, 8080);
  const auto name = parse_arguments(Words{"serve", "--data", "d", "--listen", "localhost:65535"});
  EXPECT_EQ(std::get<Serve>(*name).address, "127.0.0.1");
}

TEST(Arguments, AnAddressThatOthersCouldReachOrThatIsNoneIsRefused) {
  for (const char* listen :
       {"0.0.0.0:0", "192.168.0.1:80", "[::]:0", "hub.example.org:80", "127.0.0.1", ":80", "",
        "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "::1:80", "[127.0.0.1]:80"}) {
    const auto command = parse_arguments(Words{"serve", "--data", "d", "--listen", listen});
    ASSERT_FALSE(command) << listen;
    EXPECT_EQ(command.error().kind, ErrorKind::usage) << listen;
    EXPECT_FALSE(command.error().hint.empty()) << listen;
  }
}

TEST(Arguments, WhatATeamMaySendCanBeSetAndMustBePositive) {
  const auto command = parse_arguments(Words{"serve", "--data", "d", "--listen", "127.0.0.1:0",
                                             "--team-events-per-second", "50", "--team-burst-bytes", "1e6"});
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_EQ(std::get<Serve>(*command).quota.events_per_second, 50);
  EXPECT_EQ(std::get<Serve>(*command).quota.burst_bytes, 1e6);
  EXPECT_EQ(std::get<Serve>(*command).quota.burst_events, ingest::QuotaLimits{}.burst_events);
  EXPECT_FALSE(parse_arguments(
      Words{"serve", "--data", "d", "--listen", "127.0.0.1:0", "--team-events-per-second", "0"}));
}

TEST(Arguments, AVerbCarriesItsOptionsByName) {
  const auto team = parse_arguments(Words{"team", "add", "acme", "--name", "Acme Inc", "--data", "d"});
  ASSERT_TRUE(team) << team.error().message;
  EXPECT_EQ(std::get<Administer>(*team).request.verb, "team add");
  EXPECT_EQ(std::get<Administer>(*team).request.option("slug"), "acme");
  EXPECT_EQ(std::get<Administer>(*team).request.option("name"), "Acme Inc");
  EXPECT_FALSE(std::get<Administer>(*team).takes_password);
  const auto user = parse_arguments(
      Words{"--data", "d", "user", "add", "ada@example.org", "--team", "acme", "--password-stdin"});
  ASSERT_TRUE(user) << user.error().message;
  EXPECT_EQ(std::get<Administer>(*user).data, "d");
  EXPECT_EQ(std::get<Administer>(*user).request.option("email"), "ada@example.org");
  EXPECT_EQ(std::get<Administer>(*user).request.option("team"), "acme");
  EXPECT_EQ(std::get<Administer>(*user).request.option("role"), "member");
  EXPECT_TRUE(std::get<Administer>(*user).takes_password);
}

TEST(Arguments, WhatIsIncompleteOrUnknownIsAUsageError) {
  const std::vector<std::pair<Words, std::string>> all{
      {{}, ""},
      {{"--data", "d"}, ""},
      {{"serve"}, "serve "},
      {{"serve", "--data", "d"}, "serve "},
      {{"serve", "--listen", "127.0.0.1:0"}, "serve "},
      {{"fly", "--data", "d"}, ""},
      {{"team", "--data", "d"}, "team "},
      {{"team", "fly", "away"}, "team "},
      {{"team", "add", "--data", "d"}, "team add "},
      {{"user", "add", "a@b", "--team", "t", "--data", "d"}, "user add "},
      {{"user", "add", "a@b", "--password-stdin", "--data", "d"}, "user add "},
      {{"user", "add", "a@b", "--team", "t", "--password", "secret", "--data", "d"}, "user add "},
      {{"serve", "--data", "d", "--listen", "127.0.0.1:0", "more"}, "serve "},
      {{"config", "check", "--listen", "127.0.0.1:0"}, "config check "}};
  for (const auto& [words, verb] : all) {
    const auto command = parse_arguments(words);
    ASSERT_FALSE(command);
    EXPECT_EQ(command.error().kind, ErrorKind::usage);
    EXPECT_EQ(command.error().hint, "pawprint-hub " + verb + "--help");
  }
}

TEST(Arguments, ACommandThatIsNoneIsSaidToBeWhatIsWrong) {
  EXPECT_EQ(parse_arguments(Words{"fly"}).error().message, "there is no command \"fly\"");
  EXPECT_EQ(parse_arguments(Words{"team", "fly", "away"}).error().message,
            "there is no command \"team fly\"");
  EXPECT_EQ(parse_arguments(Words{"team"}).error().message, "a command is missing behind pawprint-hub team");
  EXPECT_EQ(parse_arguments(Words{}).error().message, "a command is missing behind pawprint-hub");
  EXPECT_EQ(parse_arguments(Words{"fly", "--data", "d"}).error().message, "there is no command \"fly\"");
  for (const Words& words : {Words{"help", "fly"}, Words{"fly", "--help"}, Words{"team", "fly", "--help"}}) {
    const auto refused = parse_arguments(words);
    ASSERT_FALSE(refused) << words[0];
    EXPECT_TRUE(refused.error().message.starts_with("there is no command \"")) << refused.error().message;
  }
  EXPECT_TRUE(parse_arguments(Words{"team", "--help"}));
}

TEST(Arguments, ANumberOutOfItsRangeIsToldTheRange) {
  for (const char* flag : {"--max-connections", "--team-live-sockets"}) {
    for (const char* number : {"0", "-1", "many", "1.5", "99999999999999999999"}) {
      const auto refused =
          parse_arguments(Words{"serve", "--data", "d", "--listen", "127.0.0.1:0", flag, number});
      ASSERT_FALSE(refused) << flag << number;
      EXPECT_TRUE(refused.error().message.contains(std::string(flag) + ": ")) << refused.error().message;
      EXPECT_TRUE(refused.error().message.ends_with("a whole number from 1 to 1000000000 is wanted"))
          << refused.error().message;
    }
  }
}

TEST(Arguments, HelpIsThatOfTheCommandNamed) {
  const auto all = parse_arguments(Words{"--help"});
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(std::get<ShowText>(*all).text.contains("serve"));
  const auto one = parse_arguments(Words{"user", "add", "--help"});
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_TRUE(std::get<ShowText>(*one).text.contains("--password-stdin"));
  EXPECT_TRUE(std::get<ShowText>(*one).text.contains("Usage: pawprint-hub user add "))
      << std::get<ShowText>(*one).text;
  EXPECT_EQ(std::get<ShowText>(*parse_arguments(Words{"help", "user", "add"})).text,
            std::get<ShowText>(*one).text);
  const std::string serve = std::get<ShowText>(*parse_arguments(Words{"help", "serve"})).text;
  EXPECT_TRUE(serve.contains("=1000000\n")) << serve;
  const auto version = parse_arguments(Words{"--version"});
  ASSERT_TRUE(version) << version.error().message;
  EXPECT_TRUE(std::get<ShowText>(*version).text.starts_with("pawprint-hub "));
}

}  // namespace
}  // namespace pawprint::hub
