// What docs/openapi.yaml says of each route when the hub cannot do what it is asked.
#include <latch>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "net/http_client.h"
#include "openapi_document.h"
#include "sqlite/connection.h"

namespace pawprint::hub::edge {
namespace {

// Each route as it is asked by who may, with what it takes.
class OpenApiTroubles : public OpenApiAnswers {
 protected:
  void SetUp() override {
    OpenApiAnswers::SetUp();
    add_user("king@example.org", **store_->users().find_team("other"), store::kRoleOwner);
    const auto pair = sign_in_as("king@example.org");
    king_ = text(pair, "access");
    const auto answer = post("/api/v1/invitations", "{}", king_);
    std::tie(cookie_, form_token_) = cookie_and_form_token();
    const std::string invitation = text(answer, "invitation"), refresh = text(pair, "refresh");
    const std::string person = R"("email":"eve@example.org","password":"correct horse")";
    bodies_ = {{"/api/v1/token/", kCredentials},
               {"/api/v1/token/refresh/", fmt::format(R"({{"refresh":"{}"}})", refresh)},
               {"/api/v1/token/team", R"({"team_slug":"acme"})"},
               {"/oauth/revoke", "token=" + refresh},
               {"/oauth/device", "client_id=pawprint"},
               {"/oauth/token", "grant_type=refresh_token&refresh_token=" + refresh},
               {"/api/v1/invitations", "{}"},
               {"/api/v1/invitations/accept", fmt::format(R"({{"invitation":"{}",{}}})", invitation, person)},
               {"/api/v1/invitations/join", fmt::format(R"({{"invitation":"{}"}})", invitation)},
               {"/api/v1/events/batch/",
                fmt::format(R"({{"events":[{}]}})", move_event(1, "planned", "in_progress", "other"))},
               {"/sign-in", "username=ada%40example.org&password=correct+horse"},
               {"/sign-out", "form_token=" + form_token_},
               {"/device", "decision=deny&user_code=BCDF-GHJK&form_token=" + form_token_},
               {"/invitation",
                fmt::format("invitation={}&email=eve%40example.org&password=correct+horse", invitation)}};
  }

  std::vector<net::Header> headers_for(const Route& route, const std::string& origin) {
    std::vector<net::Header> headers{{"Origin", origin}};
    if (route.media == Media::form) headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    if (route.scope == Scope::page) headers.push_back({"Cookie", cookie_});
    if (route.scope == Scope::ticket) headers.push_back({"Authorization", "Bearer " + ticket_});
    if (schemes_for(route.scope).starts_with("user")) {
      headers.push_back({"Authorization", "Bearer " + king_});
    }
    return headers;
  }
  std::string body_for(const Route& route) const {
    const auto found = bodies_.find(route.pattern);
    return route.method == "POST" && found != bodies_.end() ? found->second : "";
  }
  static std::string target_of(const Route& route) {
    std::string target(route.pattern);
    for (auto at = target.find('{'); at != std::string::npos; at = target.find('{')) {
      target.replace(at, target.find('}') - at + 1, "550e8400-e29b-41d4-a716-446655440000");
    }
    return target;
  }

  // By a server whose threads are held by a request of the same account.
  void expect_turned_away(const net::ServerOptions::Crew& crew, int status) {
    std::latch held(1), over(1);
    net::ServerOptions options;
    options.crew = crew;
    options.unserved = [this](const net::Unserved& request) { return edge_->unserved(request); };
    const auto server = net::start_http_server(options, [&](net::ServerRequest head) {
      const bool holds = head.target == "/held";
      net::Admission admission = holds ? net::Admission{} : edge_->admit(std::move(head));
      admission.account = "everybody";
      if (holds) {
        admission.with_body = [&](const std::string&) {
          held.count_down();
          over.wait();
          return net::ServerAnswer{};
        };
      }
      return admission;
    });
    ASSERT_TRUE(server) << server.error().message;
    const std::string url = fmt::format("http://127.0.0.1:{}", (*server)->port());
    net::HttpRequest hold;
    hold.url = url + "/held";
    const std::jthread holding([&] { EXPECT_TRUE(net::make_http_client()->send(hold)); });
    held.wait();
    for (const Route& route : routes()) {
      if (route.scope == Scope::ticket) continue;
      net::HttpRequest request;
      request.method = route.method;
      request.url = url + target_of(route);
      request.headers = headers_for(route, url);
      request.body = body_for(route);
      const auto answer = net::make_http_client()->send(request);
      EXPECT_TRUE(answer) << route.pattern;
      if (!answer) continue;
      EXPECT_EQ(answer->status, status) << route.method << " " << route.pattern << answer->body;
      expect_as_documented(route.method, route.pattern, {answer->status, answer->headers, answer->body});
    }
    over.count_down();
  }

  static constexpr const char* kCredentials = R"({"username":"king@example.org","password":"correct horse"})";
  std::string king_, ticket_, cookie_, form_token_;
  std::map<std::string_view, std::string> bodies_;
};

TEST_F(OpenApiTroubles, OfEveryRouteWithoutItsStoreAreAsItSays) {
  ticket_ = text(post("/api/v1/ws-token", "", king_, {{"Host", "hub.test"}}), "ws_token");
  {
    auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
    ASSERT_TRUE(other);
    for (const char* table : {"users", "teams", "memberships", "refresh_families", "refresh_tokens",
                              "machine_tokens", "invitations", "events", "hub_meta"}) {
      ASSERT_TRUE(other->execute(fmt::format("ALTER TABLE {0} RENAME TO lost_{0}", table))) << table;
    }
  }
  clock_.advance_ms(1000);  // what was found of the store before holds for that long
  std::set<std::string> without;
  for (const Route& route : routes()) {
    std::vector<net::Header> headers = headers_for(route, "http://hub.test");
    headers.push_back({"Host", "hub.test"});
    net::ServerRequest head{std::string(route.method), target_of(route), headers, {}};
    head.asks_for_web_socket = route.scope == Scope::ticket;
    const auto answer = send(std::move(head), body_for(route));
    if (answer.status != 503) without.insert(fmt::format("{} {}", route.method, route.pattern));
    expect_as_documented(route.method, route.pattern, answer);
  }
  EXPECT_EQ(without, (std::set<std::string>{"GET /", "GET /sign-in", "GET /invitation", "GET /page.css",
                                            "POST /oauth/device", "GET /api/v1/sync/health/", "GET /healthz",
                                            "GET /metrics"}));
}

TEST_F(OpenApiTroubles, OfADamagedEventAreAsItSays) {
  store_two_sides_of_a_conflict();
  auto other = sqlite::Connection::open(directory_ / "hub.db", sqlite::Access::read_write);
  ASSERT_TRUE(other && other->execute("UPDATE events SET body = replace(body, 'planned', 'planted')"));
  expect_get("/api/v1/events", "/api/v1/events", 503, ada_);
}

TEST_F(OpenApiTroubles, OfEveryRouteWithoutAThreadAreAsItSays) {
  expect_turned_away({.workers = 2, .most_of_account = 1}, 429);
  expect_turned_away({.workers = 1, .max_waiting = 0}, 503);
}

TEST_F(OpenApiTroubles, OfEveryRouteTooLateAreAsItSays) {
  for (const Route& route : routes()) {
    const net::ServerRequest head{std::string(route.method), target_of(route), {}, {}};
    expect_as_documented(route.method, route.pattern,
                         edge_->unserved({408, "the request did not arrive in time", head, {}}));
  }
}

}  // namespace
}  // namespace pawprint::hub::edge
