#include "hub/main/configuration.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/format.h"
#include "hub/main/arguments.h"
#include "hub/main/program_for_test.h"
#include "hub/store/store.h"
#include "sqlite/connection.h"

namespace pawprint::hub {
namespace {

using Words = std::vector<std::string>;

class ConfigurationTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "paw-config-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    environment_ = process_environment();
    environment_.variables.clear();
    environment_.directory = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(environment_.directory); }

  std::string file() const { return (environment_.directory / "hub.toml").string(); }
  void write(std::string_view text) const { std::ofstream(file()) << text; }

  Serve serve(Words words) const {
    const auto configured = configure(environment_, words);
    if (!configured) {
      ADD_FAILURE() << configured.error().message;
      return {};
    }
    const auto command = parse_arguments(configured->words);
    if (!command) {
      ADD_FAILURE() << command.error().message;
      return {};
    }
    return std::get<Serve>(*command);
  }

  Environment environment_;
};

TEST_F(ConfigurationTest, TheCommandLineGoesBeforeTheEnvironmentAndThatBeforeTheFile) {
  write("data = \"from-file\"\nlisten = \"127.0.0.1:1\"\nteam_burst_events = 7\n");
  environment_.variables = {{"PAWPRINT_HUB_LISTEN", "127.0.0.1:2"}, {"PAWPRINT_HUB_DATA", "from-variable"}};
  const Serve wanted = serve({"serve", "--config", file(), "--listen=127.0.0.1:3"});
  EXPECT_EQ(wanted.port, 3);
  EXPECT_EQ(wanted.data, "from-variable");
  EXPECT_EQ(wanted.quota.burst_events, 7);
  EXPECT_EQ(wanted.quota.burst_bytes, ingest::QuotaLimits{}.burst_bytes);
}

TEST_F(ConfigurationTest, AFileThatAVariableNamesIsReadAndAFlagInItIsOnOrOff) {
  environment_.variables = {{"PAWPRINT_HUB_CONFIG", "hub.toml"}};
  write("data = \"d\"\nlisten = \"0.0.0.0:1\"\ninsecure = true\n");
  EXPECT_EQ(serve({"serve"}).address, "0.0.0.0");
  environment_.variables["PAWPRINT_HUB_INSECURE"] = "false";
  const auto configured = configure(environment_, Words{"serve"});
  ASSERT_TRUE(configured);
  EXPECT_FALSE(parse_arguments(configured->words));
}

TEST_F(ConfigurationTest, WhatIsWrongInAFileIsToldWithItsLine) {
  for (const auto& [text, line, why] : {std::tuple{"data = \"d\"\nlisten = 5\n", 2, "must be text in quotes"},
                                        {"\n\nlistne = \"127.0.0.1:0\"\n", 3, "there is no setting listne"},
                                        {"insecure = \"yes\"\n", 1, "must be true or false"},
                                        {"team_burst_events = true\n", 1, "must be a number"},
                                        {"data = \n", 1, "hub.toml:1"}}) {
    write(text);
    const auto configured = configure(environment_, Words{"serve", "--config", file()});
    ASSERT_FALSE(configured) << text;
    EXPECT_EQ(configured.error().line, line) << text;
    EXPECT_TRUE(configured.error().message.contains(why)) << configured.error().message;
    EXPECT_EQ(configured.error().hint, "edit " + file() + ", as `pawprint-hub serve --help` has it");
  }
  EXPECT_FALSE(configure(environment_, Words{"serve", "--config", "not-there.toml"}));
}

TEST_F(ConfigurationTest, AValueThatTheCommandLineWouldRefuseIsToldWithTheLineThatItIsFrom) {
  write("data = \"d\"\nlisten = \"nonsense\"\n");
  const auto configured = configure(environment_, Words{"serve", "--config", file()});
  ASSERT_TRUE(configured);
  const auto command = parse_arguments(configured->words);
  ASSERT_FALSE(command);
  const Error told = told_where_from(command.error(), *configured);
  EXPECT_TRUE(told.message.contains("--listen is from " + file() + ":2")) << told.message;
}

TEST_F(ConfigurationTest, AVariableThatIsMisspeltIsRefused) {
  environment_.variables = {{"PAWPRINT_HUB_LISTNE", "127.0.0.1:0"}};
  const auto configured = configure(environment_, Words{"serve"});
  ASSERT_FALSE(configured);
  EXPECT_TRUE(configured.error().message.contains("PAWPRINT_HUB_LISTNE")) << configured.error().message;
}

TEST_F(ConfigurationTest, OtherCommandsTakeTheDirectoryAndNothingElse) {
  write("data = \"d\"\nlisten = \"127.0.0.1:1\"\n");
  const auto configured = configure(environment_, Words{"team", "list", "--config", file()});
  ASSERT_TRUE(configured);
  EXPECT_EQ(configured->words, (Words{"team", "list", "--data=d"}));
  const auto command = parse_arguments(configured->words);
  ASSERT_TRUE(command) << command.error().message;
  EXPECT_EQ(std::get<Administer>(*command).data, "d");
}

TEST_F(ConfigurationTest, ANumberThatIsNoneIsRefused) {
  for (const auto& [flag, value] :
       std::vector<std::pair<std::string, std::string>>{{"--disk-floor-bytes", "-1"},
                                                        {"--disk-floor-bytes", "99999999999999999999"},
                                                        {"--team-events-per-second", "nan"},
                                                        {"--team-burst-events", "0"},
                                                        {"--team-bytes-per-second", "1e30"}}) {
    const Ended refused =
        run_to_end({"config", "check", "--data", "x", "--listen", "127.0.0.1:0", flag, value});
    EXPECT_EQ(refused.exit_code, 2) << flag << " " << value << refused.err;
  }
}

TEST_F(ConfigurationTest, CheckShowsWhatIsInEffectAndFailsForWhatServeWouldRefuse) {
  write(fmt::format("data = \"{}/d\"\nlisten = \"127.0.0.1:0\"\n", environment_.directory.string()));
  const Ended good = run_to_end({"config", "check", "--config", file(), "--team-burst-events", "9"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_TRUE(good.out.contains("from " + file() + ":2")) << good.out;
  EXPECT_TRUE(good.out.contains("from the command line")) << good.out;
  EXPECT_FALSE(std::filesystem::exists(environment_.directory / "d"));
  write("data = \"d\"\nlisten = \"0.0.0.0:1\"\n");
  const Ended bad = run_to_end({"config", "check", "--config", file()});
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_TRUE(bad.err.contains(file() + ":2")) << bad.err;
}

TEST_F(ConfigurationTest, CheckShowsWhatServeDoesWhateverAFlagIsSetTo) {
  write(fmt::format("data = \"{}/d\"\nlisten = \"127.0.0.1:0\"\nlog_requests = true\ninsecure = false\n",
                    environment_.directory.string()));
  const auto shown = [&](Words more) {
    Words words{"config", "check", "--config", file()};
    words.insert(words.end(), more.begin(), more.end());
    const Ended ended = run_to_end(words);
    EXPECT_EQ(ended.exit_code, 0) << ended.err;
    std::map<std::string, std::string> values;
    std::istringstream lines(ended.out);
    for (std::string line, key, value, from; std::getline(lines, line);) {
      std::istringstream(line) >> key >> value >> std::ws;
      from = line.substr(line.find("from "));
      values[key] = value + " " + from;
    }
    return values;
  };
  EXPECT_EQ(shown({})["log_requests"], "true from " + file() + ":3");
  EXPECT_EQ(shown({})["insecure"], "false from " + file() + ":4");
  EXPECT_EQ(shown({"--log-requests=false"})["log_requests"], "false from the command line");
  EXPECT_EQ(shown({"--log-requests", "--insecure=false"})["log_requests"], "true from the command line");
  EXPECT_EQ(shown({"--insecure=false"})["insecure"], "false from the command line");
  auto defaults = shown({"--team-burst-events", "9"});
  EXPECT_EQ(defaults["team_burst_events"], "9 from the command line");
  EXPECT_EQ(defaults["disk_floor_bytes"], "134217728 from the default");
  EXPECT_EQ(defaults["team_bytes_per_second"], "10000000 from the default");
  EXPECT_EQ(defaults["proxy_header"], "x-forwarded-for from the default");
  EXPECT_EQ(defaults["tls_cert"], "- from the default");
  EXPECT_GT(std::stoul(defaults["max_connections"]), 0U);
  EXPECT_EQ(defaults.size(), 17U);
}

TEST_F(ConfigurationTest, TwoFilesAreRefused) {
  write("data = \"d\"\nlisten = \"127.0.0.1:0\"\n");
  for (const Words& second : {Words{"--config", "other.toml"}, Words{"--config=" + file()}}) {
    Words words{"config", "check", "--config", file()};
    words.insert(words.end(), second.begin(), second.end());
    const Ended refused = run_to_end(words);
    EXPECT_EQ(refused.exit_code, 2) << refused.out;
    EXPECT_TRUE(refused.err.contains("--config can be given once")) << refused.err;
  }
}

TEST_F(ConfigurationTest, CheckRefusesAllThatServeWould) {
  const std::string data = (environment_.directory / "data").string();
  const std::string token = (environment_.directory / "token").string();
  const auto expect_both = [&](Words more, int exit_code, std::string_view why) {
    for (const Words& verb : {Words{"config", "check"}, Words{"serve"}}) {
      Words words = verb;
      words.insert(words.end(), {"--data", data, "--listen", "127.0.0.1:0"});
      words.insert(words.end(), more.begin(), more.end());
      const Ended refused = run_to_end(words);
      EXPECT_EQ(refused.exit_code, exit_code) << verb[0] << refused.err;
      EXPECT_TRUE(refused.err.contains(why)) << verb[0] << refused.err;
    }
  };
  expect_both({"--metrics-token-file", token}, 1, "there is no such file");
  std::ofstream(token) << "too short\n";
  expect_both({"--metrics-token-file", token}, 1, "one line without spaces");
  std::ofstream(token) << "too-short\n";
  expect_both({"--metrics-token-file", token}, 1, "less than 16 characters");
  std::ofstream(token) << "one-that-is-long-enough\nand-another-one-as-well\n";
  expect_both({"--metrics-token-file", token}, 1, "one line without spaces");
  expect_both({"--max-connections", "99999999"}, 1, "--max-connections: 99999999 connections take");
  expect_both({"--trusted-proxies", "proxy.example.org"}, 2, "--trusted-proxies: \"proxy.example.org\"");
  expect_both({"--trusted-proxies", "127.0.0.1", "--proxy-header", "via"}, 2, "--proxy-header: via not in");
  expect_both({"--proxy-header", "forwarded"}, 2, "--proxy-header requires --trusted-proxies");
  expect_both({"--public-url", "https://example.org/pawprint"}, 2, "--public-url https://example.org\n");
  std::filesystem::create_directory(data);
  std::filesystem::permissions(data, std::filesystem::perms(0755));
  expect_both({}, 1, "chmod 700");
  std::filesystem::remove(data);
  std::ofstream(data) << "";
  expect_both({}, 1, "not a directory");
}

TEST_F(ConfigurationTest, CheckRefusesADatabaseOfANewerProgramAsServeDoes) {
  const Path data = environment_.directory / "data";
  ASSERT_TRUE(store::Store::open(environment_, data));
  const Words settings{"--data", data.string(), "--listen", "127.0.0.1:0"};
  const auto run = [&](Words words) {
    words.insert(words.end(), settings.begin(), settings.end());
    return run_to_end(words);
  };
  const Ended good = run({"config", "check"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  {
    auto database = sqlite::Connection::open(data / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(database && database->execute("INSERT INTO schema_version VALUES(9999)"));
  }
  for (const Words& verb : {Words{"serve"}, Words{"config", "check"}}) {
    const Ended refused = run(verb);
    EXPECT_EQ(refused.exit_code, 1) << verb[0] << refused.out;
    EXPECT_TRUE(refused.err.contains("its schema is version 9999")) << verb[0] << refused.err;
    EXPECT_TRUE(refused.err.contains("try: install the pawprint-hub that wrote it")) << refused.err;
  }
}

TEST_F(ConfigurationTest, TheHeaderOfTheProxiesCanStandInTheFile) {
  write(
      "data = \"d\"\nlisten = \"127.0.0.1:0\"\ntrusted_proxies = \"127.0.0.1\"\nproxy_header = "
      "\"forwarded\"\n");
  const net::ServerRequest head{
      "GET", "/", {{"X-Forwarded-For", "192.0.2.1"}, {"Forwarded", "for=192.0.2.2"}}, "127.0.0.1"};
  EXPECT_EQ(serve({"serve", "--config", file()}).trusted_proxies.client_of(head), "192.0.2.2");
  EXPECT_EQ(serve({"serve", "--config", file(), "--proxy-header", "x-forwarded-for"})
                .trusted_proxies.client_of(head),
            "192.0.2.1");
}

TEST_F(ConfigurationTest, WhatCannotBeUsedIsToldWithTheLineThatItIsFrom) {
  write("data = \"d\"\nlisten = \"127.0.0.1:0\"\nmax_connections = 99999999\n");
  const Ended refused = run_to_end({"config", "check", "--config", file()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.contains("--max-connections is from " + file() + ":3")) << refused.err;
}

TEST_F(ConfigurationTest, AnAddressACertificateOrADirectoryThatCannotBeUsedIsToldWithItsLine) {
  const auto expect_told = [&](const std::string& more, int exit_code, std::string_view flag) {
    write(fmt::format("data = \"{}\"\nlisten = \"127.0.0.1:0\"\n{}", file(), more));
    const Ended refused = run_to_end({"config", "check", "--config", file()});
    EXPECT_EQ(refused.exit_code, exit_code) << refused.err;
    EXPECT_TRUE(refused.err.contains(fmt::format("{} is from {}:", flag, file()))) << refused.err;
  };
  expect_told("public_url = \"hub.example.org\"\n", 2, "--public-url");
  expect_told("public_url = \"http://hub.example.org\"\n", 2, "--public-url");
  expect_told("", 1, "--data");  // which is a file
  const std::string none = (environment_.directory / "none.pem").string();
  write(fmt::format("data = \"d\"\nlisten = \"127.0.0.1:0\"\ntls_cert = \"{0}\"\ntls_key = \"{0}\"\n", none));
  const Ended refused = run_to_end({"config", "check", "--config", file()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(refused.err.contains("--tls-cert is from " + file() + ":3")) << refused.err;
  EXPECT_TRUE(refused.err.contains("--tls-key is from " + file() + ":4")) << refused.err;
}

}  // namespace
}  // namespace pawprint::hub
