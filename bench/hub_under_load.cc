#include "hub_under_load.h"

#include <chrono>
#include <thread>

#include "base/format.h"
#include "base/ulid.h"
#include "net/gzip.h"
#include "protocol/envelope.h"

namespace pawprint::bench {
namespace {

constexpr std::string_view kProject = "550e8400-e29b-41d4-a716-446655440000";
constexpr std::size_t kWorkPackages = 200;  // of all machines
constexpr std::chrono::minutes kBoardWait{2};

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

void send_all(const RunningHub& hub, const std::string& token, const std::vector<std::string>& batches) {
  const auto client = hub.client();
  for (const std::string& zipped : batches) {
    net::HttpRequest request = request_to("POST", hub.origin() + "/api/v1/events/batch/", token);
    request.headers.push_back({"Content-Encoding", "gzip"});
    request.body = zipped;
    const auto answer = need(client->send(request));
    if (answer.status == 200 && !answer.body.contains("\"error\"")) continue;
    give_up(fmt::format("{} {:.300}", answer.status, answer.body));
  }
}

void wait_for_board(const RunningHub& hub, const std::string& token) {
  const auto client = hub.client();
  const net::HttpRequest request = request_to(
      "GET", fmt::format("{}/api/v1/projects/{}/features/032-sync", hub.origin(), kProject), token);
  const auto deadline = std::chrono::steady_clock::now() + kBoardWait;
  while (!need(client->send(request)).body.contains("\"events_behind\":0,")) {
    if (std::chrono::steady_clock::now() > deadline) give_up("the board is still behind");
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

Cost load_hub(const Path& directory, const Batches& batches, Over over) {
  RunningHub hub(directory, over);
  const std::string token = hub.sign_in();
  const auto begin = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> senders;
    for (const auto& of_one : batches.of_machine) senders.emplace_back([&] { send_all(hub, token, of_one); });
  }
  wait_for_board(hub, token);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const auto events = static_cast<double>(batches.count * kEventsPerBatch);
  return {hub.stop() * 1e6 / events, events / seconds.count()};
}

}  // namespace pawprint::bench
