// What a machine and a hub have of a test's events, read from their files beside the programs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace pawprint::testing {

// The receipts: event_id -> Lamport value.
using Promised = std::map<std::string, std::uint64_t>;

struct Holding {
  std::string event_id;
  std::uint64_t lamport = 0;
  std::string data;
};

struct Holdings {
  std::vector<Holding> waiting;  // pending or parked in the queue, or in the spill
  std::vector<Holding> settled;  // the hub is said to have them
};

Holdings holdings_of(const std::filesystem::path& home);
// In the order of the log.
std::vector<Holding> log_of(const std::filesystem::path& hub_data);

// "ok", or what SQLite finds. The file must be there.
std::string integrity_of(const std::filesystem::path& database);

// Moves the WAL into the database, so that damage done to the file is seen.
void empty_wal_of(const std::filesystem::path& database);

// Expects that every promised event waits on the machine or is at the hub, that no Lamport value of the home
// stands for two events, that the hub has nothing twice and that both databases are whole.
void expect_nothing_lost(const std::filesystem::path& home, const std::filesystem::path& hub_data,
                         const Promised& promised);

}  // namespace pawprint::testing
