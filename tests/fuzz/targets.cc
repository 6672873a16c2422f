#include "targets.h"

#include <cstdio>
#include <cstdlib>

namespace pawprint::fuzz {

std::span<const Target> targets() {
  static constexpr Target kTargets[] = {
      {"http", read_http_request},  {"forwarded", read_forwarded}, {"web_socket", read_web_socket},
      {"batch", read_batch},        {"frame", read_frame},         {"json_body", read_json_body},
      {"token", read_access_token}, {"cursor", read_cursor},       {"query", read_query},
      {"yaml", edit_yaml},          {"toml", edit_toml},           {"frontmatter", edit_frontmatter},
  };
  return kTargets;
}

void must_hold(bool promise, const char* what) {
  if (promise) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace pawprint::fuzz
