// A bad network between clients and a hub: a TCP proxy whose every connection suffers what it is told to.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace pawprint::testing {

// What becomes of the connections made from now on.
struct Weather {
  std::chrono::milliseconds latency{0};  // before what came is passed on, in each direction
  std::size_t bytes_at_once = 0;         // passed on piece by piece, `latency` apart; 0: as it comes
  std::size_t cut_after_bytes = 0;       // of the request: then the connection is reset; 0: never
  std::size_t cut_answer_after_bytes = 0;
  bool refuses = false;              // reset as soon as it is made
  bool spares_every_second = false;  // from being cut or refused: the second one from now on, the fourth
};

// Thread-safe. Listens on a free port of 127.0.0.1 until it is destroyed; one thread.
class Proxy {
 public:
  explicit Proxy(const std::string& to_url);
  Proxy(const Proxy&) = delete;
  ~Proxy();
  const std::string& url() const { return url_; }  // http://127.0.0.1:PORT
  void set(const Weather& weather);
  std::size_t connections() const { return connections_; }  // so many so far

 private:
  class Loop;
  std::string url_;
  std::atomic<std::size_t> connections_ = 0;
  std::unique_ptr<Loop> loop_;
  std::thread thread_;
};

}  // namespace pawprint::testing
