// What the hub counts of itself, in the text format of Prometheus (version 0.0.4). No label holds a word of a
// stranger: routes are patterns of the hub's table, categories the hub's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace pawprint::hub::metrics {

// What is not counted but read at the moment of asking.
struct Readings {
  std::uint64_t events_behind = 0;  // stored, but not on the board yet, of all teams
  std::size_t connections = 0;      // of HTTP
  std::size_t sockets = 0;          // of the live channel
  std::size_t max_open = 0;         // of both together
  std::uint64_t turned_away =
      0;  // connections, because so many were open, in all or of strangers at one address
  std::uint64_t tls_too_many = 0;   // connections that came to no TLS: so many handshakes were under way
  std::uint64_t tls_handshake = 0;  // theirs failed
  std::uint64_t disk_free_bytes = 0;
};

// Thread-safe. Nothing blocks.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  // `route` is the pattern of the route, empty if there was none.
  void request_answered(std::string_view route, int status);
  // `verdict` as on the wire; `category` is empty unless the events were refused.
  void events_judged(std::string_view verdict, std::string_view category, std::size_t count);
  void committed(std::chrono::nanoseconds duration);

  std::string text(const Readings& readings);

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace pawprint::hub::metrics
