#include "hub/edge/exchange.h"

#include <algorithm>

#include "base/url.h"

namespace pawprint::hub::edge {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The value of the first pair of that name, as it came.
std::optional<std::string_view> value_in(std::string_view pairs, std::string_view name) {
  while (!pairs.empty()) {
    const std::string_view pair = pairs.substr(0, pairs.find('&'));
    pairs.remove_prefix(std::min(pair.size() + 1, pairs.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) return pair.substr(std::min(equals + 1, pair.size()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    const int high = at + 2 < text.size() ? hex_value(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    at += 2;
  }
  return out;
}

std::optional<std::string> query_value(const Exchange& exchange, std::string_view name) {
  const auto value = value_in(exchange.query, name);
  if (!value) return std::nullopt;
  return percent_decoded(*value).value_or(std::string(*value));
}

std::optional<std::string> cookie_value(const Exchange& exchange, std::string_view name) {
  const std::string* header = exchange.request.header("Cookie");
  std::string_view rest = header == nullptr ? std::string_view() : *header;
  while (!rest.empty()) {
    std::string_view pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    pair.remove_prefix(std::min(pair.find_first_not_of(' '), pair.size()));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

std::optional<std::string> hub_origin(const Exchange& exchange) {
  std::string base = exchange.services.public_url;
  const std::string* host = exchange.request.header("Host");
  if (base.empty() && host != nullptr) base = (exchange.services.has_tls ? "https://" : "http://") + *host;
  const auto url = parse_url(base);
  if (!url) return std::nullopt;
  return origin_of(*url);
}

std::optional<std::string> form_value(const Exchange& exchange, std::string_view name) {
  const auto value = value_in(exchange.body, name);
  if (!value) return std::nullopt;
  std::string spaced(*value);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decoded(spaced).value_or(spaced);
}

}  // namespace pawprint::hub::edge
