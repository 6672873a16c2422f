// What the senders of events were told, and the laws that hold between that and what the hub keeps, whatever
// broke meanwhile. docs/faults.md names the laws.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "harness/sandbox.h"
#include "net/http_client.h"

namespace pawprint::testing {

// Of a whole batch answer: how many of each.
struct Verdicts {
  std::size_t success = 0;
  std::size_t duplicate = 0;
  std::size_t error = 0;
};

// Thread-safe.
class Ledger {
 public:
  // Law O3: an answer of 200 has one verdict per event, in their order, and no id that the team was told is
  // stored is refused later with the same content. What is no 200, or no answer, says nothing of any event.
  Verdicts note(const std::string& team_slug, std::span<const std::string> events,
                const Result<net::HttpAnswer>& answer);

  // So many ids were answered success or duplicate.
  std::size_t acknowledged() const;
  bool is_acknowledged(const std::string& team_slug, const std::string& event_id) const;

  // Law O1: every acknowledged id is in the log. O2: once, and what is there is the content that was
  // acknowledged first, with its hash. O6: in the log of its team, which holds nothing that names another
  // one. The seq of each team has no gap. The hub may be running.
  void expect_kept(const fs::path& hub_data) const;

  // After a hub was replaced by its backup: what it lost is not promised any more.
  void forget();

 private:
  using Id = std::pair<std::string, std::string>;  // team, event
  mutable std::mutex mutex_;
  std::map<Id, Digest> acknowledged_;  // content hash
  std::map<Id, std::size_t> successes_;
};

// Law O5, and the rest that the hub can say of itself: `pawprint-hub verify` finds the log whole and the
// board to be its fold.
void expect_whole(const Hub& hub);

struct LogRow {
  std::string team_slug;
  std::uint64_t seq = 0;
  std::string event_id;
  std::string body;
  std::string body_hash;
};

// In the order of the log, team by team.
std::vector<LogRow> rows_of_log(const fs::path& hub_data);

}  // namespace pawprint::testing
