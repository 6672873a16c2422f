// The live channel: `live_bench [SOCKETS]`. Deliveries to many sockets beside what bare sends take, single
// events by WebSocket, memory of an idle hub and of a socket, and what one slow reader does to the others.
// One process is the hub, others the clients; all share the machine's cores.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/format.h"
#include "hub/fanout/fanout.h"
#include "hub/identity/keys.h"
#include "hub/live/live.h"
#include "many_readers.h"
#include "net/http_server.h"
#include "net/web_socket_client.h"
#include "protocol/envelope.h"

namespace pawprint::hub {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kAllAtOnce = 4096;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

long resident_kib() {
  std::ifstream status("/proc/self/statm");
  long total = 0, resident = 0;
  status >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

std::string event_of(std::uint64_t number) {
  protocol::Envelope envelope;
  envelope.event_id = fmt::format("01KGJX5B3V9M3S4T5V{:08}", number);
  envelope.event_type = "WPCreated";
  envelope.aggregate_id = "WP01";
  envelope.aggregate_type = "WorkPackage";
  envelope.payload = fmt::format(R"({{"wp_id":"WP01","title":"{}","feature_slug":"032-sync"}})",
                                 std::string(300, 'x'));  // about 750 bytes in all
  envelope.node_id = "a1b2c3d4e5f6";
  envelope.lamport_clock = number;
  envelope.timestamp = "2026-02-03T12:00:00.000Z";
  envelope.team_slug = "acme";
  envelope.project_uuid = "550e8400-e29b-41d4-a716-446655440000";
  return protocol::write_envelope(envelope);
}

// A hub without its HTTP pipeline: everybody comes in.
struct Hub {
  SystemClock clock;
  SystemRandom random;
  PosixDisk disk;
  Environment environment;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<access::Access> access;
  std::unique_ptr<ingest::Ingest> ingest;
  std::unique_ptr<board::Board> board;
  std::unique_ptr<fanout::Fanout> fanout = fanout::make_local_fanout();
  std::unique_ptr<live::Live> live;
  std::unique_ptr<net::HttpServer> server;
  identity::Principal ada;

  explicit Hub(const Path& directory) {
    environment.clock = &clock;
    environment.random = &random;
    environment.disk = &disk;
    store = std::move(store::Store::open(environment, directory).value());
    const store::Team team = store->users().add_team("acme", "").value();
    const auto user = store->users().add_user("ada@example.org", "Ada", "no hash", team, store::kRoleMember);
    ada = {user->user_id, team.team_id, team.slug, std::string(store::kRoleMember)};
    access = std::make_unique<access::Access>(environment, *store,
                                              identity::load_or_make_keys(environment, directory).value());
    ingest::QuotaLimits quota;
    quota.events_per_second = quota.burst_events = quota.bytes_per_second = quota.burst_bytes = 1e12;
    ingest = std::make_unique<ingest::Ingest>(*store, clock, quota);
    board = std::make_unique<board::Board>(*store);
    live = std::make_unique<live::Live>(live::LiveServices{*store, *access, *ingest, *board, clock}, *fanout);
    store->log().on_growth([this](std::string_view team_id) { fanout->grown(team_id); });
    server = std::move(
        net::start_http_server({.crew = {4, kAllAtOnce}},  // else some that come at once are told 503
                               [this](const net::ServerRequest& head) -> net::Admission {
                                 return {.upgrade = live->open(ada, head.target.ends_with("clock"))};
                               })
            .value());
  }
  ~Hub() {
    live->stop();
    server.reset();
    store->log().on_growth(nullptr);
  }

  // What each new socket gets first: the answer to its upgrade, and the snapshot.
  std::uint64_t live_snapshot_bytes() {
    constexpr std::uint64_t kUpgradeBytes = 100;  // at least
    live::TeamStream stream(*store, *board, clock, ada.team_id);
    return kUpgradeBytes + stream.snapshot()->frames->size();
  }

  void add(std::uint64_t first, std::uint64_t count) {
    std::string body = R"({"events":[)";
    for (std::uint64_t i = 0; i < count; ++i) body += (i == 0 ? "" : ",") + event_of(first + i);
    if (ingest->batch({ada.team_id, ada.team_slug, ada.user_id, ada.role}, body + "]}").status != 200) {
      std::abort();
    }
  }
};

struct Rounds {
  const char* what;
  std::uint64_t count;
  std::uint64_t events;  // in each
  double wanted;         // deliveries per second of CPU
};

// Deliveries per second in each round, of CPU and of time.
class Deliveries {
 public:
  explicit Deliveries(std::uint64_t in_a_round) : in_a_round_(static_cast<double>(in_a_round)) {}

  void begin() {
    cpu_ = cpu_seconds();
    start_ = Clock::now();
  }
  void end() {
    per_second_.push_back(in_a_round_ / seconds_since(start_));
    per_cpu_second_.push_back(in_a_round_ / (cpu_seconds() - cpu_));
  }
  // The medians. Returns that of the CPU.
  double report(const char* what) {
    const double per_cpu_second = median(per_cpu_second_);
    std::printf("%-38s %9.0f deliveries/s wall, %9.0f per second of CPU\n", what, median(per_second_),
                per_cpu_second);
    return per_cpu_second;
  }

 private:
  static double median(std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
  }
  const double in_a_round_;
  double cpu_ = 0;
  Clock::time_point start_;
  std::vector<double> per_second_, per_cpu_second_;
};

// What the kernel alone takes for it: one send for each socket, of as many bytes.
class Floor {
 public:
  explicit Floor(std::uint64_t sockets) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, any, size) != 0 || ::listen(listener_, 4096) != 0 ||
        ::getsockname(listener_, any, &size) != 0) {
      std::abort();
    }
    readers_.emplace(ntohs(address.sin_port), sockets);
    for (std::uint64_t i = 0; i < sockets; ++i) {
      sockets_.push_back(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC));
      const int no_delay = 1;
      ::setsockopt(sockets_.back(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    }
  }
  ~Floor() {
    for (const int socket : sockets_) ::close(socket);
    ::close(listener_);
  }
  Floor(const Floor&) = delete;
  Floor& operator=(const Floor&) = delete;

  double measure(const Rounds& rounds) const {
    constexpr std::size_t kMostAtOnce = 128U << 10;
    const std::string all(rounds.events * (event_of(1).size() + 100), 'x');
    Deliveries deliveries(rounds.events * sockets_.size());
    for (std::uint64_t round = 0; round < rounds.count; ++round) {
      deliveries.begin();
      for (std::size_t sent = 0; sent < all.size(); sent += kMostAtOnce) {
        const std::string_view part = std::string_view(all).substr(sent, kMostAtOnce);
        for (const int socket : sockets_) {
          if (::send(socket, part.data(), part.size(), 0) != static_cast<ssize_t>(part.size())) std::abort();
        }
      }
      readers_->wait_for(all.size() * sockets_.size());
      deliveries.end();
    }
    return deliveries.report("  floor: one send to each socket");
  }

 private:
  int listener_;
  std::optional<bench::ManyReaders> readers_;
  std::vector<int> sockets_;
};

std::uint64_t bytes_after(Hub& hub, std::uint64_t seq) {
  std::uint64_t bytes = 0;
  for (;;) {
    const auto chunk = live::read_chunk(*hub.store, hub.ada.team_id, seq).value();
    if (chunk == nullptr) return bytes;
    bytes += chunk->frames->size();
    seq = chunk->last().seq;
  }
}

void measure(const Rounds& rounds, const Floor& floor, Hub& hub, const bench::ManyReaders& readers,
             std::uint64_t& next) {
  Deliveries deliveries(rounds.events * readers.sockets());
  for (std::uint64_t round = 0; round < rounds.count; ++round) {
    const std::uint64_t before = next - 1;
    deliveries.begin();
    hub.add(next, rounds.events);
    next += rounds.events;
    readers.wait_for(bytes_after(hub, before) * readers.sockets());
    deliveries.end();
  }
  const double ours = deliveries.report(rounds.what);
  std::printf("  of the floor %.2f (wanted %.0f per second of CPU)\n", ours / floor.measure(rounds),
              rounds.wanted);
}

// Seconds until the last of the readers has had it, of so many single events; sorted.
std::vector<double> delays(std::size_t events, Hub& hub, const bench::ManyReaders& readers,
                           std::uint64_t& next) {
  std::vector<double> all;
  while (all.size() < events) {
    const std::uint64_t before = next - 1;
    const auto start = Clock::now();
    hub.add(next++, 1);
    readers.wait_for(bytes_after(hub, before) * readers.sockets());
    all.push_back(seconds_since(start));
  }
  std::ranges::sort(all);
  return all;
}

// First without it, then while it takes a byte a second of far more than the kernel holds for it.
void measure_beside_a_slow_reader(Hub& hub, const bench::ManyReaders& readers, std::uint64_t& next) {
  constexpr std::size_t kEvents = 300;
  constexpr std::size_t kP99 = kEvents * 99 / 100;
  const auto alone = delays(kEvents, hub, readers, next);
  const bench::SlowReader slow(hub.server->port());
  const std::uint64_t before = next - 1;
  for (int burst = 0; burst < 8; ++burst, next += 1000) hub.add(next, 1000);
  readers.wait_for(bytes_after(hub, before) * readers.sockets());
  const auto beside = delays(kEvents, hub, readers, next);
  std::printf(
      "until the last of the others has it    p50 %.1f ms, p99 %.1f ms; beside a reader of 1 byte/s "
      "p50 %.1f ms, p99 %.1f ms: %.2f times (wanted <= 2)\n",
      alone[kEvents / 2] * 1e3, alone[kP99] * 1e3, beside[kEvents / 2] * 1e3, beside[kP99] * 1e3,
      beside[kP99] / alone[kP99]);
}

// Sends events from `first` on, `window` of them on the way at most, until all have an ack.
[[noreturn]] void be_a_client(std::uint16_t port, std::uint64_t first, std::uint64_t events) {
  constexpr std::uint64_t kWindow = 256;
  const std::chrono::seconds most{30};
  auto opened =
      net::open_web_socket({.url = fmt::format("ws://127.0.0.1:{}/ws/v1/events/?stream=clock", port)});
  std::uint64_t acks = 0;
  for (std::uint64_t sent = 0; acks < events;) {
    if (sent < events && sent - acks < kWindow) {
      if (!opened->socket->send(event_of(first + sent++), most)) ::_exit(1);
      continue;
    }
    const auto frame = opened->socket->receive(most);
    if (!frame || !*frame) ::_exit(1);
    acks += (*frame)->contains(R"("type":"ack")") ? 1 : 0;
  }
  ::_exit(0);
}

void measure_single_events(Hub& hub, std::uint64_t& next) {
  constexpr std::uint64_t kEach = 5'000;
  constexpr std::uint64_t kClients = 8;
  const auto start = Clock::now();
  const double cpu_before = cpu_seconds();
  std::vector<pid_t> children;
  for (std::uint64_t client = 0; client < kClients; ++client) {
    children.push_back(::fork());
    if (children.back() == 0) be_a_client(hub.server->port(), next + client * kEach, kEach);
  }
  for (const pid_t child : children) {
    int status = 0;
    if (::waitpid(child, &status, 0) != child || status != 0) std::abort();
  }
  next += kClients * kEach;
  std::printf("%-38s %9.0f acknowledged/s wall (wanted 20000), %.1f us CPU each; %d clients, window 256\n",
              "single events by WebSocket", kClients * kEach / seconds_since(start),
              (cpu_seconds() - cpu_before) * 1e6 / (kClients * kEach), static_cast<int>(kClients));
}

void measure_memory(Hub& hub, std::optional<bench::ManyReaders>& readers, std::uint64_t sockets) {
  const long idle_kib = resident_kib();
  const std::uint64_t snapshot_bytes = hub.live_snapshot_bytes();
  readers.emplace(hub.server->port(), sockets);
  readers->wait_for(snapshot_bytes * sockets);
  std::printf("memory of %llu sockets: %.1f KiB each (wanted <= 20)\n",
              static_cast<unsigned long long>(sockets),
              static_cast<double>(resident_kib() - idle_kib) / static_cast<double>(sockets));
}

void run(std::uint64_t sockets) {
  constexpr Rounds kBursts{.what = "bursts of 1,000 events", .count = 9, .events = 1000, .wanted = 1e6};
  constexpr Rounds kOneByOne{.what = "event by event", .count = 200, .events = 1, .wanted = 250e3};
  std::string directory = "/var/tmp/paw-live-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) std::abort();
  const Floor floor(sockets);
  {
    Hub hub(directory);
    std::printf("memory of an idle hub: %ld KiB resident (wanted <= 30720)\n", resident_kib());
    std::uint64_t next = 1;
    measure_single_events(hub, next);
    std::optional<bench::ManyReaders> readers;
    measure_memory(hub, readers, sockets);
    measure(kBursts, floor, hub, *readers, next);
    measure(kOneByOne, floor, hub, *readers, next);
    measure_beside_a_slow_reader(hub, *readers, next);
  }
  std::filesystem::remove_all(directory);
}

void allow_many_files() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace
}  // namespace pawprint::hub

int main(int argc, char** argv) {
  pawprint::hub::allow_many_files();
  pawprint::hub::run(argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000);
}
