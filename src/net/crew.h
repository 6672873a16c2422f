// The threads that a server's handlers run on, and the answers that the server gives without a handler.
#pragma once

#include <memory>

#include "base/format.h"
#include "net/http_server.h"

namespace boost::asio {
class thread_pool;
}

namespace pawprint::net {

// `inside` counts the requests that run or wait; used on the I/O thread alone.
struct Crew {
  std::unique_ptr<boost::asio::thread_pool> threads;
  std::size_t inside = 0;
  std::size_t most_inside = 0;

  Crew();
  ~Crew();  // waits for what runs
  void start(const ServerOptions::Crew& wanted);
  bool is_full() const { return inside >= most_inside; }
};

inline ServerAnswer plain_error(int status, std::string_view why) {
  return {status, {{"Content-Type", "application/json"}}, fmt::format("{{\"error\":\"{}\"}}", why)};
}

inline ServerAnswer answer_to(const Unserved& request) {
  ServerAnswer answer = plain_error(request.status, request.why);
  if (request.status == 429 || request.status == 503) answer.headers.push_back({"Retry-After", "1"});
  return answer;
}

}  // namespace pawprint::net
