// Every figure of `sync status`, `sync link` and `doctor` counts what its label says, wherever the events
// are: in the queue or the overflow, of this project, of another or of a copy, for a link that is or was.
#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "base/format.h"
#include "harness/sandbox.h"

namespace pawprint::testing {
namespace {

class Figures : public ::testing::Test {
 protected:
  Figures()
      : home_(directory_.path() / "home"),
        here_(home_, directory_.path() / "here"),
        other_(home_, directory_.path() / "other") {
    fs::create_directories(home_);
    fs::permissions(home_, fs::perms(0700));
    limit_queue(1000);
    for (const Machine* machine : {&here_, &other_}) {
      make_project(*machine);
      machine->json({"init"});
    }
  }

  void limit_queue(int events) const {
    write_text(home_ / "pawprint.toml", fmt::format("[sync]\nqueue_limit = {}\n", events));
  }
  void sign_in(std::initializer_list<const char*> teams) const {
    std::string sessions;
    for (const char* team : teams) {
      sessions += fmt::format(
          "[[session]]\norigin = \"http://127.0.0.1:9\"\nuser_id = \"u\"\nusername = \"kim\"\n"
          "team_id = \"{0}\"\nteam_slug = \"{0}\"\naccess = \"x\"\nrefresh = \"y\"\n"
          "access_expires_at = 2099-01-01T00:00:00Z\nrefresh_expires_at = 2099-01-01T00:00:00Z\n",
          team);
    }
    write_text(home_ / "sessions.toml", sessions);
    fs::permissions(home_ / "sessions.toml", fs::perms(0600));
  }
  static void emit(const Machine& machine, int events) {
    for (int i = 0; i < events; ++i)
      EXPECT_EQ(machine.json({"emit", "Ping", "--aggregate", "A"}).exit_code, 0);
  }
  static boost::json::object link(const Machine& machine, const std::string& team, bool release) {
    std::vector<std::string> words{"sync", "link", "--team", team};
    if (release) words.emplace_back("--release");
    const auto linked = machine.json(words);
    EXPECT_EQ(linked.exit_code, 0) << linked.err;
    return linked.data();
  }
  static boost::json::object status(const Machine& machine) {
    return machine.json({"sync", "status"}).data();
  }
  // "team pending/ended/spilled" of each.
  static std::string destinations(const Machine& machine) {
    std::string all;
    const auto whole = status(machine);
    for (const auto& each : whole.at("queue").at("destinations").as_array()) {
      all += fmt::format("{} {}/{}/{} ", each.at("team_slug").as_string().c_str(), number(each, "pending"),
                         number(each, "ended"), number(each, "spilled"));
    }
    return all;
  }
  // "unlinked/spilled" of the project that the machine is in.
  static std::string of_project(const Machine& machine) {
    const auto whole = status(machine);
    for (const auto& each : whole.at("queue").at("projects").as_array()) {
      if (each.at("project_uuid") == whole.at("project").at("uuid"))
        return fmt::format("{}/{}", number(each, "unlinked"), number(each, "spilled"));
    }
    return "none";
  }
  static std::string findings(const Machine& machine) {
    return boost::json::serialize(machine.json({"doctor"}).data().at("findings"));
  }
  static std::int64_t number(const boost::json::value& object, const char* key) {
    return object.at(key).to_number<std::int64_t>();
  }

  TemporaryDirectory directory_;
  fs::path home_;
  Machine here_, other_;
};

TEST_F(Figures, TheOverflowIsCountedForItsProjectAndItsDestination) {
  sign_in({"acme"});
  limit_queue(2);
  emit(other_, 3);
  link(here_, "acme", false);
  emit(here_, 5);
  EXPECT_EQ(number(status(here_).at("queue"), "spilled"), 4);
  EXPECT_EQ(destinations(here_), "acme 2/0/3 ");
  EXPECT_EQ(of_project(here_), "0/3");
  EXPECT_EQ(of_project(other_), "2/1");
}

TEST_F(Figures, TheClockGoesOnFromTheOverflowToo) {
  limit_queue(1);
  emit(here_, 3);
  fs::remove(home_ / "clock.json");
  EXPECT_EQ(number(boost::json::value(status(here_)), "clock"), 3);
}

TEST_F(Figures, ALineOfTheOverflowThatIsNoEventIsNotCountedAsOne) {
  limit_queue(1);
  emit(here_, 2);
  const fs::path file = home_ / "spill/events.jsonl";
  write_text(file, read_text(file) + "{\"highest\":9,\"li\n");
  EXPECT_EQ(number(status(here_).at("queue"), "spilled"), 1);
  EXPECT_EQ(number(status(here_).at("queue"), "rejected"), 1);
}

TEST_F(Figures, WhatWaitsForALinkThatWasEndedIsNotToBeSent) {
  sign_in({"acme", "beta"});
  link(here_, "acme", false);
  emit(here_, 2);
  link(here_, "beta", false);
  emit(here_, 1);
  EXPECT_EQ(destinations(here_), "acme 2/2/0 beta 1/0/0 ");
  EXPECT_NE(here_.run({"pawprint", "sync", "status"})
                .out.find("queue     1 to send, 2 for a link that was ended, 0 without a link\n"),
            std::string::npos);
  EXPECT_TRUE(findings(here_).contains(R"("command":"pawprint sync move")")) << findings(here_);
  const std::string link_again = R"("command":"pawprint sync link --server http://127.0.0.1:9 --team acme")";
  EXPECT_TRUE(findings(other_).contains(link_again)) << findings(other_);
  here_.json({"sync", "unlink"});
  EXPECT_EQ(destinations(here_), "acme 2/2/0 beta 1/1/0 ");
  EXPECT_EQ(status(here_).at("why_not_now").as_string(),
            "what waits is for a link to http://127.0.0.1:9 that was ended: pawprint sync link --server "
            "http://127.0.0.1:9 --team acme, in its project; if that hub is there no more, link it "
            "elsewhere, then: pawprint sync move");
  EXPECT_TRUE(findings(here_).contains(link_again)) << findings(here_);
}

TEST_F(Figures, TheOverflowOfALinkThatWasEndedIsNotToBeSentEither) {
  sign_in({"acme"});
  limit_queue(2);
  link(here_, "acme", false);
  emit(here_, 5);
  here_.json({"sync", "unlink"});
  EXPECT_TRUE(std::string(status(here_).at("why_not_now").as_string())
                  .starts_with("what waits is for a link to http://127.0.0.1:9 that was ended: "))
      << status(here_).at("why_not_now");
  const std::string found = findings(here_);
  EXPECT_TRUE(found.contains("not sent: 5 events for a link to acme")) << found;
  EXPECT_FALSE(found.contains("in the overflow")) << found;
  const auto delivered = here_.json({"sync", "now"}).data();
  EXPECT_EQ(number(delivered, "unlinked"), 0);
  EXPECT_EQ(number(delivered, "ended"), 2);
  EXPECT_EQ(number(delivered, "spilled"), 3);
  const std::string said = here_.run({"pawprint", "sync", "now"}).out;
  EXPECT_TRUE(said.contains("3 events in the overflow (try: pawprint sync status)\n")) << said;
}

TEST_F(Figures, EventsOfACopyAreNotOfferedForRelease) {
  sign_in({"acme"});
  link(here_, "acme", false);
  const Machine copy(home_, directory_.path() / "copy");
  fs::copy(here_.directory, copy.directory, fs::copy_options::recursive);
  emit(copy, 2);
  EXPECT_EQ(findings(here_).find("--release"), std::string::npos) << findings(here_);
  EXPECT_EQ(status(here_).at("why_not_now").as_string(),
            "what waits has no link: pawprint sync link, in its project");
  EXPECT_EQ(number(link(here_, "acme", true), "released"), 0);
  EXPECT_EQ(number(link(copy, "acme", true), "released"), 2);
}

TEST_F(Figures, AReleaseTakesWhatIsInTheOverflowAlong) {
  sign_in({"acme"});
  limit_queue(2);
  emit(here_, 5);
  const auto kept = link(here_, "acme", false);
  EXPECT_EQ(number(kept, "kept"), 5);
  EXPECT_NE(findings(here_).find("not sent: 5 events from before the link"), std::string::npos);
  const auto linked = link(here_, "acme", true);
  EXPECT_EQ(number(linked, "released"), 5);
  EXPECT_EQ(number(linked, "kept"), 0);
  EXPECT_EQ(destinations(here_), "acme 5/0/0 ");
}

TEST_F(Figures, NothingIsSaidOfALinkHereWhereNothingWaitsForOne) {
  sign_in({"acme"});
  link(here_, "acme", false);
  emit(here_, 1);
  sign_in({});
  EXPECT_EQ(status(other_).at("why_not_now").as_string(),
            "not signed in: pawprint auth login --server http://127.0.0.1:9 --team acme");
}

}  // namespace
}  // namespace pawprint::testing
