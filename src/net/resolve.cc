#include "net/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <future>
#include <memory>
#include <thread>

#include "base/format.h"

namespace pawprint::net {
namespace {

using Addresses = std::vector<std::string>;

struct Found {
  Addresses addresses;
  std::string why_not;
};

bool is_address(const std::string& host) {
  in6_addr any{};
  return inet_pton(AF_INET, host.c_str(), &any) == 1 || inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

Found look_up(const std::string& host) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &wanted, &first);
  if (failed != 0) return {{}, ::gai_strerror(failed)};
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(first, ::freeaddrinfo);
  Found found{{}, "it has no address"};
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      found.addresses.emplace_back(text);
    }
  }
  return found;
}

std::unexpected<Error> unknown(const std::string& host, std::string_view why) {
  return fail(ErrorKind::unreachable, fmt::format("cannot find the host {}: {}", host, why));
}

}  // namespace

// The system's resolver cannot be told to stop: it goes on alone if it takes too long.
Result<Addresses> resolve(const Url& url, std::chrono::milliseconds longest) {
  if (is_loopback(url)) return loopback_addresses(url);
  if (is_address(url.host)) return Addresses{url.host};
  std::promise<Found> promise;
  std::future<Found> future = promise.get_future();
  std::thread([host = url.host, promise = std::move(promise)]() mutable {
    promise.set_value(look_up(host));
  }).detach();
  if (future.wait_for(longest) != std::future_status::ready) return unknown(url.host, "no answer in time");
  Found found = future.get();
  if (found.addresses.empty()) return unknown(url.host, found.why_not);
  return std::move(found.addresses);
}

}  // namespace pawprint::net
