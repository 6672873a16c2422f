#include "hub/edge/router.h"

#include <optional>

namespace pawprint::hub::edge {
namespace {

// nullopt: the path does not match. Otherwise what the placeholders matched.
std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::string_view path) {
  std::vector<std::string> names;
  while (true) {
    const auto wanted = pattern.substr(0, pattern.find('/'));
    const auto given = path.substr(0, path.find('/'));
    if (wanted.starts_with('{')) {
      auto name = percent_decoded(given);
      if (!name || name->empty()) return std::nullopt;
      names.push_back(std::move(*name));
    } else if (wanted != given) {
      return std::nullopt;
    }
    const bool pattern_ends = wanted.size() == pattern.size();
    const bool path_ends = given.size() == path.size();
    if (pattern_ends || path_ends) {
      return pattern_ends && path_ends ? std::optional(std::move(names)) : std::nullopt;
    }
    pattern.remove_prefix(wanted.size() + 1);
    path.remove_prefix(given.size() + 1);
  }
}

}  // namespace

Match match_route(std::span<const Route> table, std::string_view method, std::string_view path) {
  const std::string_view served = method == "HEAD" ? "GET" : method;
  Match match;
  for (const Route& route : table) {
    auto names = match_path(route.pattern, path);
    if (!names) continue;
    if (route.method == served) return {&route, std::move(*names), {}};
    match.allowed += match.allowed.empty() ? "" : ", ";
    match.allowed += route.method == "GET" ? "GET, HEAD" : route.method;
  }
  return match;
}

}  // namespace pawprint::hub::edge
