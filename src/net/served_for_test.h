// A server of a test's own, and whoever asks it. For tests alone.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "net/http_client.h"
#include "net/http_server.h"
#include "net/scripted_peer_for_test.h"

namespace pawprint::net {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

inline Admission echo(const ServerRequest& head) {
  return {.with_body =
              [head](std::string body) {
                const std::string* asked = head.header("x-ask");
                return ServerAnswer{200,
                                    {{"X-Method", head.method},
                                     {"X-Target", head.target},
                                     {"X-Asked", asked ? *asked : "nothing"}},
                                    std::move(body)};
              },
          .max_body_bytes = 1U << 30};
}

// Handles each request by `work`, which takes no body.
inline HttpServer::Handler handled(std::function<void()> work) {
  return [work = std::move(work)](const ServerRequest&) {
    return Admission{.with_body = [work](const std::string&) {
      work();
      return ServerAnswer{200, {}, "done"};
    }};
  };
}

class Served : public ::testing::Test {
 protected:
  void serve(const ServerOptions& options, HttpServer::Handler handler = echo) {
    auto started = start_http_server(options, std::move(handler));
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
  }

  HttpRequest post(std::string body) const {
    HttpRequest request;
    request.method = "POST";
    request.url = "http://127.0.0.1:" + std::to_string(server_->port()) + "/path?q=1";
    request.body = std::move(body);
    return request;
  }

  Result<HttpAnswer> send(const HttpRequest& request) { return client_->send(request); }

  Socket raw() const { return Socket::connected_to(server_->port()); }

  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpClient> client_ = make_http_client();
};

}  // namespace pawprint::net
