// docs/openapi.yaml says what the hub serves: every route of the table and no other, who may call it, and
// what real answers look like.
#include <set>

#include "openapi_document.h"

namespace pawprint::hub::edge {
namespace {

// "get" as "GET"
std::string upper(std::string_view method) {
  std::string text(method);
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

// The names of the security schemes that an operation takes, " " between; empty: none is needed.
std::string schemes_of(const json::object& operation) {
  const auto* own = operation.if_contains("security");
  std::string all;
  for (const auto& one : (own != nullptr ? *own : document().at("security")).as_array()) {
    all += (all.empty() ? "" : " ") + std::string(one.as_object().begin()->key());
  }
  return all;
}

TEST(OpenApi, SaysOfEveryRouteWhoMayCallItAndWhatItsBodyIs) {
  for (const Route& route : routes()) {
    const json::object* found = operation(route.method, route.pattern);
    if (found == nullptr) {
      ADD_FAILURE() << "docs/openapi.yaml does not have " << route.method << " " << route.pattern
                    << ": add it under `paths:`, with `summary`, `security` (" << schemes_for(route.scope)
                    << "), its parameters, its body if it takes one, and `responses`";
      continue;
    }
    EXPECT_EQ(schemes_of(*found), schemes_for(route.scope)) << route.method << " " << route.pattern;
    const auto* body = found->if_contains("requestBody");
    EXPECT_EQ(body != nullptr, route.max_body_bytes > 0) << route.method << " " << route.pattern;
    if (body == nullptr) continue;
    EXPECT_TRUE(body->at("content").as_object().contains(
        route.media == Media::form ? "application/x-www-form-urlencoded" : "application/json"))
        << route.method << " " << route.pattern;
  }
}

TEST(OpenApi, HasNoOperationThatTheHubDoesNotServe) {
  std::set<std::string> served;
  for (const Route& route : routes()) served.insert(fmt::format("{} {}", route.method, route.pattern));
  for (const auto& [path, operations] : document().at("paths").as_object()) {
    for (const auto& [method, operation] : operations.as_object()) {
      EXPECT_TRUE(served.contains(upper(method) + " " + std::string(path)))
          << "docs/openapi.yaml has " << upper(method) << " " << path
          << ", which is not in src/hub/edge/routes.cc: take it out of `paths:`";
      for (const auto& parameter : operation.as_object().contains("parameters")
                                       ? operation.at("parameters").as_array()
                                       : json::array()) {
        const std::string placeholder = fmt::format("{{{}}}", parameter.at("name").as_string().c_str());
        EXPECT_EQ(parameter.at("in").as_string() == "path", std::string_view(path).contains(placeholder))
            << path << " " << placeholder;
      }
    }
  }
}

TEST(OpenApi, EverySchemaIsOneAndEveryReferenceLeadsSomewhere) {
  for (const auto& [name, part] : document().at("components").at("schemas").as_object()) schema_from(part);
  for (const Route& route : routes()) {
    const json::object* found = operation(route.method, route.pattern);
    if (found == nullptr) continue;
    for (const auto& [status, answer] : found->at("responses").as_object()) {
      EXPECT_TRUE(resolved(answer).as_object().contains("description")) << route.pattern << " " << status;
    }
  }
}

TEST(OpenApi, SaysOfEveryRouteThatItMayBeTooSlowTooMuchOrUnavailable) {
  for (const Route& route : routes()) {
    const json::object* found = operation(route.method, route.pattern);
    if (found == nullptr) continue;
    for (const char* status : {"408", "429", "503"}) {
      if (route.scope == Scope::ticket && status == std::string_view("429"))
        continue;  // it waits for no thread
      EXPECT_TRUE(found->at("responses").as_object().contains(status))
          << route.method << " " << route.pattern << " " << status;
    }
  }
}

TEST_F(OpenApiAnswers, OfReadingAreAsItSays) {
  store_two_sides_of_a_conflict();
  const std::string project = fmt::format("/api/v1/projects/{}", kProject);
  const std::string feature = fmt::format("{}/features/{}", project, kFeature);
  expect_get("/api/v1/projects", "/api/v1/projects", 200, ada_);
  expect_get("/api/v1/projects/{uuid}", project, 200, ada_);
  expect_get("/api/v1/projects/{uuid}/features/{slug}", feature, 200, ada_);
  expect_get("/api/v1/events", "/api/v1/events?limit=2", 200, ada_);
  expect_get("/api/v1/me", "/api/v1/me", 200, ada_);
  expect_get("/api/v1/nodes", "/api/v1/nodes", 200, ada_);
  for (const auto& [path, target] : {std::pair("/api/v1/projects/{uuid}", project),
                                     std::pair("/api/v1/projects/{uuid}/features/{slug}", feature)}) {
    expect_get(path, target, 403, token_of("bob@example.org"));
    expect_get(path, target, 401, "no");
  }
  for (const std::string list : {"/api/v1/events", "/api/v1/projects", "/api/v1/nodes"}) {
    expect_get(list, list + "?limit=0", 400, ada_);
    expect_get(list, list + "?after=no", 410, ada_);
  }
}

TEST_F(OpenApiAnswers, OfSigningInAndSendingAreAsItSays) {
  const auto signed_in = sign_in_as("ada@example.org");
  expect_as_documented("POST", "/api/v1/token/", signed_in);
  expect_as_documented("POST", "/api/v1/token/", sign_in_as("ada@example.org", "wrong"));
  expect_as_documented("POST", "/api/v1/token/", post("/api/v1/token/", "[]"));
  const std::string refresh = fmt::format(R"({{"refresh":"{}"}})", text(signed_in, "refresh"));
  expect_as_documented("POST", "/api/v1/token/refresh/", post("/api/v1/token/refresh/", refresh));
  expect_as_documented("POST", "/api/v1/token/team",
                       post("/api/v1/token/team", R"({"team_slug":"other"})", ada_));
  expect_as_documented(
      "POST", "/api/v1/ws-token/",
      send({"POST", "/api/v1/ws-token/", {{"Authorization", "Bearer " + ada_}, {"Host", "x"}}, {}}));
  expect_as_documented("POST", "/api/v1/ws-token", post("/api/v1/ws-token", "", ada_));  // without a Host
  const std::string path = "/api/v1/events/batch/";
  expect_as_documented("POST", path, batch(R"({"events":)", ada_));
  expect_as_documented("POST", path, batch(std::string(9U << 20, ' '), ada_));
  const auto astray = fmt::format(R"({{"events":[{}]}})", move_event(1, "planned", "done", "elsewhere"));
  expect_as_documented("POST", path, batch(astray, ada_));
  expect_as_documented("POST", path, batch("{}", ada_, {{"Content-Encoding", "br"}}));
}

TEST_F(OpenApiAnswers, OfOauthAreAsItSays) {
  const auto ask = [&] { return expect_form("/oauth/device", "client_id=pawprint&team_slug=acme", 200); };
  const auto poll = [&](const net::ServerAnswer& codes, int status) {
    clock_.advance_ms(5000);
    return expect_form("/oauth/token",
                       "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=" +
                           text(codes, "device_code"),
                       status);
  };
  const auto [cookie, form_token] = cookie_and_form_token();
  const auto decide = [&](const net::ServerAnswer& codes, std::string_view decision, int status) {
    const std::string query = "user_code=" + text(codes, "user_code");
    const auto shown = send({"GET", "/device?" + query, {{"Host", "hub.test"}, {"Cookie", cookie}}, {}});
    expect_as_documented("GET", "/device", shown);
    expect_form("/device", fmt::format("{}&form_token={}&team=acme&decision={}", query, form_token, decision),
                status, cookie);
  };
  const auto codes = ask(), refused = ask();
  poll(codes, 400);
  decide(codes, "perhaps", 400);
  decide(codes, "approve", 200);
  decide(codes, "approve", 404);
  const auto tokens = poll(codes, 200);
  decide(refused, "deny", 200);
  poll(refused, 400);
  const std::string refresh = text(tokens, "refresh_token");
  expect_form("/oauth/token", "grant_type=refresh_token&refresh_token=" + refresh, 200);
  expect_form("/oauth/token", "grant_type=refresh_token&refresh_token=x", 400);
  expect_form("/oauth/revoke", "token=" + refresh, 200);
}

TEST_F(OpenApiAnswers, OfInvitationsAndPagesAreAsItSays) {
  const std::string path = "/api/v1/invitations";
  add_user("king@example.org", **store_->users().find_team("other"), store::kRoleOwner);
  const std::string king = token_of("king@example.org");
  const auto invite = [&] {
    return text(expect_post(path, R"({"role":"member"})", 200, king), "invitation");
  };
  expect_post(path, R"({"role":"member"})", 403, ada_);
  expect_post(path, R"({"role":"nobody"})", 400, king);
  const std::string joined = fmt::format(R"({{"invitation":"{}"}})", invite());
  expect_post(path + "/join", joined, 200, ada_);
  expect_post(path + "/join", joined, 403, ada_);
  expect_post(path + "/join", fmt::format(R"({{"invitation":"{}"}})", invite()), 409, ada_);
  const std::string newcomer =
      fmt::format(R"({{"invitation":"{}","email":"eve@example.org","password":"{}"}})", invite(), kPassword);
  expect_post(path + "/accept", newcomer, 200, "");
  expect_post(path + "/accept", newcomer, 403, "");
  expect_post(path + "/accept", R"({"invitation":5})", 400, "");
  const std::string id = text(expect_post(path, "{}", 200, king), "id");
  for (const int status : {200, 403}) {
    const auto answer = post(fmt::format("{}/{}/withdraw", path, id), "", king);
    EXPECT_EQ(answer.status, status) << answer.body;
    expect_as_documented("POST", path + "/{id}/withdraw", answer);
  }
  expect_get(path, path, 200, king);
  expect_form("/invitation",
              fmt::format("invitation={}&email=max%40example.org&password=correct+horse", invite()), 200);
  expect_form("/invitation", fmt::format("invitation={}&email=none&password=correct+horse", invite()), 400);
  expect_form("/invitation", "invitation=x&email=max%40example.org&password=correct+horse", 403);
  for (const char* page : {"/", "/sign-in", "/invitation", "/page.css"}) expect_get(page, page, 200, "");
  expect_get("/device", "/device", 303, "");
  expect_form("/sign-in", "username=ada%40example.org&password=correct+horse", 303);
  expect_form("/sign-in", "username=ada%40example.org&password=wrong", 403);
  const auto [cookie, form_token] = cookie_and_form_token();
  expect_form("/sign-out", "form_token=x", 403, cookie);
  expect_form("/sign-out", "form_token=" + form_token, 303, cookie);
}

// By nobody, by whom the hub does not know, by a user and by a machine, with bodies that are none.
TEST_F(OpenApiAnswers, OfEveryRouteToWhatItDoesNotTakeAreAsItSays) {
  const std::string machine = issue_machine_token("acme").text;
  const auto [cookie, form_token] = cookie_and_form_token();
  const std::vector<std::vector<net::Header>> callers{
      {}, bearer("x"), bearer(ada_), bearer(machine), {{"Cookie", cookie}}};
  struct Body {
    std::string text, type, encoding;
  };
  for (const Route& route : routes()) {
    const std::string fit =
        route.media == Media::form ? "application/x-www-form-urlencoded" : "application/json";
    std::vector<Body> bodies{{}};
    if (route.max_body_bytes > 0) {
      const std::string too_long(route.max_body_bytes + 1, 'x');
      bodies = {{"{}", fit, ""},   {"[]", fit, ""},          {"{}", "text/plain", ""},
                {"{}", fit, "br"}, {"no gzip", fit, "gzip"}, {too_long, fit, ""}};
    }
    for (const auto& caller : callers) {
      for (const Body& body : bodies) {
        std::vector<net::Header> headers = caller;
        headers.push_back({"Host", "hub.test"});
        headers.push_back({"Origin", "http://hub.test"});
        if (!body.type.empty()) headers.push_back({"Content-Type", body.type});
        if (!body.encoding.empty()) headers.push_back({"Content-Encoding", body.encoding});
        expect_as_documented(
            route.method, route.pattern,
            send({std::string(route.method), std::string(route.pattern), headers, {}}, body.text));
      }
    }
  }
}

TEST_F(OpenApiAnswers, OfOperatingAreAsItSays) {
  for (const char* path : {"/healthz", "/readyz", "/api/v1/sync/health/"}) expect_get(path, path, 200, "");
}

}  // namespace
}  // namespace pawprint::hub::edge
