// Events that wait for a link that was ended go along the present one when somebody says so, and only then.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "base/environment.h"
#include "base/format.h"
#include "harness/hub_reader.h"
#include "harness/hub_writer.h"
#include "harness/terminal.h"
#include "outbox/outbox.h"

namespace pawprint::testing {
namespace {

class Move : public ::testing::Test {
 protected:
  Move()
      : hub_(directory_.path() / "hub"),
        machine_(directory_.path() / "home", directory_.path() / "project"),
        environment_(process_environment()) {
    make_project(machine_);
    sign_in(hub_, "--link");
  }

  void sign_in(const Hub& hub, const std::string& link, const std::string& team = "acme",
               const std::string& user = kUser) const {
    const auto signed_in = machine_.json({"auth", "login", "--server", hub.url(), "--username", user,
                                          "--team", team, "--password-stdin", link},
                                         std::string(kPassword) + "\n");
    EXPECT_EQ(signed_in.exit_code, 0) << signed_in.err;
  }
  static std::string emit(const Machine& machine) {
    const auto emitted = machine.json({"emit", "Ping", "--aggregate", "A", "--payload", R"({"n": 1.0})"});
    EXPECT_EQ(emitted.exit_code, 0) << emitted.err;
    return std::string(emitted.data().at("event_id").as_string());
  }
  JsonOutcome move(std::vector<std::string> more = {"--yes"}) const {
    more.insert(more.begin(), {"sync", "move"});
    return machine_.json(more);
  }
  static std::int64_t number(const boost::json::object& data, const char* key) {
    return data.at(key).to_number<std::int64_t>();
  }
  static std::set<std::string> ids_at(const Hub& hub) {
    std::set<std::string> ids;
    for (const auto& each : HubReader(hub).events()) ids.emplace(each.at("event_id").as_string());
    return ids;
  }
  std::string link_of(const std::string& event_id) const {
    const auto shown = machine_.json({"sync", "show", event_id});
    return std::string(shown.data().at("destination").at("origin").as_string());
  }
  boost::json::object status() const { return machine_.json({"sync", "status"}).data(); }

  TemporaryDirectory directory_;
  Hub hub_;
  Machine machine_;
  Environment environment_;
};

TEST_F(Move, AHubThatHasAnotherAddressNowGetsWhatWaitedAndKnowsWhatItHas) {
  const std::string before = emit(machine_);
  ASSERT_EQ(machine_.json({"sync", "now"}).exit_code, 0);
  const std::string stored = emit(machine_), waiting = emit(machine_);
  {  // its answer was lost
    const auto row = machine_.json({"sync", "show", stored}).data().at("data").as_string();
    EXPECT_EQ(HubWriter(hub_).verdicts_of({std::string(row)}), "success");
  }
  const std::string former = hub_.url();
  hub_.kill();
  Hub moved(hub_.data(), "");
  moved.start();
  ASSERT_NE(moved.url(), former);
  sign_in(moved, "--no-link");
  const auto linked = machine_.json({"sync", "link", "--server", moved.url()});
  EXPECT_EQ(linked.err,
            "pawprint: warning: not sent: 2 events for an earlier link of this project (try: "
            "pawprint sync move)\n");
  EXPECT_EQ(number(machine_.json({"sync", "now"}).data(), "ended"), 2);

  const auto done = move();
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(boost::json::serialize(done.data()),
            fmt::format(R"({{"moved":2,"kept":0,"origin":"{}","team_slug":"acme",)"
                        R"("from":[{{"origin":"{}","team_slug":"acme","moved":2}}]}})",
                        moved.url(), former));
  EXPECT_EQ(link_of(waiting), moved.url());
  const auto delivered = machine_.json({"sync", "now"});
  EXPECT_EQ(delivered.exit_code, 0) << delivered.err;
  EXPECT_EQ(number(delivered.data(), "success"), 1);
  EXPECT_EQ(number(delivered.data(), "duplicate"), 1);
  EXPECT_EQ(ids_at(moved), (std::set{before, stored, waiting}));
  EXPECT_EQ(link_of(before), former);
}

TEST_F(Move, AnotherTeamTakesWhatWasForTheFormerOne) {
  hub_.run({"team", "add", "beta"}, "");
  hub_.run({"user", "add", "bo@example.com", "--team", "beta", "--password-stdin"},
           std::string(kPassword) + "\n");
  const std::string waiting = emit(machine_);
  sign_in(hub_, "--link", "beta", "bo@example.com");
  EXPECT_EQ(number(move().data(), "moved"), 1);
  const auto delivered = machine_.json({"sync", "now"});
  EXPECT_EQ(delivered.exit_code, 0) << delivered.err;
  EXPECT_EQ(number(delivered.data(), "success"), 1);
  EXPECT_EQ(number(delivered.data(), "parked"), 0);
  const auto shown = machine_.json({"sync", "show", waiting}).data();
  EXPECT_EQ(shown.at("event").at("team_slug").as_string(), "beta");
  EXPECT_EQ(shown.at("event").at("payload"), boost::json::value({{"n", 1.0}}));
  EXPECT_TRUE(HubReader(hub_).events().empty()) << "what was for beta is at acme";
}

TEST_F(Move, TheOverflowOfTheFormerLinkGoesAlong) {
  write_text(machine_.home / "pawprint.toml", "[sync]\nqueue_limit = 2\n");
  std::set<std::string> waiting;
  for (int i = 0; i < 7; ++i) waiting.insert(emit(machine_));
  EXPECT_EQ(number(status().at("queue").as_object(), "spilled"), 5);
  Hub other(directory_.path() / "other");
  sign_in(other, "--no-link");
  const std::string told = machine_.json({"sync", "link", "--server", other.url()}).err;
  EXPECT_TRUE(told.contains("not sent: 7 events for an earlier link")) << told;
  EXPECT_EQ(number(move().data(), "moved"), 7);
  EXPECT_EQ(number(status().at("queue").as_object(), "spilled"), 0);
  EXPECT_EQ(number(machine_.json({"sync", "now"}).data(), "success"), 7);
  EXPECT_EQ(ids_at(other), waiting);
  EXPECT_TRUE(ids_at(hub_).empty());
}

TEST_F(Move, NothingOfACopyOrOfAnotherProjectMoves) {
  const Machine copy(machine_.home, directory_.path() / "copy"),
      another(machine_.home, directory_.path() / "another");
  fs::copy(machine_.directory, copy.directory, fs::copy_options::recursive);
  make_project(another);
  std::vector<std::string> of_others;
  for (const Machine* each : {&copy, &another}) {
    EXPECT_EQ(each->json({"sync", "link"}).exit_code, 0);
    of_others.push_back(emit(*each));
    EXPECT_EQ(each->json({"sync", "unlink"}).exit_code, 0);
  }
  const std::string own = emit(machine_);
  Hub other(directory_.path() / "other");
  sign_in(other, "--link");
  const auto done = move();
  EXPECT_EQ(number(done.data(), "moved"), 1);
  EXPECT_EQ(link_of(own), other.url());
  for (const std::string& event_id : of_others) EXPECT_EQ(link_of(event_id), hub_.url());
  const auto unlinked = copy.json({"sync", "move", "--yes"});
  EXPECT_EQ(unlinked.exit_code, 1);
  EXPECT_EQ(unlinked.error("hint"), "pawprint sync link");
}

TEST_F(Move, OfSeveralSourcesOneIsNamed) {
  const std::string first = emit(machine_), former = hub_.url();
  Hub second(directory_.path() / "second"), third(directory_.path() / "third");
  sign_in(second, "--link");
  const std::string later = emit(machine_);
  sign_in(third, "--link");

  const auto unknown = move({"--yes", "--from", "https://nowhere.example"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_EQ(unknown.error("message"),
            fmt::format("this project has no earlier link to https://nowhere.example; it had: {}/acme, "
                        "{}/acme",
                        former, second.url()));
  EXPECT_EQ(unknown.error("hint"), fmt::format("pawprint sync move --from {}/acme", former));
  EXPECT_EQ(move({"--yes", "--from", former + "/beta"}).exit_code, 2);
  EXPECT_EQ(move({"--yes", "--from", "nonsense"}).exit_code, 2);
  EXPECT_EQ(move({"--yes", "--from", third.url()}).exit_code, 2);

  EXPECT_EQ(number(move({"--yes", "--from", second.url() + "/acme"}).data(), "moved"), 1);
  EXPECT_EQ(link_of(first), former);
  EXPECT_EQ(link_of(later), third.url());
  const auto again = move({"--from", second.url()});
  EXPECT_EQ(again.exit_code, 0) << "nothing waits for it any more";
  EXPECT_EQ(number(again.data(), "moved"), 0);
  EXPECT_EQ(number(move().data(), "moved"), 1);
  EXPECT_EQ(link_of(first), third.url());
}

TEST_F(Move, NobodyIsMovedUnasked) {
  const std::string event_id = emit(machine_), former = hub_.url();
  EXPECT_EQ(move({}).exit_code, 0) << "nothing waits for an earlier link";
  Hub other(directory_.path() / "other");
  sign_in(other, "--link");
  const auto unasked = move({"--from", former});
  EXPECT_EQ(unasked.exit_code, 2);
  EXPECT_EQ(unasked.error("hint"), "pawprint sync move --from " + former + " --yes");
  const auto ask = [&](std::string_view answer) {
    return run_on_terminal(machine_.launch({"pawprint", "sync", "move"}), "[y/N] ", answer);
  };
  const Outcome kept = ask("n");
  EXPECT_EQ(kept.exit_code, 130);
  EXPECT_TRUE(kept.err.starts_with(
      fmt::format("1 event of this project waiting for an earlier link: acme at {}. Send to acme at {} "
                  "instead? [y/N] n\r\n",
                  former, other.url())))
      << kept.err;
  EXPECT_EQ(link_of(event_id), former);
  const Outcome moved = ask("y");
  EXPECT_EQ(moved.exit_code, 0) << moved.err;
  EXPECT_EQ(moved.out, fmt::format("moved: 1 event that waited for acme at {}\n"
                                   "to deliver to acme at {}: pawprint sync now\n",
                                   former, other.url()));
  EXPECT_EQ(link_of(event_id), other.url());
  EXPECT_EQ(machine_.run({"pawprint", "sync", "move"}).out, "nothing of project waits for an earlier link\n");
}

TEST_F(Move, WithoutALinkThereIsNowhereToMoveTo) {
  const std::string event_id = emit(machine_);
  ASSERT_EQ(machine_.json({"sync", "unlink"}).exit_code, 0);
  const auto refused = move();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(refused.error("hint"), "pawprint sync link");
  EXPECT_EQ(link_of(event_id), hub_.url());
  const Machine fresh(directory_.path() / "fresh", machine_.directory);
  EXPECT_EQ(fresh.json({"sync", "move"}).exit_code, 1);
  EXPECT_FALSE(fs::exists(fresh.home));
  const Machine nowhere(machine_.home, directory_.path() / "nowhere");
  EXPECT_EQ(nowhere.json({"sync", "move"}).exit_code, 3);
}

TEST_F(Move, WhoIsKilledOnTheWayHasLostNothingAndASecondRunMovesTheRest) {
  auto queue = outbox::Outbox::open(environment_, machine_.home).value();
  const auto project = status().at("project").at("uuid").as_string();
  const auto link = queue.active_link(project, (machine_.directory / ".git").string()).value().value();
  std::vector<outbox::NewRow> rows;
  for (std::uint64_t lamport = 1; lamport <= 600; ++lamport) {
    rows.push_back({.event_id = fmt::format("01HX{:022}", lamport),
                    .lamport = lamport,
                    .link_id = link.link_id,
                    .project_uuid = std::string(project),
                    .data = "{}",
                    .repo_instance = link.repo_instance});
  }
  ASSERT_TRUE(queue.append(rows, Durability::process));
  Hub other(directory_.path() / "other");
  sign_in(other, "--link");
  const auto waiting_at = [&](const std::string& origin) {
    const auto destinations = status().at("queue").at("destinations").as_array();
    for (const auto& each : destinations)
      if (each.at("origin").as_string() == origin) return each.at("pending").to_number<int>();
    return 0;
  };
  Launch killed = machine_.launch({"pawprint", "sync", "move", "--yes"});
  for (const auto& [step, moved] :
       std::map<std::string, int>{{"adopt-before-commit:2", 256}, {"adopt-committed:1", 512}}) {
    killed.variables["PAWPRINT_FAILPOINT"] = step;
    EXPECT_EQ(run(killed).exit_code, 128 + 9);
    EXPECT_EQ(waiting_at(other.url()), moved) << step;
    EXPECT_EQ(waiting_at(hub_.url()), 600 - moved) << step;
  }
  EXPECT_EQ(number(move().data(), "moved"), 88);
  EXPECT_EQ(waiting_at(other.url()), 600);
  const std::string found = boost::json::serialize(machine_.json({"doctor"}).data().at("findings"));
  EXPECT_FALSE(found.contains(R"("check":"queue")")) << found;
}

TEST_F(Move, WhatSaysThatEventsWaitForAnEarlierLinkNamesTheCommand) {
  const std::string event_id = emit(machine_);
  Hub other(directory_.path() / "other");
  sign_in(other, "--link");
  EXPECT_EQ(
      status().at("why_not_now").as_string(),
      fmt::format("what waits is for a link to {0} that was ended: pawprint sync link --server {0} --team "
                  "acme, or, to send it to acme at {1}: pawprint sync move",
                  hub_.url(), other.url()));
  const auto found = machine_.json({"doctor"}).data().at("findings").as_array();
  ASSERT_EQ(found.size(), 1U) << boost::json::value(found);
  EXPECT_EQ(found[0].at("command").as_string(), "pawprint sync move");
  const std::string shown = machine_.run({"pawprint", "sync", "show", event_id}).out;
  EXPECT_TRUE(
      shown.contains("send it to where its project is linked now: pawprint sync move, in its project\n"))
      << shown;
}

}  // namespace
}  // namespace pawprint::testing
