// Batch ingest (docs/protocol.md): check -> classify -> append -> verdicts, one per event, in order.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock_source.h"
#include "hub/ingest/quota.h"
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
  std::vector<protocol::Verdict> verdicts = {};  // that the body has, one per event; else empty
  std::string failure = {};  // for the hub's log: what the store said; empty unless the status is 5xx
};

// Told the verdicts of each batch. From several threads at once; must be quick.
using OnVerdicts = std::function<void(std::span<const protocol::Verdict>)>;

// Thread-safe. Store and clock outlive it.
class Ingest {
 public:
  Ingest(store::Store& store, ClockSource& clock, const QuotaLimits& quota = {}, OnVerdicts on_verdicts = {})
      : store_(store), clock_(clock), quotas_(clock, quota), on_verdicts_(std::move(on_verdicts)) {}

  // `body` is inflated already, and kept in memory with what is new of it. Blocks for one synchronous write.
  // Statuses: 200 with one result per event; 400 the frame cannot be cut; 403 the caller may not write, or
  // every event names another team; 413 too many events or bytes; 429 the team is over its quota, nothing was
  // stored; 503 the store could not, nothing was acknowledged.
  IngestAnswer batch(const Caller& caller, std::string body);

  // As batch(), of texts that came one by one: each is one event or refused, whatever stands in it. Statuses
  // are those of a frame that could be cut: 200, 403, 429, 503.
  IngestAnswer one_by_one(const Caller& caller, std::span<const std::string> texts);

 private:
  IngestAnswer take(const Caller& caller, const std::shared_ptr<const std::string>& whole,
                    std::span<const std::string_view> slices);

  store::Store& store_;
  ClockSource& clock_;
  Quotas quotas_;
  OnVerdicts on_verdicts_;
};

}  // namespace pawprint::hub::ingest
