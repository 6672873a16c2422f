// What the whole command `pawprint emit` costs beside a static program that does nothing, in turns; at power
// durability also beside one that only writes as much and syncs it.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>

#include "started.h"
#include "workshop.h"

namespace pawprint::bench {
namespace {

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::vector<std::string> emit_words(const std::string& durability) {
  const Event event = Workshop::event();
  return {PAWPRINT_PROGRAM, "emit",        event.event_type, "--aggregate", event.aggregate_id,
          "--payload",      event.payload, "--durability",   durability};
}

using Words = std::vector<std::string>;
using FloorOf = std::function<Words(std::size_t command)>;

FloorOf empty_program(const Workshop&) {
  return [](std::size_t) -> Words { return {PAWPRINT_EMPTY_PROGRAM}; };
}

// Writes a file over from its begin to its end and again, as commits do the WAL.
FloorOf syncing_program(const Workshop& workshop) {
  constexpr std::size_t kSteps = 15, kStepBytes = 16 << 10;
  const Path file = workshop.home().parent_path() / "synced";
  std::ofstream(file) << std::string((kSteps + 1) * kStepBytes, '.');
  return [file](std::size_t command) -> Words {
    return {PAWPRINT_SYNCING_PROGRAM, file.string(), std::to_string(command % kSteps * kStepBytes)};
  };
}

// range 0: commands. Each is a process of its own, and no agent is ever started.
void command_beside(benchmark::State& state, const std::string& durability,
                    FloorOf make_floor(const Workshop&)) {
  const auto commands = static_cast<std::size_t>(state.range(0));
  Workshop workshop;
  workshop.empty_home(100'000'000);
  ::setenv("PAWPRINT_HOME", workshop.home().c_str(), 1);
  if (::chdir(workshop.project().c_str()) != 0) std::abort();
  const FloorOf floor_of = make_floor(workshop);
  std::vector<double> ours, floor;
  long peak_kib = 0;
  for (auto _ : state) {
    for (std::size_t command = 0; command < commands; ++command) {
      const Started emit = run_once(emit_words(durability));
      ours.push_back(emit.wall_us);
      peak_kib = std::max(peak_kib, emit.peak_kib);
      floor.push_back(run_once(floor_of(command)).wall_us);
    }
  }
  if (::chdir("/") != 0) std::abort();
  const auto tenth = static_cast<std::ptrdiff_t>(commands / 10);
  state.counters["command_p50_us"] = median(ours);
  state.counters["floor_p50_us"] = median(floor);
  state.counters["ratio"] = median(ours) / median(floor);
  state.counters["last_tenth_to_first"] =
      (median({ours.end() - tenth, ours.end()}) / median({floor.end() - tenth, floor.end()})) /
      (median({ours.begin(), ours.begin() + tenth}) / median({floor.begin(), floor.begin() + tenth}));
  state.counters["peak_kib"] = static_cast<double>(peak_kib);
}

void a_thousand(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("commands")->Arg(1'000)->Iterations(1)->Unit(benchmark::kMillisecond);
}

void ten_thousand(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("commands")->Arg(10'000)->Iterations(1)->Unit(benchmark::kMillisecond);
}

BENCHMARK_CAPTURE(command_beside, empty_program_at_power, "power", empty_program)->Apply(ten_thousand);
BENCHMARK_CAPTURE(command_beside, empty_program_at_process, "process", empty_program)->Apply(a_thousand);
BENCHMARK_CAPTURE(command_beside, syncing_program_at_power, "power", syncing_program)->Apply(a_thousand);

}  // namespace
}  // namespace pawprint::bench

BENCHMARK_MAIN();
