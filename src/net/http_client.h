// A blocking HTTP/1.1 client. Plain http to loopback only; to others https, with their certificates checked.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/tls_context.h"

namespace pawprint::net {

struct Header {
  std::string name;
  std::string value;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // absolute
  std::vector<Header> headers;
  std::string body;
  std::chrono::milliseconds timeout{10'000};  // for the whole exchange, connecting included
  std::uint64_t max_answer_bytes = 16U << 20;
};

struct HttpAnswer {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
  const std::string* header(std::string_view name) const;  // case-insensitive, nullptr if absent
};

// The seam that tests and simulations replace.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Kind `unreachable`: no complete answer (refused, timed out, lost). Redirects are answers, not followed.
  virtual Result<HttpAnswer> send(const HttpRequest& request) = 0;
};

// Keeps one connection per origin open between calls. Not thread-safe. Once `interrupted` (which outlives the
// client) is set, an exchange has one second left, then ends with kind `interrupted`. The authorities of
// `trust` are read when the first https connection is made.
std::unique_ptr<HttpClient> make_http_client(const std::atomic<bool>* interrupted = nullptr,
                                             TlsTrust trust = {});

}  // namespace pawprint::net
