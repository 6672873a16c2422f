// Every row of the table of routes, called by everybody who must not: a route that the tables below do not
// know fails.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "hub/edge/edge_fixture.h"
#include "hub/edge/router.h"

namespace pawprint::hub::edge {
namespace {

// What it takes to call each route, once more and by hand: a row that is added or opened must be added here.
const std::map<std::string, Scope>& declared() {
  static const std::map<std::string, Scope> all{
      {"POST /api/v1/token/", Scope::open},
      {"POST /api/v1/token/refresh/", Scope::open},
      {"POST /api/v1/token/team", Scope::member},
      {"POST /oauth/revoke", Scope::open},
      {"POST /oauth/device", Scope::open},
      {"POST /oauth/token", Scope::open},
      {"GET /api/v1/me", Scope::ingest},
      {"POST /api/v1/invitations", Scope::owner},
      {"GET /api/v1/invitations", Scope::owner},
      {"POST /api/v1/invitations/{id}/withdraw", Scope::owner},
      {"POST /api/v1/invitations/accept", Scope::open},
      {"POST /api/v1/invitations/join", Scope::member},
      {"POST /api/v1/events/batch/", Scope::ingest},
      {"GET /api/v1/events", Scope::member},
      {"POST /api/v1/ws-token/", Scope::ingest},
      {"POST /api/v1/ws-token", Scope::ingest},
      {"GET /ws/v1/events/", Scope::ticket},
      {"GET /api/v1/projects", Scope::member},
      {"GET /api/v1/projects/{uuid}", Scope::member},
      {"GET /api/v1/projects/{uuid}/features/{slug}", Scope::member},
      {"GET /api/v1/nodes", Scope::member},
      {"GET /", Scope::sign_in},
      {"GET /sign-in", Scope::sign_in},
      {"POST /sign-in", Scope::sign_in},
      {"POST /sign-out", Scope::page},
      {"GET /device", Scope::page},
      {"POST /device", Scope::page},
      {"GET /invitation", Scope::sign_in},
      {"POST /invitation", Scope::sign_in},
      {"GET /page.css", Scope::open},
      {"GET /api/v1/sync/health/", Scope::open},
      {"GET /healthz", Scope::open},
      {"GET /readyz", Scope::open},
      {"GET /metrics", Scope::open},
  };
  return all;
}

class TenancyTest : public EdgeFixture {
 protected:
  void SetUp() override {
    EdgeFixture::SetUp();
    const auto team = store_->users().find_team("acme");
    add_user("vic@example.org", **team, store::kRoleViewer);
    add_user("king@example.org", **store_->users().find_team("other"), store::kRoleOwner);
    const auto invited = store_->invitations().issue(**team, store::kRoleMember, "", 1'000'000, Digest{});
    ASSERT_TRUE(invited);
    theirs_["{id}"] = invited->invitation_id;
    EXPECT_EQ(verdicts_in(batch("{\"events\":[" + move_event(1, "planned", "in_progress") + "]}",
                                token_of("ada@example.org"))),
              "success");
  }

  using Names = std::map<std::string, std::string>;  // what stands for each {placeholder}

  // The route for what belongs to acme, with a body that would do something there.
  net::ServerAnswer call(const Route& route, const std::string& token) { return call(route, token, theirs_); }
  net::ServerAnswer call(const Route& route, const std::string& token, const Names& names) {
    std::string target(route.pattern);
    for (const auto& [name, value] : names) {
      if (const auto at = target.find(name); at != std::string::npos) target.replace(at, name.size(), value);
    }
    EXPECT_FALSE(target.contains('{')) << target << ": say in this test what acme has of that kind";
    if (target == "/api/v1/events") target += fmt::format("?project={}", kProject);
    std::vector<net::Header> headers = bearer(token);
    headers.push_back({"Host", "hub.test"});
    headers.push_back({"Content-Type", route.media == Media::form ? "application/x-www-form-urlencoded"
                                                                  : "application/json"});
    std::string body = R"({"team_slug":"acme","role":"member","invitation":"pin_x"})";
    if (route.handle == take_batch_handler()) {
      body = "{\"events\":[" + move_event(2, "in_progress", "for_review") + "]}";
    }
    return send({std::string(route.method), target, headers, {}, route.scope == Scope::ticket}, body);
  }
  static auto take_batch_handler() -> net::ServerAnswer (*)(Exchange&) {
    return match_route(routes(), "POST", "/api/v1/events/batch/").route->handle;
  }
  std::size_t events_of_acme() {
    return store_->log().read((*store_->users().find_team("acme"))->team_id, 0, 100, std::nullopt)->size();
  }
  bool invitation_of_acme_holds() {
    const auto known = store_->invitations().find(Digest{});
    return known && *known && !(*known)->used_at_ms && (*known)->expires_at_ms > clock_.unix_ms();
  }

  Names theirs_{{"{uuid}", std::string(kProject)}, {"{slug}", std::string(kFeature)}};  // all of it is there
};

TEST_F(TenancyTest, EveryRouteIsDeclaredTwice) {
  std::set<std::string> seen;
  for (const Route& route : routes()) {
    const std::string name = fmt::format("{} {}", route.method, route.pattern);
    seen.insert(name);
    const auto found = declared().find(name);
    ASSERT_NE(found, declared().end())
        << name << " is a new route: say in this test what it takes to call it";
    EXPECT_EQ(found->second, route.scope) << name;
  }
}

TEST_F(TenancyTest, WithoutATokenNothingOfATeamIsThere) {
  for (const Route& route : routes()) {
    if (route.scope == Scope::open || route.scope == Scope::sign_in) continue;
    const int status = call(route, "").status;
    const int wanted = route.scope != Scope::page ? 401 : route.method == "GET" ? 303 : 403;
    EXPECT_EQ(status, wanted) << route.method << " " << route.pattern;
  }
  EXPECT_EQ(events_of_acme(), 1U);
}

TEST_F(TenancyTest, ATokenOfAnotherTeamSeesAndChangesNothing) {
  const std::string bob = token_of("bob@example.org");
  for (const Route& route : routes()) {
    const auto answer = call(route, bob);
    const std::string name = fmt::format("{} {}: {}", route.method, route.pattern, answer.body);
    for (const std::string_view word : {"acme", "WP01", "ada@"}) {
      EXPECT_FALSE(answer.body.contains(word) && answer.status == 200) << name;
    }
    if (route.pattern.contains('{') || route.scope == Scope::owner) {
      EXPECT_EQ(answer.status, 403) << name;
    }
    EXPECT_LT(answer.status, 500) << name;
  }
  EXPECT_EQ(events_of_acme(), 1U);
}

// By an owner, whom no role keeps from anything.
TEST_F(TenancyTest, AnIdOfAnotherTeamIsAnsweredLikeOneOfNobody) {
  const Names nobodys{{"{uuid}", "750e8400-e29b-41d4-a716-446655440000"},
                      {"{slug}", "099-nothing"},
                      {"{id}", "01KGJX5B3V9M3S4T5V6W7X8Y9Z"}};
  const std::string king = token_of("king@example.org"), ada = token_of("ada@example.org");
  for (const Route& route : routes()) {
    if (!route.pattern.contains('{')) continue;
    const std::string name = fmt::format("{} {}", route.method, route.pattern);
    const auto theirs = call(route, king), of_nobody = call(route, king, nobodys);
    EXPECT_EQ(theirs.status, 403) << name << theirs.body;
    EXPECT_EQ(of_nobody.status, 403) << name << of_nobody.body;
    EXPECT_EQ(theirs.body, of_nobody.body) << name;
    if (route.method == "GET") {
      EXPECT_EQ(call(route, ada).status, 200) << name << ": else it proves nothing";
    }
  }
  EXPECT_TRUE(invitation_of_acme_holds());
}

TEST_F(TenancyTest, AViewerReadsAndChangesNothing) {
  const std::string vic = token_of("vic@example.org");
  for (const Route& route : routes()) {
    const auto answer = call(route, vic);
    const std::string name = fmt::format("{} {}: {}", route.method, route.pattern, answer.body);
    if (route.scope == Scope::owner || route.handle == take_batch_handler()) {
      EXPECT_EQ(answer.status, 403) << name;
    }
    if (route.scope == Scope::member && route.method == "GET") {
      EXPECT_EQ(answer.status, 200) << name;
    }
  }
  EXPECT_EQ(events_of_acme(), 1U);
}

TEST_F(TenancyTest, AMachineDoesNothingButSend) {
  const auto machine = issue_machine_token("other");
  for (const Route& route : routes()) {
    const auto answer = call(route, machine.text);
    const std::string name = fmt::format("{} {}: {}", route.method, route.pattern, answer.body);
    if (route.scope == Scope::member || route.scope == Scope::owner) {
      EXPECT_EQ(answer.status, 403) << name;
    }
    if (route.scope == Scope::ticket) {
      EXPECT_EQ(answer.status, 401) << name;
    }
  }
  EXPECT_EQ(events_of_acme(), 1U) << "its own team is another one";
}

TEST_F(TenancyTest, OfATeamThatIsClosedNobodyIsLeft) {
  const auto machine = issue_machine_token("acme");
  const auto signed_in = sign_in_as("ada@example.org");
  const auto team = store_->users().find_team("acme");
  ASSERT_TRUE(store_->users().close_team(**team));
  EXPECT_EQ(batch(R"({"events":[]})", machine.text).status, 401);
  EXPECT_EQ(
      post("/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", text(signed_in, "refresh"))).status,
      401);
  EXPECT_EQ(sign_in_as("ada@example.org").status, 401);
  EXPECT_EQ(events_of_acme(), 1U) << "the log stays";
}

}  // namespace
}  // namespace pawprint::hub::edge
