// docs/openapi.yaml says what the hub serves: every route of the table and no other, who may call it, and
// what real answers look like.
#include <gtest/gtest.h>
#include <libfyaml.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>
#include <set>

#include "base/format.h"
#include "hub/edge/edge_fixture.h"
#include "hub/edge/router.h"
#include "schema/schema.h"

namespace pawprint::hub::edge {
namespace {

namespace json = boost::json;

constexpr const char* kFile = PAWPRINT_SOURCE_DIR "/docs/openapi.yaml";

json::value read_document() {
  fy_document* document = fy_document_build_from_file(nullptr, kFile);
  if (document == nullptr || fy_document_resolve(document) != 0) return nullptr;
  char* text = fy_emit_document_to_string(document, FYECF_MODE_JSON);
  json::value value = json::parse(text);
  std::free(text);
  fy_document_destroy(document);
  return value;
}

const json::object& document() {
  static const json::value value = read_document();
  return value.as_object();
}

// "get" as "GET"
std::string upper(std::string_view method) {
  std::string text(method);
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

std::string lower(std::string_view method) {
  std::string text(method);
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

// nullptr: the document has no such operation.
const json::object* operation(std::string_view method, std::string_view pattern) {
  const auto* path = document().at("paths").as_object().if_contains(pattern);
  const auto* found = path == nullptr ? nullptr : path->as_object().if_contains(lower(method));
  return found == nullptr ? nullptr : found->if_object();
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

std::string_view schemes_for(Scope scope) {
  switch (scope) {
    case Scope::open:
      return "";
    case Scope::ingest:
      return "user machine";
    case Scope::member:
    case Scope::owner:
      return "user";
    case Scope::ticket:
      return "ticket page";
    case Scope::page:
      return "page";
    case Scope::sign_in:
      return "";
  }
  return "?";
}

// `$ref` to a part of the document, followed.
const json::value& resolved(const json::value& value) {
  const auto* object = value.if_object();
  const auto* reference = object == nullptr ? nullptr : object->if_contains("$ref");
  if (reference == nullptr) return value;
  static const json::value whole = document();
  return whole.at_pointer(std::string_view(reference->as_string()).substr(1));
}

// A schema of the document by itself, with all that it may refer to.
schema::Schema schema_from(const json::value& part) {
  json::object alone = part.as_object();
  alone["$defs"] = document().at("components").at("schemas");
  std::string text = json::serialize(alone);
  constexpr std::string_view kFrom = "#/components/schemas/", kTo = "#/$defs/";
  for (auto at = text.find(kFrom); at != std::string::npos; at = text.find(kFrom, at)) {
    text.replace(at, kFrom.size(), kTo);
  }
  auto loaded = schema::load(text, "docs/openapi.yaml");
  EXPECT_TRUE(loaded) << (loaded ? "" : loaded.error().message);
  return loaded ? std::move(*loaded) : *schema::load("false", "nothing");
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

class OpenApiAnswers : public EdgeFixture {
 protected:
  void SetUp() override {
    EdgeFixture::SetUp();
    ada_ = token_of("ada@example.org");
  }

  // That the document has this status for the operation, and that the body fits the schema that it has.
  void expect_as_documented(std::string_view method, std::string_view pattern,
                            const net::ServerAnswer& answer) {
    const json::object* found = operation(method, pattern);
    ASSERT_NE(found, nullptr) << pattern;
    const auto* entry = found->at("responses").as_object().if_contains(std::to_string(answer.status));
    ASSERT_NE(entry, nullptr) << method << " " << pattern << " answered " << answer.status
                              << ", which docs/openapi.yaml does not have: " << answer.body;
    const auto* content = resolved(*entry).as_object().if_contains("content");
    const std::string type = header(answer, "Content-Type"), media = type.substr(0, type.find(';'));
    if (content == nullptr) {
      EXPECT_TRUE(answer.body.empty()) << method << " " << pattern << " " << answer.status << answer.body;
      return;
    }
    const auto* part = content->as_object().if_contains(media);
    ASSERT_NE(part, nullptr) << method << " " << pattern << " answered " << answer.status << " as \"" << media
                             << "\", which docs/openapi.yaml does not have: " << answer.body;
    if (media != "application/json") return;
    const auto held = schema_from(part->at("schema")).check(json::parse(answer.body), "answer");
    EXPECT_TRUE(held) << method << " " << pattern << ": " << (held ? "" : held.error().message) << "\n"
                      << answer.body;
  }

  void expect_get(std::string_view pattern, const std::string& target, int status, const std::string& token) {
    const auto answer = get(target, token);
    EXPECT_EQ(answer.status, status) << target;
    expect_as_documented("GET", pattern, answer);
  }

  void store_two_sides_of_a_conflict() {
    const auto answer =
        batch(fmt::format(R"({{"events":[{},{},{{"event_id":"x"}}]}})",
                          move_event(1, "planned", "in_progress"), move_event(2, "planned", "blocked")),
              ada_);
    EXPECT_EQ(verdicts_in(answer), "success success error:schema_mismatch");
    expect_as_documented("POST", "/api/v1/events/batch/", answer);
  }

  // A cookie of ada's, and what her forms bring back.
  std::pair<std::string, std::string> cookie_and_form_token() {
    const auto cookie = access_->begin_web_session("ada@example.org", kPassword, "127.0.0.1");
    EXPECT_TRUE(cookie);
    return {fmt::format("{}={}", kSessionCookie, *cookie), access_->web_session(*cookie)->form_token};
  }

  // As a browser of ada's on the hub's own page sends it, if it has a cookie.
  net::ServerAnswer form(std::string_view path, std::string body, std::string cookie = {}) {
    std::vector<net::Header> headers{{"Host", "hub.test"},
                                     {"Origin", "http://hub.test"},
                                     {"Content-Type", "application/x-www-form-urlencoded"}};
    if (!cookie.empty()) headers.push_back({"Cookie", std::move(cookie)});
    return send({"POST", std::string(path), headers, {}}, std::move(body));
  }
  net::ServerAnswer expect_form(std::string_view path, std::string body, int status,
                                std::string cookie = {}) {
    auto answer = form(path, std::move(body), std::move(cookie));
    EXPECT_EQ(answer.status, status) << path << answer.body;
    expect_as_documented("POST", path, answer);
    return answer;
  }
  net::ServerAnswer expect_post(std::string_view path, std::string body, int status,
                                const std::string& token) {
    auto answer = post(std::string(path), std::move(body), token);
    EXPECT_EQ(answer.status, status) << path << answer.body;
    expect_as_documented("POST", path, answer);
    return answer;
  }

  std::string ada_;
};

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
