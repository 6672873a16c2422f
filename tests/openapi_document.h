// docs/openapi.yaml as tests read it, and how a real answer is held against it.
#pragma once

#include <gtest/gtest.h>
#include <libfyaml.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "hub/edge/edge_fixture.h"
#include "hub/edge/router.h"
#include "schema/schema.h"

namespace pawprint::hub::edge {

namespace json = boost::json;

inline constexpr const char* kFile = PAWPRINT_SOURCE_DIR "/docs/openapi.yaml";

inline json::value read_document() {
  fy_document* document = fy_document_build_from_file(nullptr, kFile);
  if (document == nullptr || fy_document_resolve(document) != 0) return nullptr;
  char* text = fy_emit_document_to_string(document, FYECF_MODE_JSON);
  json::value value = json::parse(text);
  std::free(text);
  fy_document_destroy(document);
  return value;
}

inline const json::object& document() {
  static const json::value value = read_document();
  return value.as_object();
}

inline std::string lower(std::string_view method) {
  std::string text(method);
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  return text;
}

// nullptr: the document has no such operation.
inline const json::object* operation(std::string_view method, std::string_view pattern) {
  const auto* path = document().at("paths").as_object().if_contains(pattern);
  const auto* found = path == nullptr ? nullptr : path->as_object().if_contains(lower(method));
  return found == nullptr ? nullptr : found->if_object();
}

inline std::string_view schemes_for(Scope scope) {
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
inline const json::value& resolved(const json::value& value) {
  const auto* object = value.if_object();
  const auto* reference = object == nullptr ? nullptr : object->if_contains("$ref");
  if (reference == nullptr) return value;
  static const json::value whole = document();
  return whole.at_pointer(std::string_view(reference->as_string()).substr(1));
}

// A schema of the document by itself, with all that it may refer to.
inline schema::Schema schema_from(const json::value& part) {
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
    const auto& described = resolved(*entry).as_object();
    if (const auto* headers = described.if_contains("headers"); headers != nullptr && answer.status != 200) {
      for (const auto& [name, value] : headers->as_object()) {
        const auto* required = value.as_object().if_contains("required");
        if (required != nullptr && !required->as_bool()) continue;
        EXPECT_NE(header(answer, name), "") << method << " " << pattern << " " << answer.status << name;
      }
    }
    const auto* content = described.if_contains("content");
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

}  // namespace pawprint::hub::edge
