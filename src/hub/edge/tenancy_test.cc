// Every row of the table of routes, called by everybody who must not: a route that the tables below do not
// know fails.
#include <gtest/gtest.h>

#include <algorithm>
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
    add_user("queen@example.org", **team, store::kRoleOwner);
    add_user("king@example.org", **store_->users().find_team("other"), store::kRoleOwner);
    const auto invited = store_->invitations().issue(
        {.team = **team, .role = store::kRoleMember, .email = "", .lifetime_ms = 1'000'000, .inviter_id = ""},
        Digest{});
    ASSERT_TRUE(invited);
    theirs_["{id}"] = invited->invitation_id;
    words_ = {"acme", "WP01", "ada@", "a1b2c3d4e5f6", "01KGJX5B3V", (*team)->team_id};
    for (const auto& [placeholder, name] : theirs_) words_.push_back(name);
    EXPECT_EQ(verdicts_in(batch("{\"events\":[" + move_event(1, "planned", "in_progress") + "]}",
                                token_of("ada@example.org"))),
              "success");
  }

  using Names = std::map<std::string, std::string>;  // what stands for each {placeholder}

  // What somebody brings along.
  struct Brought {
    std::string token = {};   // an access token or a ticket
    std::string cookie = {};  // for pages, and what their forms must bring back
    std::string form_token = {};
  };
  // What this route asks for: a ticket in the place of the token, a cookie.
  Brought for_route(const Route& route, std::string_view email, const std::string& token) {
    if (route.scope == Scope::ticket) {
      return {text(post("/api/v1/ws-token", "", token, {{"Host", "hub.test"}}), "ws_token")};
    }
    if (route.scope != Scope::page) return {token};
    const auto cookie = access_->begin_web_session(email, kPassword, "127.0.0.1");
    EXPECT_TRUE(cookie);
    return {{}, fmt::format("{}={}", kSessionCookie, *cookie), access_->web_session(*cookie)->form_token};
  }

  // The route for what belongs to acme, with a body that would do something there.
  net::ServerAnswer call(const Route& route, const Brought& brought) { return call(route, brought, theirs_); }
  net::ServerAnswer call(const Route& route, const Brought& brought, const Names& names) {
    std::string target(route.pattern);
    for (const auto& [name, value] : names) {
      if (const auto at = target.find(name); at != std::string::npos) target.replace(at, name.size(), value);
    }
    EXPECT_FALSE(target.contains('{')) << target << ": say in this test what acme has of that kind";
    if (target == "/api/v1/events") target += fmt::format("?project={}", kProject);
    if (target == "/device") target += "?user_code=" + user_code_;
    std::vector<net::Header> headers = bearer(brought.token);
    headers.push_back({"Host", "hub.test"});
    headers.push_back({"Origin", "http://hub.test"});
    if (!brought.cookie.empty()) headers.push_back({"Cookie", brought.cookie});
    headers.push_back({"Content-Type", route.media == Media::form ? "application/x-www-form-urlencoded"
                                                                  : "application/json"});
    std::string body = R"({"team_slug":"acme","role":"member","invitation":"pin_x"})";
    if (route.media == Media::form) {
      body = fmt::format(
          "form_token={}&user_code={}&decision=approve&team=acme&team_slug=acme&client_id=x&invitation=pin_x",
          brought.form_token, user_code_);
    }
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
  // Begins one, for acme.
  std::string machine_waits() {
    const auto codes = access_->begin_device({"pawprint", "laptop", "acme", "127.0.0.1"});
    EXPECT_TRUE(codes);
    user_code_ = codes->user_code;
    return codes->device_code;
  }
  bool has_a_word_of_acme(const net::ServerAnswer& answer) const {
    return std::ranges::any_of(words_, [&](const std::string& word) { return answer.body.contains(word); });
  }
  bool invitation_of_acme_holds() {
    const auto known = store_->invitations().find(Digest{});
    return known && *known && !(*known)->used_at_ms && (*known)->expires_at_ms > clock_.unix_ms();
  }

  std::vector<std::string> words_;  // that only what belongs to acme has
  std::string user_code_;
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
    const int status = call(route, {}).status;
    const int wanted = route.scope == Scope::page ? 303 : 401;
    EXPECT_EQ(status, wanted) << route.method << " " << route.pattern;
  }
  EXPECT_EQ(events_of_acme(), 1U);
}

// By an owner too, whom no role keeps from anything.
TEST_F(TenancyTest, WhoIsOfAnotherTeamSeesAndChangesNothing) {
  const std::string device_code = machine_waits();
  for (const std::string_view email : {"bob@example.org", "king@example.org"}) {
    const std::string token = token_of(email);
    for (const Route& route : routes()) {
      const auto answer = call(route, for_route(route, email, token));
      const std::string name = fmt::format("{}: {} {}: {}", email, route.method, route.pattern, answer.body);
      EXPECT_FALSE(answer.status < 400 && has_a_word_of_acme(answer)) << name;
      const bool names_theirs = route.pattern.contains('{') || route.pattern == "/api/v1/events";
      const bool may = route.scope != Scope::owner || email.starts_with("king");
      if (names_theirs || !may) {
        EXPECT_EQ(answer.status, 403) << name;
      } else if (route.method == "GET" && route.scope != Scope::open) {
        EXPECT_EQ(answer.status, route.scope == Scope::ticket ? 101 : 200) << name << ": it proves nothing";
      }
      EXPECT_LT(answer.status, 500) << name;
    }
    EXPECT_EQ(opened_for_, "other");
    EXPECT_FALSE(has_a_word_of_acme(get("/api/v1/events", token)));
  }
  EXPECT_EQ(events_of_acme(), 1U);
  EXPECT_TRUE(invitation_of_acme_holds());
  const auto acme = store_->users().find_team("acme"), other = store_->users().find_team("other");
  EXPECT_EQ(store_->invitations().list((*acme)->team_id)->size(), 1U);
  EXPECT_EQ(store_->users().members((*acme)->team_id)->size(), 3U);
  EXPECT_EQ(store_->users().members((*other)->team_id)->size(), 2U);
  EXPECT_EQ(std::get<access::DeviceState>(access_->poll_device(device_code)), access::DeviceState::pending);
}

// So the words are what a route that shows too much would show.
TEST_F(TenancyTest, WhoIsOfTheTeamSeesWhatIsTheTeams) {
  const std::string queen = token_of("queen@example.org");
  for (const Route& route : routes()) {
    if (route.method != "GET" || (route.scope != Scope::member && route.scope != Scope::owner)) continue;
    const auto answer = call(route, {queen});
    EXPECT_EQ(answer.status, 200) << route.pattern;
    EXPECT_TRUE(has_a_word_of_acme(answer)) << route.pattern << answer.body;
  }
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
    const auto theirs = call(route, {king}), of_nobody = call(route, {king}, nobodys);
    EXPECT_EQ(theirs.status, 403) << name << theirs.body;
    EXPECT_EQ(of_nobody.status, 403) << name << of_nobody.body;
    EXPECT_EQ(theirs.body, of_nobody.body) << name;
    if (route.method == "GET") {
      EXPECT_EQ(call(route, {ada}).status, 200) << name << ": else it proves nothing";
    }
  }
  EXPECT_TRUE(invitation_of_acme_holds());
}

TEST_F(TenancyTest, AViewerReadsAndChangesNothing) {
  const std::string vic = token_of("vic@example.org");
  for (const Route& route : routes()) {
    const auto answer = call(route, {vic});
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
    const auto answer = call(route, {machine.text});
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
