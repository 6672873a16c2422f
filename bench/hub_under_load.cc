#include "hub_under_load.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "base/environment.h"
#include "base/format.h"
#include "base/ulid.h"
#include "hub/identity/password.h"
#include "hub/main/serve.h"
#include "hub/store/store.h"
#include "net/gzip.h"
#include "net/http_client.h"
#include "protocol/envelope.h"

namespace pawprint::bench {
namespace {

constexpr std::string_view kProject = "550e8400-e29b-41d4-a716-446655440000";
constexpr std::size_t kWorkPackages = 200;  // of all machines
constexpr std::chrono::minutes kBoardWait{2};
constexpr std::string_view kPassword = "correct horse";

net::HttpRequest request_to(std::string method, std::string url) {
  net::HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  return request;
}

template <class T>
T need(Result<T> result) {
  if (result) {
    if constexpr (!std::is_void_v<T>) return std::move(*result);
    return T();
  }
  std::fprintf(stderr, "hub_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

// The status changes of one machine, whose work packages take turns.
class Machine {
 public:
  Machine(std::size_t number, std::size_t machines)
      : node_id_(fmt::format("a1b2c3d4e5{:02x}", number)),
        first_(number * kWorkPackages / machines),
        last_ids_((number + 1) * kWorkPackages / machines - first_) {}

  std::string event(const std::string& id, std::uint64_t lamport) {
    const std::size_t place = made_ % last_ids_.size();
    const std::string wp_id = fmt::format("WP{:03}", first_ + place);
    const bool even = made_++ / last_ids_.size() % 2 == 0;
    protocol::Envelope envelope;
    envelope.event_id = id;
    envelope.event_type = "WPStatusChanged";
    envelope.aggregate_id = wp_id;
    envelope.aggregate_type = "WorkPackage";
    envelope.payload = fmt::format(
        R"({{"wp_id":"{}","from_lane":"{}","to_lane":"{}","actor":"ada@example.org","feature_slug":"032-sync",)"
        R"("force":false,"reason":"{}"}})",
        wp_id, even ? "planned" : "in_progress", even ? "in_progress" : "planned", std::string(90, 'r'));
    envelope.node_id = node_id_;
    envelope.lamport_clock = lamport;
    if (!last_ids_[place].empty()) envelope.causation_id = last_ids_[place];
    envelope.correlation_id = id;
    envelope.timestamp = "2026-02-03T12:00:00.000Z";
    envelope.team_slug = "acme";
    envelope.project_uuid = kProject;
    envelope.project_slug = "demo";
    envelope.git_branch = "032-sync-work-package";
    envelope.head_commit_sha = std::string(40, 'a');
    envelope.repo_slug = "acme/demo";
    last_ids_[place] = id;
    return protocol::write_envelope(envelope);
  }

 private:
  std::string node_id_;
  std::size_t first_;
  std::vector<std::string> last_ids_;
  std::size_t made_ = 0;
};

[[noreturn]] void be_the_hub(const Environment& environment, const Path& data, int ready) {
  ::dup2(ready, STDOUT_FILENO);
  hub::Serve wanted{data, "127.0.0.1", 0, {}};
  wanted.quota = {
      .events_per_second = 1e9, .burst_events = 1e9, .bytes_per_second = 1e12, .burst_bytes = 1e12};
  need(hub::serve(environment, wanted));
  std::_Exit(0);
}

std::string origin_told(int descriptor) {
  std::string line;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') line += c;
  if (!line.contains("http")) std::exit(1);
  return line.substr(line.find("http"));
}

std::string sign_in(const std::string& origin) {
  net::HttpRequest request = request_to("POST", origin + "/api/v1/token/");
  request.headers = {{"Content-Type", "application/json"}};
  request.body = fmt::format(R"({{"username":"ada@example.org","password":"{}"}})", kPassword);
  const auto answer = need(net::make_http_client()->send(request));
  const auto begin = answer.body.find(R"("access":")") + 10;
  return answer.body.substr(begin, answer.body.find('"', begin) - begin);
}

void send_all(const std::string& origin, const std::string& token, const std::vector<std::string>& batches) {
  const auto client = net::make_http_client();
  for (const std::string& zipped : batches) {
    net::HttpRequest request = request_to("POST", origin + "/api/v1/events/batch/");
    request.headers = {{"Content-Type", "application/json"},
                       {"Content-Encoding", "gzip"},
                       {"Authorization", "Bearer " + token}};
    request.body = zipped;
    const auto answer = need(client->send(request));
    if (answer.status == 200 && !answer.body.contains("\"error\"")) continue;
    std::fprintf(stderr, "hub_bench: %d %.300s\n", answer.status, answer.body.c_str());
    std::exit(1);
  }
}

void wait_for_board(const std::string& origin, const std::string& token) {
  const auto client = net::make_http_client();
  net::HttpRequest request =
      request_to("GET", fmt::format("{}/api/v1/projects/{}/features/032-sync", origin, kProject));
  request.headers = {{"Authorization", "Bearer " + token}};
  const auto deadline = std::chrono::steady_clock::now() + kBoardWait;
  while (!need(client->send(request)).body.contains("\"events_behind\":0,")) {
    if (std::chrono::steady_clock::now() > deadline) {
      std::fprintf(stderr, "hub_bench: the board is still behind\n");
      std::exit(1);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

Batches make_batches(std::size_t count, std::size_t machines) {
  SystemClock clock;
  SystemRandom random;
  UlidGenerator ids(clock, random);
  std::vector<Machine> all;
  for (std::size_t m = 0; m < machines; ++m) all.emplace_back(m, machines);
  Batches batches;
  batches.of_machine.resize(machines);
  batches.count = count;
  std::size_t bytes = 0;
  for (std::size_t b = 0; b < count; ++b) {
    std::string body = R"({"events":[)";
    for (std::size_t i = 0; i < kEventsPerBatch; ++i) {
      body += (i == 0 ? "" : ",") + all[b % machines].event(ids.next(), b * kEventsPerBatch + i + 1);
    }
    body += "]}";
    bytes += body.size();
    batches.of_machine[b % machines].push_back(need(net::gzip(body)));
  }
  batches.bytes_per_event = static_cast<double>(bytes) / static_cast<double>(count * kEventsPerBatch);
  return batches;
}

Cost load_hub(const Path& directory, const Batches& batches) {
  const Environment environment = process_environment();
  {
    const auto store = need(hub::store::Store::open(environment, directory));
    const auto team = need(store->users().add_team("acme", "Acme"));
    const auto hash = hub::identity::hash_password(kPassword);
    need(store->users().add_user("ada@example.org", "Ada", *hash, team, hub::store::kRoleMember));
  }
  int ready[2];
  if (::pipe(ready) != 0) std::exit(1);
  const pid_t process = ::fork();
  if (process == 0) be_the_hub(environment, directory, ready[1]);
  ::close(ready[1]);
  const std::string origin = origin_told(ready[0]);
  const std::string token = sign_in(origin);
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> senders;
    for (const auto& of_one : batches.of_machine) {
      senders.emplace_back([&] { send_all(origin, token, of_one); });
    }
  }
  wait_for_board(origin, token);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  ::kill(process, SIGTERM);
  rusage used{};
  int status = 0;
  ::wait4(process, &status, 0, &used);
  const auto events = static_cast<double>(batches.count * kEventsPerBatch);
  const auto cpu_seconds = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  return {cpu_seconds * 1e6 / events, events / seconds.count()};
}

}  // namespace pawprint::bench
