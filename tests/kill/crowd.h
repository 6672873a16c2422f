// Processes that emit into one home at the same time, each through an emitter of its own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "harness/size.h"
#include "kill/slow_sync.h"

namespace pawprint::testing {

// Forked; ends without exit handlers when `work` returns, with its value as exit code.
pid_t in_child(const std::function<int()>& work);
int exit_code_of_child(pid_t child);  // waits; 128 + n for a signal

struct CrowdOrder {
  std::filesystem::path home;
  std::filesystem::path project;
  std::filesystem::path receipts;  // a directory for what the processes report
  std::size_t processes = 8;
  std::size_t events_each = 0;
  SyncsAtOnce* slow_syncs = nullptr;  // every sync takes long; those of the WAL are counted there
  bool signals = false;               // each process is under a storm of them
  bool network_home = false;          // on a file system that several machines may use, as the disk tells
};

struct CrowdReceipt {
  std::string event_id;
  std::uint64_t lamport = 0;
  std::size_t process = 0;
  std::size_t number = 0;  // within its process, from 0
  bool spilled = false;
  std::size_t refused = 0;  // times that every way was taken, and the emission was tried again
  std::chrono::microseconds took{0};
};

class Crowd {
 public:
  explicit Crowd(CrowdOrder order);  // all begin at once
  bool still_at_it();
  // When all have ended. A process that could not emit has fewer receipts than were ordered.
  std::vector<CrowdReceipt> receipts() const;

 private:
  CrowdOrder order_;
  std::vector<pid_t> at_it_;
};

}  // namespace pawprint::testing
