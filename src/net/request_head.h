// What HTTP (RFC 9112) says of a request's head beyond its grammar. No Boost in this header.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.h"

namespace pawprint::net {

// A head that a parser of Beast has read.
template <class Parsed>
ServerRequest as_sent(const Parsed& parsed, const std::string& remote_address) {
  ServerRequest head;
  head.method = parsed.method_string();
  head.target = parsed.target();
  for (const auto& field : parsed) head.headers.push_back({field.name_string(), field.value()});
  head.remote_address = remote_address;
  return head;
}

struct HeadFault {
  int status = 0;
  std::string_view why;
};

// Of a head as it was sent. 400: no Host or more than one (3.2; HTTP/1.0 may do without), a Content-Length
// that is a list (6.3), a Transfer-Encoding in HTTP/1.0 (6.1), more than one Authorization (RFC 9110, 5.3).
// 501: a Transfer-Encoding that is not `chunked` alone, so that where the body ends, or what it is, would be
// guessed (6.1).
std::optional<HeadFault> fault_of(const ServerRequest& head, bool is_http_1_0);

// A target of the absolute form, as proxies are sent, becomes its path and query, and its host the Host
// (3.2.2).
void to_origin_form(ServerRequest& head);

}  // namespace pawprint::net
