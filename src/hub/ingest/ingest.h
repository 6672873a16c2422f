// Batch ingest (docs/protocol.md): check -> classify -> append -> verdicts, one per event, in order.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock_source.h"
#include "hub/store/store.h"
#include "protocol/batch.h"

namespace pawprint::hub::ingest {

// Who sends; everything comes from the token, nothing from the body.
struct Caller {
  std::string team_id;
  std::string team_slug;
  std::string user_id;
  std::string role;
};

struct IngestAnswer {
  int status = 200;  // HTTP
  std::string body;  // JSON
  std::vector<std::pair<std::string, std::string>> headers;
  std::string failure = {};  // for the hub's log: what the store said; empty unless the status is 5xx
};

// Thread-safe. Store and clock outlive it.
class Ingest {
 public:
  Ingest(store::Store& store, ClockSource& clock) : store_(store), clock_(clock) {}

  // `body` is inflated already. Blocks for one synchronous write. Statuses: 200 with one result per event;
  // 400 the frame cannot be cut; 403 the caller may not write, or every event names another team; 413 too
  // many events or bytes; 503 the store could not, nothing was acknowledged.
  IngestAnswer batch(const Caller& caller, std::string_view body);

 private:
  // Appends what passed the checks and completes the verdicts at `places`.
  IngestAnswer store_all(const Caller& caller, std::vector<protocol::Verdict> verdicts,
                         std::span<const store::NewEvent> events, std::span<const std::size_t> places);
  store::Store& store_;
  ClockSource& clock_;
};

}  // namespace pawprint::hub::ingest
