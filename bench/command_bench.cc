// What the whole command `pawprint emit` costs beside a static program that does nothing, in turns.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

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

// range 0: commands. Each is a process of its own, and no agent is ever started.
void command_beside_empty_program(benchmark::State& state, const std::string& durability) {
  const auto commands = static_cast<std::size_t>(state.range(0));
  Workshop workshop;
  workshop.empty_home(100'000'000);
  ::setenv("PAWPRINT_HOME", workshop.home().c_str(), 1);
  if (::chdir(workshop.project().c_str()) != 0) std::abort();
  std::vector<double> ours, floor;
  long peak_kib = 0;
  for (auto _ : state) {
    for (std::size_t command = 0; command < commands; ++command) {
      const Started emit = run_once(emit_words(durability));
      ours.push_back(emit.wall_us);
      peak_kib = std::max(peak_kib, emit.peak_kib);
      floor.push_back(run_once({PAWPRINT_EMPTY_PROGRAM}).wall_us);
    }
  }
  if (::chdir("/") != 0) std::abort();
  const auto tenth = static_cast<std::ptrdiff_t>(commands / 10);
  state.counters["command_p50_us"] = median(ours);
  state.counters["empty_p50_us"] = median(floor);
  state.counters["ratio"] = median(ours) / median(floor);
  state.counters["last_tenth_to_first"] =
      (median({ours.end() - tenth, ours.end()}) / median({floor.end() - tenth, floor.end()})) /
      (median({ours.begin(), ours.begin() + tenth}) / median({floor.begin(), floor.begin() + tenth}));
  state.counters["peak_kib"] = static_cast<double>(peak_kib);
}

BENCHMARK_CAPTURE(command_beside_empty_program, power, "power")
    ->ArgName("commands")
    ->Arg(10'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(command_beside_empty_program, process, "process")
    ->ArgName("commands")
    ->Arg(1'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pawprint::bench

BENCHMARK_MAIN();
