// What TLS costs the real hub: `tls_bench [SOCKETS] [BATCHES]`. Memory of idle sockets of the live channel,
// handshakes beside OpenSSL alone, and ingest over https beside http, in the same run.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "hub_under_load.h"
#include "live_line.h"

namespace pawprint::bench {
namespace {

constexpr int kRounds = 5;
constexpr std::size_t kMachines = 4;

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Path fresh_directory(const char* name) {
  const Path directory = std::filesystem::current_path() / "tls_bench.tmp" / name;
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  return directory;
}

double kib_per_socket(Over over, std::size_t sockets) {
  const RunningHub hub(fresh_directory("memory"), over);
  const auto tls = client_context(hub.authority());
  open_live(hub, tls.get(), 1);  // what the first one needs stays
  const long before = hub.resident_kib();
  const auto lines = open_live(hub, tls.get(), sockets);
  return static_cast<double>(hub.resident_kib() - before) / static_cast<double>(lines.size());
}

void measure_memory(std::size_t sockets) {
  const double plain = kib_per_socket(Over::http, sockets);
  const double tls = kib_per_socket(Over::https, sockets);
  std::printf("memory of %zu idle live sockets: %.1f KiB each, over TLS %.1f KiB each (wanted <= 60)\n",
              sockets, plain, tls);
}

// One connection after the other, each with a request; from several threads, so that the hub always has one.
Cost connect_and_ask(const RunningHub& hub, ssl_ctx_st* tls) {
  constexpr std::size_t kEach = 400;
  const double cpu = hub.cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> clients;
    for (std::size_t client = 0; client < kMachines; ++client) {
      clients.emplace_back([&] {
        for (std::size_t i = 0; i < kEach; ++i) {
          const LiveLine line(hub.port(), tls);
          line.send("GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n");
          line.read_until("\r\n\r\n");
        }
      });
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  return {(hub.cpu_seconds() - cpu) * 1e6 / (kMachines * kEach), kMachines * kEach / seconds.count()};
}

void measure_handshakes() {
  constexpr std::size_t kBare = 400;
  const Path directory = fresh_directory("handshakes");
  const RunningHub plain_hub(fresh_directory("connections"), Over::http);
  const RunningHub hub(directory, Over::https);
  const auto tls = client_context(hub.authority());
  std::vector<double> per_second, cpu_us, plain_us, bare_us;
  for (int round = 0; round < kRounds; ++round) {
    plain_us.push_back(connect_and_ask(plain_hub, nullptr).cpu_us_per_event);
    const Cost cost = connect_and_ask(hub, tls.get());
    cpu_us.push_back(cost.cpu_us_per_event);
    per_second.push_back(cost.events_per_second);
    bare_us.push_back(
        bare_handshake_us(directory / "certificate.pem", directory / "key.pem", tls.get(), kBare));
  }
  const double more = median(cpu_us) - median(plain_us);
  std::printf(
      "connections with a handshake and a request: %.0f/s wall, %.0f us CPU of the hub each; without TLS "
      "%.0f us; OpenSSL's side of the handshake alone %.0f us: TLS costs %.2f times that\n",
      median(per_second), median(cpu_us), median(plain_us), median(bare_us), more / median(bare_us));
}

void measure_ingest(std::size_t count) {
  const Batches batches = make_batches(count, kMachines);
  std::vector<double> cpu[2], rate[2];
  for (int round = 0; round < kRounds; ++round) {
    for (const Over over : {Over::http, Over::https}) {
      const Cost cost = load_hub(fresh_directory("ingest"), batches, over);
      cpu[over == Over::https].push_back(cost.cpu_us_per_event);
      rate[over == Over::https].push_back(cost.events_per_second);
    }
  }
  std::printf("ingest of %zu batches of %zu events, medians of %d\n", count, kEventsPerBatch, kRounds);
  std::printf("  http   %6.2f us CPU/event  %8.0f events/s\n", median(cpu[0]), median(rate[0]));
  std::printf("  https  %6.2f us CPU/event  %8.0f events/s\n", median(cpu[1]), median(rate[1]));
  std::printf("  ratio  %6.2f               %8.2f\n", median(cpu[1]) / median(cpu[0]),
              median(rate[1]) / median(rate[0]));
}

void allow_many_files() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace
}  // namespace pawprint::bench

int main(int argc, char** argv) {
  const auto number = [&](int place, long otherwise) {
    return static_cast<std::size_t>(argc > place ? std::strtol(argv[place], nullptr, 10) : otherwise);
  };
  pawprint::bench::allow_many_files();
  pawprint::bench::measure_memory(number(1, 1000));
  pawprint::bench::measure_handshakes();
  pawprint::bench::measure_ingest(number(2, 40));
  std::filesystem::remove_all(std::filesystem::current_path() / "tls_bench.tmp");
}
