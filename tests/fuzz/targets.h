// What strangers can send to the code that reads it, one function each. `./dev fuzz` feeds them with
// libFuzzer; replay_test.cc feeds them with tests/fuzz/corpus, without it.
#pragma once

#include <span>
#include <string_view>

namespace pawprint::fuzz {

struct Target {
  const char* name;               // also the folder of its corpus
  void (*run)(std::string_view);  // ends the program if a promise is broken
};

std::span<const Target> targets();

void must_hold(bool promise, const char* what);

void read_http_request(std::string_view bytes);  // at the server, as it comes over a connection
void read_forwarded(std::string_view lines);     // the two headers of a trusted proxy, a line each
void read_web_socket(std::string_view bytes);    // at the server, behind the upgrade
void read_batch(std::string_view body);          // gzip or JSON
void read_frame(std::string_view text);          // a message of the live channel
void read_json_body(std::string_view body);      // of a request that is no batch
void read_access_token(std::string_view token);  // and the same bytes as claims that are signed
void read_cursor(std::string_view text);
void read_query(std::string_view target);  // path, query, form, the route that it is for
void edit_yaml(std::string_view text);
void edit_toml(std::string_view text);
void edit_frontmatter(std::string_view markdown);

}  // namespace pawprint::fuzz
