// What an emit costs beside its floor: one prepared INSERT into the same table, one UPDATE of a row of meta,
// and the commit. Both are measured in turns in the same run, so that what else the machine does falls on
// both.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <numeric>

#include "base/file_lock.h"
#include "client/make_emitter.h"
#include "crowd.h"
#include "outbox/schema.h"
#include "plain_sqlite.h"
#include "workshop.h"

namespace pawprint::bench {
namespace {

constexpr std::uint64_t kNoSpill = 100'000'000;
constexpr int kRounds = 7;

// The floor in a database of its own with the schema of the queue. Several processes take a lock first, as
// SQLite's own waiting is slower.
class Floor {
 public:
  Floor(const Path& file, Durability durability, const std::string& data, int process, bool alone)
      : database_(file),
        lock_(file.parent_path() / "floor.lock"),
        data_(data),
        process_(process),
        alone_(alone) {
    database_.execute(durability == Durability::power ? "PRAGMA synchronous = FULL"
                                                      : "PRAGMA synchronous = NORMAL");
    begin_ = database_.prepare("BEGIN IMMEDIATE");
    insert_ = database_.prepare(
        "INSERT INTO queue(event_id, lamport, link_id, project_uuid, state, queued_at, data, repo_instance) "
        "VALUES(?1, ?2, 1, '5d2ec3a6-1d21-4a72-9c2b-0c7d3c1f0a11', 'pending', 0, ?3, "
        "'/somewhere/project/.git')");
    update_ = database_.prepare("UPDATE meta SET value = ?1 WHERE key = 'high_water' AND scope = ''");
    commit_ = database_.prepare("COMMIT");
  }

  void operator()() {
    if (alone_) return append();
    const FileLock lock = FileLock::acquire_blocking(lock_).value();
    append();
  }

 private:
  void append() {
    ++count_;
    char id[32];
    std::snprintf(id, sizeof id, "01K%03dFLOOR%015lld", process_, static_cast<long long>(count_));
    begin_.run();
    insert_.bind(1, std::string_view(id)).bind(2, count_).bind(3, data_).run();
    update_.bind(1, count_).run();
    commit_.run();
    if (database_.wal_pages() > 128) database_.execute("PRAGMA wal_checkpoint(PASSIVE)");
  }

  PlainDatabase database_;
  Path lock_;
  std::string data_;
  int process_;
  bool alone_;
  std::int64_t count_ = 0;
  PlainStatement begin_, insert_, update_, commit_;
};

void prepare_floor(const Path& file, int rows, const std::string& data, Disk& disk) {
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
  outbox::create_database(disk, file).value();
  auto connection = sqlite::Connection::open(file, sqlite::Access::read_write).value();
  connection.execute("INSERT INTO meta(key, value) VALUES('high_water', 0) ON CONFLICT DO NOTHING; BEGIN")
      .value();
  auto insert = connection
                    .prepare(
                        "INSERT INTO queue(event_id, lamport, link_id, project_uuid, state, queued_at, data, "
                        "repo_instance) VALUES('01A' || ?1, ?1, 1, '5d2ec3a6-1d21-4a72-9c2b-0c7d3c1f0a11', "
                        "'pending', 0, ?2, '/somewhere/project/.git')")
                    .value();
  for (int row = 0; row < rows; ++row)
    insert.bind(1, std::int64_t{1'000'000} + row).bind(2, data).run().value();
  connection.execute("COMMIT").value();
  connection.checkpoint_truncate().value();
}

// Of all processes together, each doing nothing else.
double per_second(const std::vector<double>& durations, int processes) {
  const double sum_us = std::accumulate(durations.begin(), durations.end(), 0.0);
  return 1e6 * static_cast<double>(durations.size()) * processes / sum_us;
}

void report(benchmark::State& state, std::vector<double>& ours, std::vector<double>& floor) {
  const int processes = static_cast<int>(state.range(0));
  state.counters["emits_per_s"] = per_second(ours, processes);
  state.counters["floors_per_s"] = per_second(floor, processes);
  state.counters["emit_p50_us"] = quantile(ours, 0.5);
  state.counters["floor_p50_us"] = quantile(floor, 0.5);
  state.counters["ratio"] = quantile(ours, 0.5) / quantile(floor, 0.5);
  state.counters["emit_p99_us"] = quantile(ours, 0.99);
  state.counters["floor_p99_us"] = quantile(floor, 0.99);
  state.counters["emit_max_us"] = ours.back();
}

// range 0: processes; range 1: events that wait already; range 2: whether that is all that the queue takes,
// so that every emission goes to the overflow.
void emit_beside_floor(benchmark::State& state, Durability durability) {
  const int processes = static_cast<int>(state.range(0));
  const int waiting = static_cast<int>(state.range(1));
  const std::uint64_t limit = state.range(2) == 0 ? kNoSpill : static_cast<std::uint64_t>(waiting);
  const int calls = (durability == Durability::power ? 400 : 1600) / processes;
  Workshop workshop;
  workshop.empty_home(kNoSpill);
  workshop.fill(1);
  const std::string data = workshop.envelope();
  const Path floor_file = workshop.home().parent_path() / "floor.db";
  std::vector<double> ours, floor;
  for (auto _ : state) {
    for (int round = 0; round < kRounds; ++round) {
      workshop.empty_home(limit);
      workshop.fill(waiting);
      const auto emits = crowd_durations(processes, calls, [&](int) -> Operation {
        auto emitter = std::make_shared<Emitter>(client::make_emitter(workshop.environment()));
        return [emitter, durability, event = Workshop::event()] { emitter->emit(event, durability).value(); };
      });
      ours.insert(ours.end(), emits.begin(), emits.end());
      prepare_floor(floor_file, waiting, data, *workshop.environment().disk);
      const auto floors = crowd_durations(processes, calls, [&](int process) -> Operation {
        auto append = std::make_shared<Floor>(floor_file, durability, data, process, processes == 1);
        return [append] { (*append)(); };
      });
      floor.insert(floor.end(), floors.begin(), floors.end());
    }
  }
  report(state, ours, floor);
}

void cases(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"processes", "waiting", "full"})->Iterations(1)->Unit(benchmark::kMillisecond);
  for (const int processes : {1, 2, 8}) {
    benchmark->Args({processes, 0, 0})->Args({processes, 9'000, 0})->Args({processes, 9'000, 1});
  }
}

BENCHMARK_CAPTURE(emit_beside_floor, process, Durability::process)->Apply(cases);
BENCHMARK_CAPTURE(emit_beside_floor, power, Durability::power)->Apply(cases);

}  // namespace
}  // namespace pawprint::bench

BENCHMARK_MAIN();
