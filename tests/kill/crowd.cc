#include "kill/crowd.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "client/make_emitter.h"
#include "kill/network_disk.h"
#include "kill/signal_storm.h"
#include "kill/slow_sync.h"

namespace pawprint::testing {
namespace {

// An emission that finds every way taken says so, and its caller tries again.
constexpr std::size_t kAttempts = 50;

std::filesystem::path report_of(const CrowdOrder& order, std::size_t process) {
  return order.receipts / ("process-" + std::to_string(process));
}

int emit_all(const CrowdOrder& order, std::size_t process) {
  Environment environment = process_environment();
  environment.variables["PAWPRINT_HOME"] = order.home;
  environment.directory = order.project;
  NetworkDisk network(*environment.disk);
  if (order.network_home) environment.disk = &network;
  std::optional<SlowDisk> slow;
  if (order.slow_syncs != nullptr) {
    make_syncs_of_sqlite_slow(order.slow_syncs);
    environment.disk = &slow.emplace(*environment.disk, *order.slow_syncs);
  }
  std::optional<SignalStorm> storm;
  if (order.signals) storm.emplace();
  Emitter emitter = client::make_emitter(environment);
  std::ostringstream report;
  for (std::size_t number = 0; number < order.events_each; ++number) {
    Event event;
    event.event_type = "Ping";
    event.aggregate_id = "A" + std::to_string(process);
    event.payload = "{\"number\":" + std::to_string(number) + "}";
    const bool power = order.slow_syncs != nullptr || process % 2 == 0;
    const auto begin = std::chrono::steady_clock::now();
    const Durability durability = power ? Durability::power : Durability::process;
    auto receipt = emitter.emit(event, durability);
    std::size_t refused = 0;
    while (!receipt && receipt.error().kind == ErrorKind::not_stored && ++refused < kAttempts) {
      receipt = emitter.emit(event, durability);
    }
    const auto took = std::chrono::steady_clock::now() - begin;
    if (!receipt) {
      std::cerr << receipt.error().message << "\n";
      return 1;
    }
    report << receipt->event_id << ' ' << receipt->lamport_clock << ' ' << process << ' ' << number << ' '
           << (receipt->where == Where::spill) << ' ' << refused << ' '
           << std::chrono::duration_cast<std::chrono::microseconds>(took).count() << '\n';
  }
  std::ofstream(report_of(order, process)) << report.str();
  if (storm && storm->handled() == 0) {
    std::cerr << "no signal came\n";
    return 1;
  }
  return 0;
}

}  // namespace

pid_t in_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  return child;
}

int exit_code_of_child(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Crowd::Crowd(CrowdOrder order) : order_(std::move(order)) {
  std::filesystem::create_directories(order_.receipts);
  std::array<int, 2> gate{};
  if (::pipe(gate.data()) != 0) std::abort();
  for (std::size_t process = 0; process < order_.processes; ++process) {
    at_it_.push_back(in_child([&] {
      ::close(gate[1]);
      char nothing = 0;
      while (::read(gate[0], &nothing, 1) < 0 && errno == EINTR) {
      }
      return emit_all(order_, process);
    }));
  }
  ::close(gate[0]);
  ::close(gate[1]);
}

bool Crowd::still_at_it() {
  std::erase_if(at_it_, [](pid_t child) { return ::waitpid(child, nullptr, WNOHANG) == child; });
  return !at_it_.empty();
}

std::vector<CrowdReceipt> Crowd::receipts() const {
  for (const pid_t child : at_it_) {
    if (const int code = exit_code_of_child(child); code != 0)
      std::cerr << "a process of the crowd ended with " << code << "\n";
  }
  std::vector<CrowdReceipt> all;
  for (std::size_t process = 0; process < order_.processes; ++process) {
    std::ifstream in(report_of(order_, process));
    CrowdReceipt receipt;
    std::int64_t took = 0;
    while (in >> receipt.event_id >> receipt.lamport >> receipt.process >> receipt.number >>
           receipt.spilled >> receipt.refused >> took) {
      receipt.took = std::chrono::microseconds(took);
      all.push_back(receipt);
    }
  }
  return all;
}

}  // namespace pawprint::testing
