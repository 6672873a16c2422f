// What ingest costs: `hub_bench [BATCHES] [STORED]`. First the whole hub over HTTP (gzip batches of 1000
// events, signed in, judged, stored, shown on the board) beside the bare floor (inflate, parse, insert,
// commit) on the same machine in the same run; then what an event and a look at the board cost behind STORED
// events in the log beside up to 100,000, in turns. 0 BATCHES: only the second; 0 STORED: only the first.
#include <sys/resource.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/environment.h"
#include "base/format.h"
#include "base/ulid.h"
#include "hub/board/board.h"
#include "hub/ingest/cut.h"
#include "hub/store/later_schema.h"
#include "hub/store/log_schema.h"
#include "hub/store/store.h"
#include "hub_under_load.h"
#include "net/gzip.h"
#include "plain_sqlite.h"
#include "protocol/ids.h"

namespace pawprint::bench {
namespace {

constexpr int kRounds = 3;
constexpr int kRoundsOfSizes = 7;
constexpr std::size_t kFew = 100'000;
constexpr std::size_t kWatched = 50'000;
constexpr std::size_t kMachines = 4;
constexpr std::string_view kTeam = "01KGJX5B3V9M3S4T5V00000000";  // as long as a real one

class Stopwatch {
 public:
  Cost per_event(std::size_t events) const {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
    const auto count = static_cast<double>(events);
    return {(cpu_seconds() - cpu_) * 1e6 / count, count / wall.count()};
  }

 private:
  static double cpu_seconds() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  }
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  double cpu_ = cpu_seconds();
};

// What the table takes of an event; nothing is checked.
void insert_one(PlainStatement& insert, std::int64_t seq, std::string_view slice) {
  alignas(std::max_align_t) unsigned char room[16384];  // no allocation for each value
  boost::json::monotonic_resource memory(room, sizeof room);
  boost::json::error_code failed;
  const auto parsed = boost::json::parse(slice, failed, &memory);
  if (failed) std::exit(1);
  const auto& event = parsed.as_object();
  const auto text = [&event](const char* key) { return std::string_view(event.at(key).as_string()); };
  insert.bind(1, kTeam).bind(2, seq).bind(3, text("event_id")).bind(4, text("project_uuid"));
  insert.bind(5, text("event_type")).bind(6, event.at("lamport_clock").to_number<std::int64_t>());
  insert.bind(7, text("node_id")).bind(8, std::int64_t{1'790'000'000'000}).bind_blob(9, slice);
  insert.bind_blob(10, std::string_view("01234567890123456789012345678901")).run();
}

// One thread, one connection, the hub's own table and indexes: no HTTP, no tokens, no rules, no hash, no
// board.
Cost floor_of(const Path& directory, const Batches& batches) {
  PlainDatabase database(directory / "floor.db");
  database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  database.execute(std::string(hub::store::kLogSchema).c_str());
  database.execute(std::string(hub::store::kEventsByProject).c_str());
  auto insert = database.prepare("INSERT INTO events VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  auto begin = database.prepare("BEGIN IMMEDIATE"), commit = database.prepare("COMMIT");
  const Stopwatch watch;
  std::int64_t seq = 0;
  for (std::size_t b = 0; b < batches.count; ++b) {
    const auto body = net::gunzip(batches.of_machine[b % kMachines][b / kMachines], 16U << 20);
    const auto slices = hub::ingest::cut_events(*body, kEventsPerBatch);
    begin.run();
    for (const std::string_view slice : *slices) insert_one(insert, ++seq, slice);
    commit.run();
    if (database.wal_pages() > 1000) database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  return watch.per_event(static_cast<std::size_t>(seq));
}

Cost median(std::vector<Cost> costs) {
  std::ranges::sort(costs, {}, &Cost::cpu_us_per_event);
  const double cpu = costs[costs.size() / 2].cpu_us_per_event;
  std::ranges::sort(costs, {}, &Cost::events_per_second);
  return {cpu, costs[costs.size() / 2].events_per_second};
}

Path fresh_directory(const char* name) {
  const Path directory = std::filesystem::current_path() / "hub_bench.tmp" / name;
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  return directory;
}

void compare_with_floor(std::size_t count) {
  const Batches batches = make_batches(count, kMachines);
  std::vector<Cost> floors, hubs;
  for (int round = 0; round < kRounds; ++round) {
    floors.push_back(floor_of(fresh_directory("floor"), batches));
    hubs.push_back(load_hub(fresh_directory("hub"), batches));
  }
  const Cost floor = median(floors), hub = median(hubs);
  std::printf("%zu events of %.0f bytes, medians of %d\n", count * kEventsPerBatch, batches.bytes_per_event,
              kRounds);
  std::printf("  floor  %6.2f us CPU/event  %8.0f events/s\n", floor.cpu_us_per_event,
              floor.events_per_second);
  std::printf("  hub    %6.2f us CPU/event  %8.0f events/s\n", hub.cpu_us_per_event, hub.events_per_second);
  std::printf("  ratio  %6.2f (wanted <= 2)  %8.2f (wanted >= 0.5)\n",
              hub.cpu_us_per_event / floor.cpu_us_per_event, hub.events_per_second / floor.events_per_second);
}

using MakeId = std::function<std::string()>;

// The log of a team that has a board of 200 cards as well.
class GrowingLog {
 public:
  GrowingLog(const Path& directory, MakeId next_id)
      : store_(std::move(*hub::store::Store::open(process_environment(), directory))),
        team_id_(store_->users().add_team("acme", "Acme")->team_id),
        next_id_(std::move(next_id)) {
    make_cards();
  }

  void append(std::size_t count) {
    for (std::size_t added = 0; added < count; added += kEventsPerBatch) {
      std::vector<hub::store::NewEvent> events(kEventsPerBatch);
      for (hub::store::NewEvent& event : events) {
        event.event_id = next_id_();
        event.event_type = "WPStatusChanged";
        event.node_id = "a1b2c3d4e5f6";
        event.body = std::string(750, 'x');
      }
      if (!store_->log().append(team_id_, events)) std::exit(1);
    }
  }

  Cost append_watched(std::size_t count) {
    const Stopwatch watch;
    append(count);
    return watch.per_event(count);
  }

  // What reading the board costs, the log's newest events taken in before.
  Cost query_board() {
    constexpr std::size_t kQueries = 500;
    hub::board::Board board(*store_);
    if (!board.catch_up(team_id_)) std::exit(1);
    const Stopwatch watch;
    for (std::size_t query = 0; query < kQueries; ++query) {
      if (!board.feature(team_id_, "project", "feature")) std::exit(1);
    }
    return watch.per_event(kQueries);
  }

 private:
  void make_cards() {
    auto update = store_->boards().update(team_id_);
    for (int number = 0; number < 200; ++number) {
      hub::store::CardRow card;
      card.wp_id = card.title = fmt::format("WP{:03}", number);
      if (!update->put_card({"project", "feature", card.wp_id}, card)) std::exit(1);
    }
    if (!update->put_feature("project", "feature") || !update->finish({})) std::exit(1);
  }

  std::unique_ptr<hub::store::Store> store_;
  std::string team_id_;
  MakeId next_id_;
};

struct Costs {
  std::vector<Cost> appends, queries;
  void take(GrowingLog& log) {
    appends.push_back(log.append_watched(kWatched));
    queries.push_back(log.query_board());
  }
  void print(std::size_t stored) const {
    const Cost append = median(appends);
    std::printf("  at %9zu stored  %6.2f us CPU/event  %8.0f events/s  board query %6.0f us CPU\n", stored,
                append.cpu_us_per_event, append.events_per_second, median(queries).cpu_us_per_event);
  }
};

// A page of memory that the machine has not used for long costs a virtual one several times what another
// does, whatever it is taken for. So the two take turns, and of the small logs each is a new one beside the
// former, whose pages are not free for the next.
void compare_sizes(const char* ids, const MakeId& next_id, std::size_t most) {
  const Path directory = fresh_directory("log");
  Costs small, large;
  {
    GrowingLog long_log(fresh_directory("log/long"), next_id);
    long_log.append(most);
    for (int round = 0; round < kRoundsOfSizes; ++round) {
      GrowingLog short_log(fresh_directory(fmt::format("log/short{}", round).c_str()), next_id);
      short_log.append(kFew - kWatched);
      small.take(short_log);
      large.take(long_log);
    }
  }
  std::filesystem::remove_all(directory);
  std::printf("append of %zu events, %s; a board of 200 cards; medians of %d\n", kWatched, ids,
              kRoundsOfSizes);
  small.print(kFew);
  large.print(most);
  std::printf("  ratio  %23.2f (wanted <= 1.25 in the order of time)  %14.2f\n",
              median(large.appends).cpu_us_per_event / median(small.appends).cpu_us_per_event,
              median(large.queries).cpu_us_per_event / median(small.queries).cpu_us_per_event);
}

void compare_all_sizes(std::size_t most) {
  SystemClock clock;
  SystemRandom random;
  UlidGenerator ids(clock, random);
  compare_sizes("ids in the order of time", [&] { return ids.next(); }, most);
  compare_sizes("random ids (UUIDv4)", [&] { return protocol::new_uuid_v4(random); }, most);
}

}  // namespace
}  // namespace pawprint::bench

int main(int argc, char** argv) {
  const auto number = [&](int place, long otherwise) {
    return static_cast<std::size_t>(argc > place ? std::strtol(argv[place], nullptr, 10) : otherwise);
  };
  const std::size_t batches = number(1, 100), stored = number(2, 1'000'000);
  if (batches > 0) pawprint::bench::compare_with_floor(batches);
  if (stored > 0) pawprint::bench::compare_all_sizes(stored);
  std::filesystem::remove_all(std::filesystem::current_path() / "hub_bench.tmp");
  return 0;
}
