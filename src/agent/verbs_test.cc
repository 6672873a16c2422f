#include "agent/verbs.h"

#include <fstream>

#include "base/file_lock.h"
#include "base/format.h"
#include "outbox/clock.h"
#include "outbox/database.h"
#include "outbox/spill_file.h"
#include "protocol/envelope.h"
#include "sync/fake_hub_for_test.h"

namespace pawprint::agent {
namespace {

using sync::FakeHub;
using sync::kNow;
using sync::kOrigin;

class ScriptedConsole final : public Console {
 public:
  bool can_ask() const override { return has_terminal; }
  Result<std::string> ask(std::string_view prompt) override { return answer_to(prompt, "ann"); }
  Result<std::string> ask_secret(std::string_view prompt) override { return answer_to(prompt, "s3cret"); }
  Result<std::string> read_piped() override { return piped; }

  bool has_terminal = false;
  std::string piped;
  std::vector<std::string> prompts;

 private:
  Result<std::string> answer_to(std::string_view prompt, std::string answer) {
    prompts.emplace_back(prompt);
    return answer;
  }
};

class Verbs : public sync::DeliveryTest {
 protected:
  Verbs() : home_of_user{home, ""} {
    hub.pages["/api/v1/token/"] = {.status = 200,
                                   .headers = {},
                                   .body = R"({"access":"a-1","refresh":"r-1","access_lifetime":900,)"
                                           R"("refresh_lifetime":604800,"team_slug":"acme"})"};
    hub.pages["/api/v1/me"] = {.status = 200,
                               .headers = {},
                               .body = R"({"user_id":"u-1","email":"ann@example.com","name":"Ann",)"
                                       R"("teams":[{"id":"t-1","slug":"acme"}]})"};
  }
  Context context() {
    return {environment,
            home_of_user,
            hub,
            console,
            waiter,
            interrupted,
            [](std::uint64_t, std::uint64_t) {},
            {},
            std::chrono::milliseconds(1)};
  }
  Reply ran(const Invocation& invocation) {
    Context means_of_verb = context();
    return run(means_of_verb, invocation);
  }
  static Invocation login_at(std::string_view server) {
    Invocation invocation;
    invocation.verb = Verb::login;
    invocation.server = server;
    return invocation;
  }
  static Invocation plain(Verb verb) {
    Invocation invocation;
    invocation.verb = verb;
    return invocation;
  }

  project::Home home_of_user;
  ScriptedConsole console;
};

TEST_F(Verbs, DeliverRepliesWithItsCounts) {
  given_session();
  given_events(given_link(), 2);
  const Reply reply = ran(plain(Verb::deliver));
  EXPECT_EQ(reply_text(reply),
            "{\"ok\":true,\"data\":{\"attempted\":2,\"success\":2,\"duplicate\":0,\"parked\":0,\"unknown\":0,"
            "\"again\":0,"
            "\"remaining\":0,\"unlinked\":0,\"ended\":0,\"spilled\":0,\"stopped_by\":\"empty\","
            "\"asked\":[\"http://127.0.0.1:4711\"],\"unreached\":[]}}\n");
  EXPECT_EQ(exit_code_of(reply), 0);
}

TEST_F(Verbs, DeliverSendsWhatWentToTheOverflowTooHoweverLittleTheQueueTakes) {
  given_session();
  const outbox::Link link = given_link();
  std::ofstream(home / "pawprint.toml") << "[sync]\nqueue_limit = 1\n";
  protocol::Envelope envelope;
  envelope.event_id = id_of(1);
  envelope.event_type = "Note";
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = "{}";
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = 1;
  envelope.timestamp = "2026-05-28T20:26:40.000Z";
  envelope.team_slug = "acme";
  std::vector<outbox::NewRow> rows;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    envelope.event_id = id_of(i);
    envelope.lamport_clock = i;
    rows.push_back({id_of(i), i, link.link_id, std::nullopt, protocol::write_envelope(envelope)});
  }
  const outbox::LinkMark mark{link.link_id, link.linked_at_ms};
  ASSERT_TRUE(outbox::Spill(environment, home).append(rows, mark, Durability::power));
  const Reply reply = ran(plain(Verb::deliver));
  EXPECT_EQ(reply.data.at("success").as_uint64(), 3U);
  EXPECT_TRUE(outbox::Spill(environment, home).files()->empty());
}

TEST_F(Verbs, DeliverThatStopsEarlyRepliesWithTheErrorAndTheCounts) {
  given_session();
  given_events(given_link(), 2);
  hub.health = fail(ErrorKind::unreachable, "connection refused");
  const Reply reply = ran(plain(Verb::deliver));
  EXPECT_EQ(
      reply_text(reply),
      "{\"ok\":false,\"error\":{\"kind\":\"unreachable\",\"message\":\"cannot deliver to "
      "http://127.0.0.1:4711: "
      "connection refused\",\"hint\":\"pawprint sync "
      "now\",\"file\":null,\"line\":null,\"path\":null},\"data\":"
      "{\"attempted\":0,\"success\":0,\"duplicate\":0,\"parked\":0,\"unknown\":0,\"again\":0,\"remaining\":2,"
      "\"unlinked\":0,\"ended\":0,\"spilled\":0,\"stopped_by\":\"unreachable\",\"asked\":[],"
      "\"unreached\":[\"http://127.0.0.1:4711\"]}}\n");
  EXPECT_EQ(exit_code_of(reply), 5);
}

TEST_F(Verbs, DeliverThatCannotLookForDamageNamesWhoCan) {
  given_events(given_link(), 1);
  outbox_.reset();
  {
    auto connection = sqlite::Connection::open(home / "outbox.db", sqlite::Access::read_write);
    ASSERT_TRUE(connection->execute("SELECT * FROM meta") && connection->checkpoint_truncate());
  }
  std::string text = read_file(disk, home / "outbox.db").value().value();
  const auto at = text.find("p-1pending");
  ASSERT_NE(at, std::string::npos);
  auto file = disk.open(home / "outbox.db", OpenMode::read_write, 0600);
  ASSERT_TRUE(file && (*file)->write_at(at + 3, "q"));
  const auto held = FileLock::acquire(home / outbox::kHomeLock, std::chrono::milliseconds(0),
                                      lock_kind_for(disk, home).value());
  ASSERT_TRUE(held);
  Context means_of_verb = context();
  ASSERT_TRUE(run(means_of_verb, plain(Verb::deliver)).error);
  ASSERT_FALSE(means_of_verb.warnings.all().empty());
  EXPECT_EQ(means_of_verb.warnings.all()[0].cause, "outbox-unchecked");
  EXPECT_EQ(means_of_verb.warnings.all()[0].hint, "pawprint doctor");
}

TEST_F(Verbs, DeliverWithoutAnOutboxHasNothingToDoAndCreatesNothing) {
  home_of_user.directory = home / "nowhere";
  EXPECT_EQ(exit_code_of(ran(plain(Verb::deliver))), 0);
  EXPECT_FALSE(std::filesystem::exists(home / "nowhere"));
}

TEST_F(Verbs, ASecondDeliverySaysThatOneIsUnderWay) {
  given_session();
  given_events(given_link(), 1);
  const auto first = FileLock::acquire(home / "agent.lock", std::chrono::seconds(1));
  const Reply reply = ran(plain(Verb::deliver));
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->kind, ErrorKind::busy);
  EXPECT_TRUE(hub.asked.empty());
}

TEST_F(Verbs, AnInterruptedDeliveryExitsWith130) {
  given_session();
  given_events(given_link(), 1);
  interrupted = true;
  const Reply reply = ran(plain(Verb::deliver));
  EXPECT_EQ(exit_code_of(reply), 130);
  EXPECT_EQ(reply.data.at("stopped_by").as_string(), "interrupted");
}

TEST_F(Verbs, TheClockCatchesUpWithTheHub) {
  given_session();
  given_events(given_link(), 1);
  hub.will([](const net::HttpRequest& request) {
    auto answer = sync::verdicts_on(sync::ids_in(request), [](const std::string&) { return "success"; });
    answer.headers = {{"X-Pawprint-Clock", "500"}};
    return answer;
  });
  ran(plain(Verb::deliver));
  const outbox::LamportClock clock_of_home(environment, home,
                                           project::machine_node_id(environment, home_of_user));
  EXPECT_EQ(clock_of_home.value(0).value(), 501U);
}

TEST_F(Verbs, LoginAsksOnTheTerminalAndRepliesWithoutTokens) {
  console.has_terminal = true;
  const Reply reply = ran(login_at("HTTP://127.0.0.1:4711/"));
  EXPECT_EQ(reply_text(reply),
            "{\"ok\":true,\"data\":{\"origin\":\"http://"
            "127.0.0.1:4711\",\"username\":\"ann\",\"team_slug\":\"acme\","
            "\"team_id\":\"t-1\",\"user_id\":\"u-1\"}}\n");
  EXPECT_EQ(console.prompts,
            (std::vector<std::string>{"Username: ", "Password of ann at http://127.0.0.1:4711: "}));
  EXPECT_EQ(hub.asked.at(0).body, R"({"username":"ann","password":"s3cret"})");
}

TEST_F(Verbs, LoginTakesThePasswordFromStdinWhereThereIsNoTerminal) {
  console.piped = "from-a-script";
  Invocation invocation = login_at(kOrigin);
  invocation.username = "ann";
  invocation.password_on_stdin = true;
  EXPECT_EQ(exit_code_of(ran(invocation)), 0);
  EXPECT_NE(hub.asked.at(0).body.find("from-a-script"), std::string::npos);
}

TEST_F(Verbs, LoginWithoutTerminalAndPasswordIsAUsageErrorThatSaysSo) {
  Invocation invocation = login_at(kOrigin);
  invocation.username = "ann";
  const Reply reply = ran(invocation);
  EXPECT_EQ(exit_code_of(reply), 2);
  EXPECT_NE(reply.error->message.find("--password-stdin"), std::string::npos);
  EXPECT_EQ(reply.error->hint,
            fmt::format("pawprint auth login --server {} --username ann --password-stdin", kOrigin));
  EXPECT_TRUE(hub.asked.empty());
  invocation.server = "http://[::1]:4711";
  EXPECT_EQ(ran(invocation).error->hint,
            "pawprint auth login --server 'http://[::1]:4711' --username ann --password-stdin");
}

TEST_F(Verbs, LoginTakesTheServerFromOptionThenEnvironmentThenSettings) {
  console.has_terminal = true;
  EXPECT_EQ(exit_code_of(ran(plain(Verb::login))), 2);
  EXPECT_EQ(ran(plain(Verb::login)).error->hint, "pawprint sync server URL");
  ASSERT_TRUE(
      replace_file(disk, home / "pawprint.toml", "[sync]\nserver_url = \"http://127.0.0.1:1\"\n", 0600));
  EXPECT_EQ(ran(plain(Verb::login)).data.at("origin").as_string(), "http://127.0.0.1:1");
  environment.variables["PAWPRINT_SERVER"] = "http://127.0.0.1:2";
  EXPECT_EQ(ran(plain(Verb::login)).data.at("origin").as_string(), "http://127.0.0.1:2");
  EXPECT_EQ(ran(login_at("http://127.0.0.1:3")).data.at("origin").as_string(), "http://127.0.0.1:3");
}

TEST_F(Verbs, APasswordIsNotSentOverPlainHttpToAnotherMachine) {
  console.has_terminal = true;
  EXPECT_EQ(exit_code_of(ran(login_at("http://hub.example.com"))), 2);
  EXPECT_TRUE(hub.asked.empty());
  EXPECT_TRUE(console.prompts.empty());
}

TEST_F(Verbs, AWrongPasswordExitsWith4) {
  console.has_terminal = true;
  hub.pages["/api/v1/token/"] = {.status = 401, .headers = {}, .body = {}};
  EXPECT_EQ(exit_code_of(ran(login_at(kOrigin))), 4);
}

TEST_F(Verbs, LogoutEndsTheSessionAndASecondOneSaysThatThereIsNone) {
  given_session();
  EXPECT_EQ(ran(plain(Verb::logout)).data.at("team_slug").as_string(), "acme");
  EXPECT_EQ(exit_code_of(ran(plain(Verb::logout))), 4);
}

TEST_F(Verbs, LogoutEndsTheSessionOfTheUserThatIsNamed) {
  given_session();
  given_session(kOrigin, "u-2", "bob");
  Invocation invocation = plain(Verb::logout);
  EXPECT_EQ(exit_code_of(ran(invocation)), 2);
  invocation.username = "bob";
  EXPECT_EQ(ran(invocation).data.at("username").as_string(), "bob");
  ASSERT_EQ(store.load().value().size(), 1U);
  EXPECT_EQ(store.load().value().at(0).username, "ann");
}

TEST_F(Verbs, WhoamiAsksTheHub) {
  given_session();
  const Reply reply = ran(plain(Verb::whoami));
  EXPECT_EQ(reply.data.at("email").as_string(), "ann@example.com");
  EXPECT_EQ(hub.asked.at(0).headers.at(0).value, "Bearer access-1");
}

TEST_F(Verbs, ReachTriesEveryHubOnceAndSendsNoToken) {
  given_session();
  hub.pages["/healthz"] = {.status = 200, .headers = {}, .body = {}};
  Invocation invocation = plain(Verb::reach);
  invocation.server = "http://127.0.0.1:4711/";
  const Reply reply = ran(invocation);
  ASSERT_EQ(hub.asked.size(), 1U);
  EXPECT_EQ(hub.asked[0].url, "http://127.0.0.1:4711/healthz");
  EXPECT_TRUE(hub.asked[0].headers.empty());
  EXPECT_TRUE(reply.data.at("hubs").as_array().at(0).at("reachable").as_bool());
}

TEST_F(Verbs, AHubThatAnswersWithAnErrorIsNotReachable) {
  given_session();
  hub.pages["/healthz"] = {.status = 503, .headers = {}, .body = {}};
  const Reply reply = ran(plain(Verb::reach));
  EXPECT_EQ(exit_code_of(reply), 0);
  const auto& tried = reply.data.at("hubs").as_array().at(0);
  EXPECT_FALSE(tried.at("reachable").as_bool());
  EXPECT_NE(tried.at("problem").as_string().find("503"), std::string_view::npos);
}

}  // namespace
}  // namespace pawprint::agent
