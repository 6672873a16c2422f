#include "net/request_head.h"

#include <algorithm>

#include "net/same_word.h"

namespace pawprint::net {
namespace {

std::size_t count_of(const ServerRequest& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::ranges::count_if(head.headers, [&](const Header& one) { return same_word(one.name, name); }));
}

}  // namespace

std::optional<HeadFault> fault_of(const ServerRequest& head, bool is_http_1_0) {
  const std::size_t hosts = count_of(head, "Host");
  if (hosts > 1 || (hosts == 0 && !is_http_1_0)) return HeadFault{400, "exactly one Host header is wanted"};
  const std::string* coding = head.header("Transfer-Encoding");
  if (coding != nullptr && (count_of(head, "Transfer-Encoding") > 1 || !same_word(*coding, "chunked"))) {
    return HeadFault{501, "the one Transfer-Encoding that is known is chunked"};
  }
  if (coding != nullptr && is_http_1_0) return HeadFault{400, "HTTP/1.0 knows no Transfer-Encoding"};
  const std::string* length = head.header("Content-Length");
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (length != nullptr && !std::ranges::all_of(*length, is_digit)) {
    return HeadFault{400, "the Content-Length is no number"};
  }
  if (count_of(head, "Authorization") > 1)
    return HeadFault{400, "at most one Authorization header is wanted"};
  return std::nullopt;
}

void to_origin_form(ServerRequest& head) {
  const std::string_view target = head.target;
  const auto scheme_end = std::min(target.find("://"), target.size());
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!same_word(scheme, "http") && !same_word(scheme, "https")) return;
  const std::string_view rest = target.substr(std::min(scheme_end + 3, target.size()));
  const auto path = std::min(rest.find_first_of("/?"), rest.size());
  const std::string host(rest.substr(0, path));
  for (Header& one : head.headers) {
    if (same_word(one.name, "Host")) one.value = host;
  }
  std::string origin_form(rest.substr(path));
  if (!origin_form.starts_with('/')) origin_form.insert(origin_form.begin(), '/');
  head.target = std::move(origin_form);
}

}  // namespace pawprint::net
