// A real hub in a process of its own, over a data directory with one team and one member.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/disk.h"
#include "net/http_client.h"

namespace pawprint::bench {

enum class Over { http, https };

// Any failure ends the program. To be made while the program has one thread.
class RunningHub {
 public:
  // `directory` is empty, or that of such a hub before. Over https with a certificate made for it there.
  RunningHub(const Path& directory, Over over);
  ~RunningHub();  // kills it
  RunningHub(const RunningHub&) = delete;
  RunningHub& operator=(const RunningHub&) = delete;

  const std::string& origin() const { return origin_; }
  std::uint16_t port() const;
  // PEM file of who vouches for its certificate; empty over http.
  const std::string& authority() const { return authority_; }
  std::unique_ptr<net::HttpClient> client() const;  // believes it
  std::string sign_in() const;                      // the member's access token

  double cpu_seconds() const;  // of the whole process so far
  long resident_kib() const;
  double stop();  // as SIGTERM does; the CPU seconds that it took from its start to its end

 private:
  Path directory_;
  std::string origin_, authority_;
  pid_t process_ = 0;
};

// A request that is signed in, if there is a token.
net::HttpRequest request_to(std::string method, std::string url, const std::string& token = {});

[[noreturn]] void give_up(const std::string& why);

// Ends the program if there is none.
template <class T>
T need(Result<T> result) {
  if (!result) give_up(result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace pawprint::bench
