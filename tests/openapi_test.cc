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
      return "ticket";
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
    const auto& part = resolved(*entry).at("content").at("application/json").at("schema");
    const auto held = schema_from(part).check(json::parse(answer.body), "answer");
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
  expect_get("/api/v1/events", "/api/v1/events?limit=0", 400, ada_);
  expect_get("/api/v1/events", "/api/v1/events?after=no", 410, ada_);
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
  const std::string path = "/api/v1/events/batch/";
  expect_as_documented("POST", path, batch(R"({"events":)", ada_));
  expect_as_documented("POST", path, batch(std::string(9U << 20, ' '), ada_));
  const auto astray = fmt::format(R"({{"events":[{}]}})", move_event(1, "planned", "done", "elsewhere"));
  expect_as_documented("POST", path, batch(astray, ada_));
  expect_as_documented("POST", path, batch("{}", ada_, {{"Content-Encoding", "br"}}));
}

TEST_F(OpenApiAnswers, OfOperatingAreAsItSays) {
  for (const char* path : {"/healthz", "/readyz", "/api/v1/sync/health/"}) expect_get(path, path, 200, "");
}

}  // namespace
}  // namespace pawprint::hub::edge
