// Events that a hub refuses stay visible until somebody decides, and every command that is advised exists.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "base/environment.h"
#include "base/file_lock.h"
#include "base/format.h"
#include "base/ulid.h"
#include "harness/hub_reader.h"
#include "harness/terminal.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

class Decide : public ::testing::Test {
 protected:
  Decide()
      : hub_(directory_.path() / "hub"),
        machine_(directory_.path() / "home", directory_.path() / "project"),
        environment_(process_environment()) {
    make_project(machine_);
    uuid_ = machine_.json({"init"}).data().at("uuid").as_string();
    const auto signed_in = machine_.json(
        {"auth", "login", "--server", hub_.url(), "--username", kUser, "--password-stdin", "--link"},
        std::string(kPassword) + "\n");
    EXPECT_EQ(signed_in.exit_code, 0) << signed_in.err;
  }

  std::int64_t link_id() const {
    auto connection =
        sqlite::Connection::open(machine_.home / "outbox.db", sqlite::Access::read_only).value();
    auto query = connection.prepare("SELECT link_id FROM links").value();
    EXPECT_TRUE(query.step().value());
    return query.integer(0);
  }
  // An event of this project with a payload that no check has seen.
  std::string given_event(const std::string& payload) {
    auto outbox = outbox::Outbox::open(environment_, machine_.home).value();
    const std::uint64_t lamport = outbox.high_water().value() + 1;
    const std::string event_id = UlidGenerator(*environment_.clock, *environment_.random).next();
    const std::string data = fmt::format(
        R"({{"event_id":"{}","event_type":"WPStatusChanged","aggregate_id":"WP01",)"
        R"("aggregate_type":"WorkPackage","payload":{},"node_id":"a1b2c3d4e5f6","lamport_clock":{},)"
        R"("causation_id":null,"correlation_id":null,"timestamp":"2026-02-03T12:00:00.000Z",)"
        R"("team_slug":"acme","project_uuid":"{}","project_slug":"p","git_branch":null,)"
        R"("head_commit_sha":null,"repo_slug":null,"schema_version":"2.0"}})",
        event_id, payload, lamport, uuid_);
    const std::array rows{outbox::NewRow{event_id, lamport, link_id(), uuid_, data}};
    EXPECT_TRUE(outbox.append(rows, Durability::process));
    return event_id;
  }
  std::string given_refused_event() {
    const std::string event_id = given_event(R"({"wp_id":"WP01","to_lane":"nowhere"})");
    EXPECT_EQ(machine_.json({"sync", "now"}).data().at("parked").to_number<int>(), 1);
    return event_id;
  }
  std::string state_of(const std::string& event_id) const {
    return std::string(machine_.json({"sync", "show", event_id}).data().at("state").as_string());
  }
  // Name, size and content of what is in the home.
  std::string home_content() const {
    std::string all;
    for (const auto& entry : fs::directory_iterator(machine_.home)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with("-shm")) all += name + "\n" + read_text(entry.path()) + "\n";
    }
    return all;
  }
  std::set<std::string> checks_of(const JsonOutcome& examined) const;
  // `doctor` beside an agent that is this shell script.
  JsonOutcome doctor_with_agent(const std::string& script) const {
    const fs::path bin = directory_.path() / "bin";
    fs::create_directories(bin);
    fs::copy_file(machine_.launch({"pawprint"}).words.front(), bin / "pawprint",
                  fs::copy_options::overwrite_existing);
    write_text(bin / "pawprint-agent", "#!/bin/sh\n" + script + "\n");
    fs::permissions(bin / "pawprint-agent", fs::perms::owner_all);
    const Outcome outcome = machine_.run({(bin / "pawprint").string(), "doctor", "--json"});
    return {outcome.exit_code, boost::json::parse(outcome.out).as_object(), outcome.err};
  }

  TemporaryDirectory directory_;
  Hub hub_;
  Machine machine_;
  Environment environment_;
  std::string uuid_;
};

TEST_F(Decide, ARefusedEventIsShownWithItsReasonAndDestination) {
  const std::string event_id = given_refused_event();
  const auto listed = machine_.json({"sync", "list", "--state", "parked"});
  ASSERT_EQ(listed.exit_code, 0);
  const auto& event = listed.data().at("events").as_array().at(0);
  EXPECT_EQ(event.at("event_id").as_string(), event_id);
  EXPECT_EQ(event.at("destination").at("team_slug").as_string(), "acme");
  EXPECT_TRUE(std::string(event.at("reason").as_string()).starts_with("schema_mismatch: "));

  const auto shown = machine_.json({"sync", "show", event_id});
  EXPECT_EQ(shown.data().at("attempts").to_number<int>(), 1);
  EXPECT_EQ(shown.data().at("event").at("payload").at("to_lane").as_string(), "nowhere");

  const auto queue = machine_.json({"sync", "status"}).data().at("queue");
  const auto& destination = queue.at("destinations").as_array().at(0);
  EXPECT_EQ(destination.at("origin").as_string(), hub_.url());
  EXPECT_EQ(destination.at("team_slug").as_string(), "acme");
  EXPECT_EQ(destination.at("pending").to_number<int>(), 0);
  EXPECT_EQ(destination.at("parked").to_number<int>(), 1);
  EXPECT_EQ(queue.at("projects").as_array().at(0).at("project_uuid").as_string(), uuid_);
}

TEST_F(Decide, ARetriedEventIsSentAgain) {
  const std::string event_id = given_refused_event();
  const std::string other = given_refused_event();
  EXPECT_EQ(machine_.json({"sync", "retry", event_id}).data().at("retried").to_number<int>(), 1);
  EXPECT_EQ(state_of(event_id), "pending");
  EXPECT_EQ(machine_.json({"sync", "now"}).data().at("parked").to_number<int>(), 1);
  EXPECT_EQ(machine_.json({"sync", "show", event_id}).data().at("attempts").to_number<int>(), 2);
  EXPECT_EQ(machine_.json({"sync", "retry", "--all"}).data().at("retried").to_number<int>(), 2);
  EXPECT_EQ(state_of(other), "pending");
}

TEST_F(Decide, AnEventIsGivenUpOnlyWhenToldSo) {
  const std::string event_id = given_refused_event();
  const auto unasked = machine_.json({"sync", "discard", event_id});
  EXPECT_EQ(unasked.exit_code, 2);
  EXPECT_EQ(unasked.error("hint"), "pawprint sync discard " + event_id + " --yes");
  EXPECT_EQ(state_of(event_id), "parked");

  EXPECT_EQ(machine_.json({"sync", "discard", event_id, "--yes"}).exit_code, 0);
  EXPECT_EQ(state_of(event_id), "discarded");
  EXPECT_EQ(machine_.json({"sync", "retry", event_id}).exit_code, 1);
  EXPECT_TRUE(machine_.json({"sync", "status"}).data().at("queue").at("parked").as_array().empty());
}

// Its link may have been ended and the event retried while somebody thought about the question.
TEST_F(Decide, WhatHasADestinationIsNotGivenUpWhileADeliveryIsUnderWay) {
  const std::string event_id = given_refused_event();
  auto held = FileLock::acquire(machine_.home / "agent.lock", std::chrono::milliseconds(0));
  ASSERT_TRUE(held);
  const auto refused = machine_.json({"sync", "discard", event_id, "--yes"});
  EXPECT_EQ(refused.error("kind"), "busy");
  EXPECT_EQ(state_of(event_id), "parked");
}

TEST_F(Decide, TheQuestionOnATerminalShowsTheEventOnLinesOfItsOwn) {
  const std::string event_id = given_refused_event();
  const std::string reason(machine_.json({"sync", "show", event_id}).data().at("reason").as_string());
  const auto ask = [&](std::string_view answer) {
    return run_on_terminal(machine_.launch({"pawprint", "sync", "discard", event_id}), "[y/N] ", answer);
  };
  const std::string question = fmt::format(
      "{}  parked     WPStatusChanged WP01  acme at {}\r\n    {}\r\n"
      "Give this event up? No hub will ever get it. [y/N] ",
      event_id, hub_.url(), reason);
  const Outcome kept = ask("n");
  EXPECT_EQ(kept.exit_code, 130);
  EXPECT_TRUE(kept.err.starts_with(question + "n\r\n")) << kept.err;
  EXPECT_EQ(state_of(event_id), "parked");

  const Outcome given_up = ask("y");
  EXPECT_EQ(given_up.err, question + "y\r\n");
  EXPECT_EQ(given_up.exit_code, 0);
  EXPECT_TRUE(given_up.out.starts_with(event_id + " is given up")) << given_up.out;
  EXPECT_EQ(state_of(event_id), "discarded");
}

TEST_F(Decide, WrongWordsAreRefusedAndNothingChanges) {
  const std::string event_id = given_refused_event();
  const std::string before = home_content();
  EXPECT_EQ(machine_.json({"sync", "retry"}).exit_code, 2);
  EXPECT_EQ(machine_.json({"sync", "retry", event_id, "--all"}).exit_code, 2);
  EXPECT_EQ(machine_.json({"sync", "retry", "nonsense"}).exit_code, 2);
  EXPECT_EQ(machine_.json({"sync", "list", "--state", "nonsense"}).exit_code, 2);
  EXPECT_EQ(machine_.json({"sync", "list", "--limit", "-1"}).exit_code, 2);
  EXPECT_EQ(machine_.json({"sync", "show", "01HX9999999999999999999999"}).exit_code, 1);
  EXPECT_EQ(machine_.json({"sync", "export"}).exit_code, 2);
  EXPECT_EQ(home_content(), before);
}

TEST_F(Decide, DiagnoseNamesEventPathAndReason) {
  const std::string event_id = given_event(R"({"wp_id":"WP01","to_lane":"done"})");
  machine_.json({"emit", "Ping", "--aggregate", "A"});
  const auto diagnosed = machine_.json({"sync", "diagnose"});
  EXPECT_EQ(diagnosed.exit_code, 1);
  EXPECT_EQ(diagnosed.data().at("checked").to_number<int>(), 2);
  const auto& invalid = diagnosed.data().at("invalid").as_array();
  ASSERT_EQ(invalid.size(), 1U);
  EXPECT_EQ(invalid[0].at("event_id").as_string(), event_id);
  EXPECT_EQ(invalid[0].at("path").as_string(), "payload.from_lane");
  EXPECT_EQ(diagnosed.error("hint"), "pawprint sync show " + event_id);
}

TEST_F(Decide, TheQueueIsExportedByteForByte) {
  const std::string event_id = given_refused_event();
  machine_.json({"emit", "Ping", "--aggregate", "A", "--payload", "{\"text\":\"\u202e\"}"});
  const auto shown = machine_.json({"sync", "show", event_id});
  const auto printed = machine_.run({"pawprint", "sync", "export"});
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_EQ(printed.err, "");
  EXPECT_TRUE(printed.out.starts_with(std::string(shown.data().at("data").as_string()) + "\n"));
  EXPECT_NE(printed.out.find("\u202e"), std::string::npos);

  const auto saved = machine_.json({"sync", "export", "--out", "queue.jsonl"});
  EXPECT_EQ(saved.data().at("events").to_number<int>(), 2);
  EXPECT_EQ(boost::json::serialize(saved.data().at("states")), R"({"parked":1,"pending":1})");
  EXPECT_EQ(read_text(machine_.directory / "queue.jsonl"), printed.out);
  const auto said = machine_.run({"pawprint", "sync", "export", "--out", "queue.jsonl"}).out;
  EXPECT_TRUE(said.starts_with("2 events in ") && said.ends_with(": 1 parked, 1 pending\n")) << said;
}

TEST_F(Decide, AnExportReplacesRegularFilesAlone) {
  machine_.json({"emit", "Ping", "--aggregate", "A"});
  const fs::path pipe = machine_.directory / "pipe", link = machine_.directory / "link";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const auto refused = machine_.json({"sync", "export", "--out", "pipe"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(fs::is_fifo(pipe));

  write_text(machine_.directory / "target", "old");
  fs::create_symlink("target", link);
  EXPECT_EQ(machine_.json({"sync", "export", "--out", "link"}).exit_code, 0);
  EXPECT_TRUE(fs::is_symlink(link));
  const auto printed = machine_.run({"pawprint", "sync", "export", "--out", "-"});
  EXPECT_EQ(read_text(machine_.directory / "target"), printed.out);
  EXPECT_FALSE(fs::exists(machine_.directory / "-"));
  const std::string pawprint = machine_.launch({"pawprint"}).words.front();
  const std::string twice = R"("$0" sync export --out - && "$0" sync export --out /dev/stdout)";
  EXPECT_EQ(machine_.run({"/bin/sh", "-c", twice, pawprint}).out, printed.out + printed.out);
}

TEST_F(Decide, AnExportTakesThePlaceOfNothingInTheHome) {
  machine_.json({"emit", "Ping", "--aggregate", "A"});
  fs::create_directory_symlink(machine_.home, machine_.directory / "home");
  const std::string home = machine_.home.string();
  const auto before = home_content();
  for (const std::string& file : {home + "/outbox.db", home + "/clock.json", home + "/spill/events.jsonl",
                                  std::string("home/sessions.toml")}) {
    const auto refused = machine_.json({"sync", "export", "--out", file});
    EXPECT_EQ(refused.exit_code, 2) << file;
    EXPECT_TRUE(refused.error("message").contains("in the home of the queue")) << refused.error("message");
  }
  EXPECT_EQ(home_content(), before);
  for (int round = 0; round < 2; ++round)
    EXPECT_EQ(machine_.json({"sync", "export", "--out", home + "/queue.jsonl"}).exit_code, 0);
}

TEST_F(Decide, WhoListsTooFewIsToldTheCommandThatListsMoreOfTheSame) {
  for (int i = 0; i < 3; ++i) machine_.json({"emit", "Ping", "--aggregate", "A"});
  const std::string listed =
      machine_.run({"pawprint", "sync", "list", "--state", "pending", "--limit", "2"}).out;
  EXPECT_TRUE(listed.ends_with("and more: pawprint sync list --state pending --limit 20\n")) << listed;
}

TEST_F(Decide, WhereTheQueueIsFullADeliverySendsTheOverflowToo) {
  write_text(machine_.home / "pawprint.toml", "[sync]\nqueue_limit = 2\n");
  for (int i = 0; i < 7; ++i) machine_.json({"emit", "Ping", "--aggregate", "A"});
  const auto before = machine_.json({"sync", "status"}).data().at("queue");
  EXPECT_EQ(before.at("spilled").to_number<int>(), 5) << before;
  EXPECT_EQ(machine_.json({"sync", "now"}).data().at("success").to_number<int>(), 7);
  EXPECT_EQ(machine_.json({"sync", "status"}).data().at("queue").at("spilled").to_number<int>(), 0);
}

TEST_F(Decide, ASessionOfSomebodyElseIsNoneForTheLink) {
  const fs::path file = machine_.home / "sessions.toml";
  const std::string sessions = read_text(file);
  const std::regex user("user_id = \"[^\"]*\"");
  ASSERT_TRUE(std::regex_search(sessions, user));
  write_text(file, std::regex_replace(sessions, user, "user_id = \"somebody-else\""));
  const auto examined = machine_.json({"doctor"});
  EXPECT_EQ(examined.exit_code, 1);
  EXPECT_EQ(examined.error("hint"), "pawprint auth login --server " + hub_.url() + " --team acme");
}

TEST_F(Decide, TheServerOfTheSettingsIsTheOneThoughThereIsOneSession) {
  ASSERT_EQ(machine_.json({"sync", "server", "https://other.example"}).exit_code, 0);
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"sync", "link"}, {"auth", "logout"}}) {
    const auto refused = machine_.json(words);
    EXPECT_EQ(refused.exit_code, 4) << words.back();
    EXPECT_EQ(refused.error("hint"), "pawprint auth login --server https://other.example") << words.back();
  }
}

TEST_F(Decide, WhatIsWrongWithAPayloadIsSaidOfTheFileThatItCameFrom) {
  write_text(machine_.directory / "bad.json", "{\n\"a\":,}");
  const auto refused = machine_.json({"emit", "Ping", "--aggregate", "A", "--payload", "@bad.json"});
  EXPECT_EQ(refused.error("file"), (machine_.directory / "bad.json").string());
  EXPECT_EQ(refused.object.at("error").at("line").to_number<int>(), 2);

  write_text(machine_.directory / "another.json", R"({"wp_id":"WP02"})");
  const auto another =
      machine_.json({"emit", "WPCreated", "--aggregate", "WP01", "--payload", "@another.json"});
  EXPECT_EQ(another.error("path"), "payload.wp_id");
  EXPECT_EQ(another.error("file"), (machine_.directory / "another.json").string());
}

TEST_F(Decide, AnIdOfSeveralLinesIsOneLineOfTheList) {
  machine_.json({"emit", "Ping", "--aggregate", "A\nfake row"});
  const auto listed = machine_.run({"pawprint", "sync", "list"});
  EXPECT_NE(listed.out.find("A\\u{a}fake row"), std::string::npos) << listed.out;
}

TEST_F(Decide, ReadingCommandsWriteNothing) {
  given_refused_event();
  const std::string before = home_content();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"sync", "status"}, {"sync", "list"}, {"sync", "diagnose"}, {"doctor"}}) {
    machine_.json(words);
    EXPECT_EQ(home_content(), before) << words.back();
  }
}

TEST_F(Decide, ADeliveryUnderWayIsSeen) {
  EXPECT_FALSE(machine_.json({"sync", "status"}).data().at("agent").at("running").as_bool());
  const auto held = FileLock::acquire(machine_.home / "agent.lock", std::chrono::milliseconds(0));
  ASSERT_TRUE(held);
  EXPECT_TRUE(machine_.json({"sync", "status"}).data().at("agent").at("running").as_bool());
}

TEST_F(Decide, AHealthyMachineHasNoFindings) {
  machine_.json({"emit", "Ping", "--aggregate", "A"});
  ASSERT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  const auto examined = machine_.json({"doctor"});
  EXPECT_EQ(examined.exit_code, 0) << boost::json::value(examined.object);
  EXPECT_TRUE(examined.data().at("findings").as_array().empty()) << boost::json::value(examined.object);
  EXPECT_EQ(examined.data().at("journal_mode").as_string(), "wal");
  EXPECT_TRUE(examined.data().at("hubs").as_array().at(0).at("reachable").as_bool());
  EXPECT_EQ(examined.data().at("versions").at("agent"), examined.data().at("versions").at("pawprint"));
  EXPECT_EQ(examined.data().at("status"), boost::json::value(machine_.json({"sync", "status"}).data()));
}

// The program and words of each command in "mv 'a' 'b' && pawprint auth login".
std::vector<std::vector<std::string>> commands_in(const std::string& advice) {
  std::vector<std::vector<std::string>> commands(1);
  std::istringstream words(advice);
  for (std::string word; words >> word;) {
    if (word == "&&" || word.ends_with(';')) {
      if (word.ends_with(';')) commands.back().push_back(word.substr(0, word.size() - 1));
      commands.emplace_back();
    } else {
      commands.back().push_back(word);
    }
  }
  return commands;
}

// The checks that have findings, whose commands exist.
std::set<std::string> Decide::checks_of(const JsonOutcome& examined) const {
  std::set<std::string> checks;
  for (const auto& finding : examined.data().at("findings").as_array()) {
    checks.emplace(finding.at("check").as_string());
    for (std::vector<std::string> command : commands_in(std::string(finding.at("command").as_string()))) {
      EXPECT_FALSE(command.empty());
      if (command.empty()) continue;
      if (command.front() != "pawprint") command.insert(command.begin(), "/usr/bin/env");
      command.emplace_back("--help");
      EXPECT_EQ(machine_.run(command).exit_code, 0) << finding.at("command");
    }
  }
  return checks;
}

TEST_F(Decide, EveryFindingOfDoctorEndsInACommandThatExists) {
  given_refused_event();
  machine_.json({"emit", "Ping", "--aggregate", "A"});
  hub_.kill();
  fs::permissions(machine_.home, fs::perms(0755));
  fs::permissions(machine_.home / "outbox.db", fs::perms(0644));
  write_text(machine_.home / "pawprint.toml", "[sync\n");
  write_text(machine_.home / "clock.json", "torn");
  std::vector<JsonOutcome> examined{machine_.json({"doctor"})};
  fs::permissions(machine_.home / "sessions.toml", fs::perms(0644));
  examined.push_back(machine_.json({"doctor"}));
  fs::permissions(machine_.home / "sessions.toml", fs::perms(0600));
  write_text(machine_.home / "sessions.toml", "[[session]]\norigin = 3\n");
  fs::remove(machine_.home / "outbox.db-wal");
  fs::remove(machine_.home / "outbox.db-shm");
  write_text(machine_.home / "outbox.db", std::string(8192, 'x'));
  examined.push_back(machine_.json({"doctor"}));
  std::set<std::string> checks;
  for (const JsonOutcome& each : examined) {
    EXPECT_EQ(each.exit_code, 1);
    checks.merge(checks_of(each));
  }
  const std::set<std::string> expected{"permissions", "settings", "sessions", "queue",
                                       "clock",       "parked",   "hub"};
  for (const std::string& check : expected) EXPECT_TRUE(checks.contains(check)) << check;
}

TEST_F(Decide, SoDoTheRareFindings) {
  write_text(machine_.home / "pawprint.toml", "[sync]\nqueue_limit = 1\n");
  for (int i = 0; i < 2; ++i) machine_.json({"emit", "Ping", "--aggregate", "A"});
  EXPECT_TRUE(checks_of(machine_.json({"doctor"})).contains("spill"));
  const auto agentless = doctor_with_agent("exit 1");
  EXPECT_TRUE(checks_of(agentless).contains("agent"));
  EXPECT_EQ(agentless.data().at("hubs"), nullptr);
  const char* const other = R"(echo '{"ok":true,"data":{"version":"0.0","hubs":[]}}')";
  EXPECT_TRUE(checks_of(doctor_with_agent(other)).contains("versions"));
  write_text(machine_.directory / ".kittify/config.yaml", "a: 1\nproject: [1]\n");
  EXPECT_TRUE(checks_of(machine_.json({"doctor"})).contains("project"));
  write_text(machine_.directory / ".kittify/events/Deployed.schema.json", "{\n\"type\": 3}\n");
  EXPECT_TRUE(checks_of(machine_.json({"doctor"})).contains("schema"));
  write_text(machine_.home / "pawprint.toml", "[sync]\nqueue_limit = none\n");
  EXPECT_TRUE(checks_of(machine_.json({"doctor"})).contains("settings"));
  const std::string place = (machine_.home / "pawprint.toml").string() + ":2";
  EXPECT_NE(
      machine_.run({"pawprint", "doctor"}).out.find("; edit " + place + "\n          try: pawprint doctor\n"),
      std::string::npos);
  write_text(directory_.path() / "file", "");
  const Machine homeless(directory_.path() / "file", machine_.directory);
  EXPECT_TRUE(checks_of(homeless.json({"doctor"})).contains("home"));
}

// Hints and sentences name commands as string literals. Every one of them has to be a row of the table.
TEST(Advice, EveryCommandThatTheSourceNamesExists) {
  const TemporaryDirectory directory;
  const Machine machine(directory.path() / "home", directory.path());
  const std::regex named("[\": ]pawprint ((sync|auth|agent|init|emit|doctor|implement|status)[a-z -]*)");
  std::set<std::string> commands;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(PAWPRINT_SOURCE_DIR) / "src")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".cc" || name.ends_with("_test.cc")) continue;
    const std::string text = read_text(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), named), end; match != end; ++match) {
      commands.insert((*match)[1]);
    }
  }
  EXPECT_GT(commands.size(), 10U);
  for (const std::string& command : commands) {
    std::vector<std::string> words{"pawprint"};
    std::istringstream rest(command);
    for (std::string word; rest >> word && !word.starts_with("-");) words.push_back(word);
    words.emplace_back("--help");
    EXPECT_EQ(machine.run(words).exit_code, 0) << command;
  }
}

}  // namespace
}  // namespace pawprint::testing
